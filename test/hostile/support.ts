// A studio whose people run modified programs: real calls with the running appliance, without a browser.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { monotonicMs } from '../../server/clock/index.ts';
import type {
  HubMessage,
  MediaTransport,
  Outcome,
  PageRequest,
  Receipt,
  Side,
  Tariff,
} from '../../server/contract/index.ts';
import { ForwardedTime } from '../../server/media/process/forwarded-time.ts';
import { Database } from '../../server/store/database.ts';
import { runningPostgres } from '../../server/store/embedded/supervisor.ts';
import { TestAppliance } from '../support/appliance.ts';
import { ModelledUplink } from '../support/modelled-uplink.ts';
import { TestSocket } from '../support/page-socket.ts';
import { quiet } from '../support/store.ts';
import { type MediaEnd, RtcEnd, SessionEnd, type What } from './media-ends.ts';

/** No trick gets more media than this past what is paid and what the law lets pass (charging rules). */
export const FREE_MS_MAX = 5_000;
export const RATE_MINOR = 200;
const CREDIT_MINOR = 100_000;
/** An honest side: packets of sound and picture. */
const HONEST_MS = 40;
const PACKET_BYTES = 200;
const SETTLED_MS_MAX = 30_000;
const UNIT_MS: Record<Tariff, number> = { per_minute: 60_000, per_second: 1_000 };

/** Calls at a time: the sessions of a process that stands still for a second and a half are lost. */
export const CALLS_AT_A_TIME: Record<MediaTransport, number> = { webrtc: 30, webtransport: 3 };

let openStudios = 0;

/** What a studio needs of a test, or of a bench. */
type Surroundings = Pick<Test, 'teardown' | 'passing' | 'comment'>;

type Of<T extends HubMessage['type']> = Extract<HubMessage, { type: T }>;

/** What a call came to: by the peer's own packets, by the meter log, and by the row. */
export interface CallResult {
  readonly outcome: Outcome;
  readonly endedBy: Side | null;
  readonly agrees: boolean;
  readonly billableMs: number;
  readonly chargedMinor: number;
  /** Time that is paid: whole units. */
  readonly paidMs: number;
  readonly beyondMs: number;
  /** Of the log's line `media`. */
  readonly forwardedMs: number;
  readonly lawfulMs: number;
  /** How long media reached the client while the call was live, by its own clock. */
  readonly receivedMs: number;
  readonly receivedPackets: number;
}

export interface StudioTerms {
  readonly tariff: Tariff;
  readonly transport: MediaTransport;
  /** Whole minutes; none where it is not said. */
  readonly minimumMin?: number;
}

/** A line of a call's meter log, as it stands in the database. */
export interface LogLine {
  readonly seq: number;
  readonly kind: string;
  readonly monoMs: number;
  readonly billableMs: number;
  readonly detail: Record<string, unknown>;
}

/** An appliance with one tariff, and its database. */
export class HostileStudio {
  readonly appliance: TestAppliance;
  readonly #operator: string;
  readonly #database: Database;
  readonly #tariff: Tariff;
  readonly #minimumMin: number;
  readonly transport: MediaTransport;
  #people = 0;

  private constructor(appliance: TestAppliance, operator: string, database: Database, terms: StudioTerms) {
    this.appliance = appliance;
    this.#operator = operator;
    this.#database = database;
    this.#tariff = terms.tariff;
    this.#minimumMin = terms.minimumMin ?? 0;
    this.transport = terms.transport;
  }

  static async open(
    t: Surroundings,
    terms: StudioTerms,
    settings: Record<string, string> = {},
  ): Promise<HostileStudio> {
    const appliance = new TestAppliance({
      PARLOUR_MONEY_TARIFF: terms.tariff,
      PARLOUR_MEDIA_TRANSPORT: terms.transport,
      PARLOUR_MEDIA_WEB_TRANSPORT_PORT: '0',
      // No probes, unless a test is about them.
      PARLOUR_METER_SLOW_LINK_KBPS: '0',
      ...settings,
    });
    await appliance.start();
    const place = runningPostgres(appliance.data);
    if (!place) throw new Error('the appliance has no database');
    const database = new Database(place, { connections: 2, log: quiet });
    t.teardown(async () => {
      if (!t.passing()) t.comment(appliance.log);
      database.close();
      await appliance.end();
      openStudios -= 1;
      // The native library keeps the process that has used it.
      if (openStudios === 0) setTimeout(() => process.exit(), 500);
    });
    openStudios += 1;
    const studio = new HostileStudio(appliance, await appliance.becomeOperator(), database, terms);
    if (terms.transport === 'webtransport') await studio.#warmUp(t);
    return studio;
  }

  /** The first session takes several times as long as any other: it is an honest one, and nothing is asked of it. */
  async #warmUp(t: Surroundings): Promise<void> {
    const call = await this.call(t);
    await call.confirm();
    const isUp = ({ type }: HubMessage) => type === 'media.start';
    await Promise.all([call.client.socket.seen(isUp), call.model.socket.seen(isUp)]);
    await call.client.say({ type: 'call.hangUp', callId: call.callId });
  }

  /** A model who takes calls, or a client with credit. */
  async party(side: Side, creditMinor = CREDIT_MINOR): Promise<HostileParty> {
    const { appliance } = this;
    const n = ++this.#people;
    const { personId, linkUrl } = await appliance.makePerson(this.#operator, side, `${side}${n}`);
    const cookie = await appliance.signIn(linkUrl, `127.0.1.${n}`);
    if (side === 'client') await appliance.addCredit(this.#operator, personId, creditMinor);
    else {
      const profile = { rateMinor: RATE_MINOR, minimumMin: this.#minimumMin, about: '', languages: [], tags: [] };
      await appliance.request('PUT', '/api/profile', { cookie, body: profile });
      await appliance.request('PUT', '/api/availability', { cookie, body: { hours: 1 } });
    }
    return HostileParty.open(this, cookie, personId, side);
  }

  /** What is durable of a call's meter log. */
  async logOf(callId: number): Promise<LogLine[]> {
    const lines = await this.#database.query(
      `select seq, kind, mono_ms as "monoMs", billable_ms as "billableMs", detail from meter_log
        where call_id = $1 order by seq`,
      [callId],
    );
    return lines as unknown as LogLine[];
  }

  /** What the client has left, in minor units. */
  creditOf(client: HostileParty): Promise<number> {
    return this.appliance.balance(this.#operator, client.personId);
  }

  /** Takes a client's credit down, in a live call, too. */
  leaveCredit(client: HostileParty, amountMinor: number): Promise<number> {
    return this.appliance.leaveCredit(this.#operator, client.personId, amountMinor);
  }

  /** A client and a model of their own for one trick; their pages close with it. */
  async call(t: Pick<Surroundings, 'teardown'>, creditMinor?: number): Promise<HostileCall> {
    const [client, model] = [await this.party('client', creditMinor), await this.party('model')];
    const call = new HostileCall(this, client, model);
    t.teardown(() => call.close());
    return call;
  }

  /** The receipt of a call that is over. */
  receipt(callId: number): Promise<Receipt> {
    return this.appliance.receipt(this.#operator, callId);
  }

  /** After main was killed: the appliance starts on what is durable. */
  async startAgain(): Promise<void> {
    await this.appliance.start();
  }

  /** Every statement that posts charges takes so long to commit from now on, however many it posts. */
  async delayCommits(ms: number): Promise<void> {
    await this.#database.query('drop trigger if exists slow_commit on ledger_transfer');
    if (ms === 0) return;
    await this.#database.query(
      `create or replace function slow_commit() returns trigger language plpgsql as
       $$ begin
            if current_setting('slow_commit.of', true) is distinct from txid_current()::text then
              perform set_config('slow_commit.of', txid_current()::text, false), pg_sleep(${ms / 1_000});
            end if;
            return null;
          end $$`,
    );
    await this.#database.query(
      `create constraint trigger slow_commit after insert on ledger_transfer
       deferrable initially deferred for each row when (new.kind = 'charge') execute function slow_commit()`,
    );
  }

  /**
   * How many units a call was charged, and how often its picture stood since the ledger had not answered in time. Before
   * the first unit is paid there is no picture to stand.
   */
  async linesOf(callId: number): Promise<{ charged: number; ledgerWait: number }> {
    const [counts] = await this.#database.query<{ charged: number; ledgerWait: number }>(
      `select count(*) filter (where kind = 'charged') as charged,
              count(*) filter (
                where kind = 'paused' and detail->>'reason' = 'ledger_wait' and billable_ms > 0
              ) as "ledgerWait"
         from meter_log where call_id = $1`,
      [callId],
    );
    return counts as { charged: number; ledgerWait: number };
  }

  /**
   * Until when a call was paid by what was posted before, on the monotonic clock.
   * @returns null when its meter stood then
   */
  async paidUntilMs(callId: number, before: Date): Promise<number | null> {
    const [row] = await this.#database.query<{ kind: string; monoMs: number; billableMs: number; units: number }>(
      `select kind, mono_ms as "monoMs", billable_ms as "billableMs",
              (select count(*) from ledger_transfer where call_id = $1 and kind = 'charge' and at < $2) as units
         from meter_log where call_id = $1 and kind in ('started', 'paused', 'resumed') and at < $2
        order by seq desc limit 1`,
      [callId, before],
    );
    if (!row || row.kind === 'paused') return null;
    return row.monoMs + row.units * UNIT_MS[this.#tariff] - row.billableMs;
  }

  /** What a call that is over came to, once it is settled. */
  async result(callId: number, client: HostileParty): Promise<CallResult> {
    for (const giveUpAtMs = performance.now() + SETTLED_MS_MAX; ; await sleep(50)) {
      const [row] = await this.#database.query(
        `select outcome, ended_by as "endedBy", agrees, billable_ms as "billableMs", charged_minor as "chargedMinor",
                media_beyond_ms as "beyondMs",
                (select detail from meter_log where call_id = id and kind = 'media') as media,
                (select count(*) from meter_log where call_id = id and kind = 'charged') as units
           from call where id = $1 and agrees is not null`,
        [callId],
      );
      if (row) {
        const { media, units, ...rest } = row as unknown as CallResult & { media: object; units: number };
        const paidMs = Number(units) * UNIT_MS[this.#tariff];
        return { ...rest, ...media, paidMs, receivedMs: client.liveMs, receivedPackets: client.livePackets };
      }
      if (performance.now() > giveUpAtMs) throw new Error(`call ${callId} was not settled`);
    }
  }
}

/** A person's program: says on the hub and sends as media whatever the test has it do. */
export class HostileParty {
  readonly socket: TestSocket;
  readonly personId: number;
  readonly side: Side;
  readonly #studio: HostileStudio;
  readonly #cookie: string;
  callId = 0;
  /** The newest leg that was offered. */
  legId = 0;
  /** The way that its media takes; null before a leg was offered. */
  transport: MediaTransport | null = null;
  /** How it answers probes. */
  readonly uplink = new ModelledUplink((message) => this.say(message));
  /** Whether it answers what it is offered. */
  isAnswering = true;
  readonly #ends: MediaEnd[] = [];
  #end: MediaEnd | null = null;
  #plan: NodeJS.Timeout | null = null;
  #switches: NodeJS.Timeout | null = null;
  readonly #received = new ForwardedTime();
  receivedPackets = 0;
  /** When the last packet came, on the machine's monotonic clock. */
  lastPacketMs = 0;
  #before = { ms: 0, packets: 0 };

  private constructor(
    studio: HostileStudio,
    cookie: string,
    socket: TestSocket,
    place: { personId: number; side: Side },
  ) {
    this.#studio = studio;
    this.#cookie = cookie;
    this.socket = socket;
    this.personId = place.personId;
    this.side = place.side;
    socket.onMessage = (message) => {
      this.uplink.receive(message);
      if (message.type === 'media.offer' || message.type === 'media.session') void this.#answer(message);
    };
  }

  static async open(studio: HostileStudio, cookie: string, personId: number, side: Side): Promise<HostileParty> {
    const socket = await TestSocket.open(studio.appliance, cookie);
    const party = new HostileParty(studio, cookie, socket, { personId, side });
    await party.say({ type: 'media.able', webTransport: studio.transport === 'webtransport' });
    return party;
  }

  /** Another page of the same person. */
  again(): Promise<HostileParty> {
    return HostileParty.open(this.#studio, this.#cookie, this.personId, this.side);
  }

  /** How long media has come since the call went live: a longer gap between two packets than a second is none. */
  get liveMs(): number {
    return Math.round(this.#received.ms - this.#before.ms);
  }

  get livePackets(): number {
    return this.receivedPackets - this.#before.packets;
  }

  /** What came until now was the confirmation's. */
  isLive(): void {
    this.#before = { ms: this.#received.ms, packets: this.receivedPackets };
  }

  say(message: PageRequest): Promise<Of<'ok'> | Of<'error'>> {
    return this.socket.ask(message);
  }

  /** Says it and does not wait: a call that is over answers nothing any more. */
  sendToHub(message: PageRequest): void {
    this.say(message).catch(() => {});
  }

  /** Sends so many packets at a time from now on; it forgets what it sent before. */
  send(everyMs: number, { packets = 1, bytes = PACKET_BYTES, what = 'media' as What } = {}): void {
    this.silence();
    this.#plan = setInterval(() => {
      for (let n = 0; n < packets; n++) this.#end?.send(bytes, what);
    }, everyMs);
  }

  sendHonestly(): void {
    this.send(HONEST_MS);
  }

  silence(): void {
    if (this.#plan) clearInterval(this.#plan);
    this.#plan = null;
  }

  /** Says on the hub what its switches are. */
  switches(isOff: boolean): void {
    this.sendToHub({ type: 'call.mute', callId: this.callId, isMuted: isOff, isCameraOff: isOff });
  }

  /** As a page of ours repeats it. */
  repeatSwitches(isOff: boolean): void {
    this.switches(isOff);
    this.#switches = setInterval(() => this.switches(isOff), 500);
  }

  stopSwitches(): void {
    if (this.#switches) clearInterval(this.#switches);
  }

  close(): void {
    this.silence();
    this.stopSwitches();
    for (const end of this.#ends) end.close();
    this.uplink.close();
    this.socket.close();
  }

  async #answer(offered: Of<'media.offer'> | Of<'media.session'>): Promise<void> {
    const { legId } = offered;
    this.legId = legId;
    this.callId = offered.callId;
    this.transport = offered.type === 'media.session' ? 'webtransport' : 'webrtc';
    if (!this.isAnswering) return;
    const onMedia = () => this.#took();
    if (offered.type === 'media.session') return this.#use(await SessionEnd.open(offered, onMedia));
    const ownCandidates = this.socket.seen(
      (message) => message.type === 'media.candidates' && message.legId === legId,
      60_000,
    );
    this.#use(
      await RtcEnd.open(offered, {
        answer: (sdp) => this.say({ type: 'media.answer', legId, sdp }),
        candidates: ownCandidates.then((message) => (message as Of<'media.candidates'>).candidates),
        onMedia,
        queueMs: () => this.uplink.queueMs,
      }),
    );
  }

  #use(end: MediaEnd): void {
    this.#ends.push(end);
    this.#end = end;
  }

  #took(): void {
    this.receivedPackets += 1;
    this.lastPacketMs = monotonicMs();
    this.#received.take(performance.now());
  }
}

/** One call between two such people. */
export class HostileCall {
  readonly #studio: HostileStudio;
  readonly client: HostileParty;
  readonly model: HostileParty;
  callId = 0;

  constructor(studio: HostileStudio, client: HostileParty, model: HostileParty) {
    this.#studio = studio;
    this.client = client;
    this.model = model;
  }

  /** Rings and accepts: the confirmation. */
  async confirm(): Promise<void> {
    const rung = await this.client.say({ type: 'call.ring', modelId: this.model.personId });
    if (rung.type !== 'ok' || rung.callId === undefined) throw new Error(JSON.stringify(rung));
    this.callId = this.client.callId = this.model.callId = rung.callId;
    await this.model.say({ type: 'call.accept', callId: this.callId });
  }

  /** Both press Connect. What they send by then, they go on sending. */
  async goLive(): Promise<void> {
    await this.confirm();
    await this.model.say({ type: 'call.connect', callId: this.callId });
    await this.client.say({ type: 'call.connect', callId: this.callId });
    await this.client.socket.call((view) => view.callId === this.callId && view.state === 'live');
    this.client.isLive();
    this.#mustGoAsWanted();
  }

  /** A machine that is too busy loses sessions, and their calls go on over WebRTC: that says nothing of this trick. */
  #mustGoAsWanted(): void {
    const { transport } = this.#studio;
    for (const party of [this.client, this.model])
      if (party.transport !== transport) throw new Error(`the ${party.side}'s media went over ${party.transport}`);
  }

  async isCharging(waitMs?: number): Promise<void> {
    await this.client.socket.call((view) => view.meter?.state === 'charging', waitMs);
  }

  async isPaused(waitMs?: number): Promise<void> {
    await this.client.socket.call((view) => view.meter?.state === 'not_charging', waitMs);
  }

  /** Both programs end. */
  close(): void {
    this.client.close();
    this.model.close();
  }

  /** By its own doing, however long that takes. */
  async isOver(waitMs: number): Promise<CallResult> {
    const isEnd = (message: HubMessage) =>
      message.type === 'call' && message.call.callId === this.callId && message.call.state === 'ended';
    await this.client.socket.seen(isEnd, waitMs);
    return this.#studio.result(this.callId, this.client);
  }

  async hangUp(by: Side = 'client'): Promise<CallResult> {
    this.#mustGoAsWanted();
    await this[by].say({ type: 'call.hangUp', callId: this.callId });
    return this.#studio.result(this.callId, this.client);
  }
}

/** The budget of what is unpaid holds, by the client's own packets and by the appliance's count. */
export function holdsBudget(t: Test, result: CallResult): void {
  const { agrees, beyondMs, forwardedMs, lawfulMs, receivedMs, paidMs, chargedMinor } = result;
  t.comment(
    `received ${receivedMs} ms, forwarded ${forwardedMs}, lawful ${lawfulMs}, paid ${paidMs} (${chargedMinor})`,
  );
  t.ok(agrees, 'receipt, ledger and log agree');
  t.equal(beyondMs, 0, 'the row names nothing beyond the law');
  t.ok(forwardedMs - lawfulMs <= FREE_MS_MAX, `forwarded ${forwardedMs} ms of ${lawfulMs} lawful`);
  t.ok(receivedMs - lawfulMs <= FREE_MS_MAX, `received ${receivedMs} ms of ${lawfulMs} lawful`);
}

/** All that it got is paid, but for what was free by the law: a busy machine makes pauses of its own. */
export function paysForAll(t: Test, { receivedMs, paidMs, lawfulMs, billableMs }: CallResult): void {
  const freeMs = lawfulMs - billableMs;
  t.ok(receivedMs <= paidMs + freeMs, `received ${receivedMs} ms, paid ${paidMs}, free ${freeMs}`);
}

/** Both send as they should, and the meter runs. */
export async function charging(call: HostileCall): Promise<void> {
  call.model.sendHonestly();
  call.client.sendHonestly();
  await call.goLive();
  await call.isCharging();
}
