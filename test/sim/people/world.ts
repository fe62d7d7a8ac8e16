// Two to six people with their devices, the real runner of the calls and the real meter, on a clock that
// can be moved: what people press, rightly or wrongly, twice, late or never; pages, legs, media and main
// that vanish; a wall clock that jumps.
import type FakeTimers from '@sinonjs/fake-timers';
import type { Calls } from '../../../server/calls/index.ts';
import type { CallRecord } from '../../../server/calls/records.ts';
import { monotonicMs } from '../../../server/clock/index.ts';
import {
  type CallId,
  type PersonId,
  type Role,
  type Side,
  type Tariff,
  toMinor,
  UserError,
} from '../../../server/contract/index.ts';
import type { Connection } from '../../../server/hub/index.ts';
import { StoreUnavailable } from '../../../server/store/index.ts';
import type { Random } from '../core/random.ts';
import { LINE_TICK_MS, type Line, type Sending, type Uplink } from './lines.ts';
import type { ProbeOrder } from './pages.ts';
import { Fault, RATE_MINOR, Rows } from './rows.ts';
import { Run } from './run.ts';
import { SecondBook, type SideTruth } from './second-book.ts';

/** How often main sweeps. */
const SWEEP_MS = 60_000;
const SLOW_LINK_KBPS = 12_000;
/** A single look is enough to be asked about, and few rings to be too many: few people here have more patience. */
const RINGS = { looksMax: 1, ringsPerMinuteMax: 4 };
/** Longer than the grace. */
const GRACE_OVER_MS = 310_000;
/** How long a page takes for a burst. */
const BURST_MS = 500;
/** Long enough for every timer of a call, grace and recovery included. */
const SILENCE_MS = 12 * 60_000;

type Clock = ReturnType<typeof FakeTimers.install>;

interface Person {
  readonly personId: PersonId;
  readonly role: Role;
}

export interface PeopleTally {
  steps: number;
  calls: number;
  crashes: number;
  readonly outcomes: Map<string, number>;
  readonly answers: Map<string, number>;
  /** What was met of what a call can meet: pause reasons, lines of the log, faults. */
  readonly met: Map<string, number>;
}

const tally = (counts: Map<string, number>, what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

export class PeopleWorld {
  readonly trace: string[] = [];
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #core: WebAssembly.Module;
  readonly #rows = new Rows();
  readonly #book = new SecondBook(this.#rows);
  /** What each person's line does. */
  readonly #lines = new Map<PersonId, Line>();
  /** The page of each side that takes part, by call: as the people know it. */
  readonly #taking = new Map<CallId, Record<Side, number | null>>();
  readonly #people: Person[];
  readonly #tariff: Tariff;
  readonly #minimumMin: number;
  readonly #tally: PeopleTally;
  #run!: Run;
  #intervals: { readonly ticking: NodeJS.Timeout; readonly sweeping: NodeJS.Timeout } | null = null;
  readonly #errors: string[] = [];
  /** Main is dead: nobody hears what pages send. */
  #isDown = false;
  #awayUntilMs = Number.NEGATIVE_INFINITY;
  #lastCallId = 0;
  #tipKey = 0;

  constructor(random: Random, clock: Clock, core: WebAssembly.Module, total: PeopleTally) {
    this.#random = random;
    this.#clock = clock;
    this.#core = core;
    this.#tally = total;
    const models = random.whole(1, 3);
    const clients = random.whole(1, 3);
    this.#tariff = random.pick<Tariff>('per_minute', 'per_second');
    this.#minimumMin = random.pick(0, 0, 1, 3);
    this.#people = Array.from({ length: models + clients }, (_, index) => ({
      personId: index + 1,
      role: index < models ? 'model' : 'client',
    }));
    for (const { personId, role } of this.#people) {
      this.#lines.set(personId, { sending: this.#habit() });
      if (role === 'client')
        this.#rows.give(personId, random.pick(0, RATE_MINOR / 20, RATE_MINOR, RATE_MINOR, RATE_MINOR * 30));
    }
  }

  /** Opens the house on what is durable. */
  async open(): Promise<void> {
    const isModel = (id: PersonId) => this.#people.some(({ personId, role }) => personId === id && role === 'model');
    const limits = { slowLinkKbps: SLOW_LINK_KBPS, rings: RINGS };
    const terms = { tariff: this.#tariff, minimumMin: this.#minimumMin, ...limits, isModel };
    const run = new Run(this.#core, this.#rows, terms, this.#lines, (line) => this.#logged(line));
    const ticking = setInterval(() => this.#tick(), LINE_TICK_MS);
    const sweeping = setInterval(() => void this.#sweepByTheMinute(run.calls), SWEEP_MS);
    this.#run = run;
    run.pages.onProbe = (connectionId, order) => this.#burst(run, connectionId, order);
    this.#intervals = { ticking, sweeping };
    await this.#while(run.calls.recover());
    for (const { personId } of this.#people) if (this.#random.chance(0.9)) this.#connect(personId);
  }

  /** Something happens, and what must hold is looked at. */
  async step(): Promise<void> {
    this.#tally.steps += 1;
    const random = this.#random;
    const act = random.whole(0, 99);
    const states = new Set(this.#rows.open().map(({ state }) => state));
    if (states.has('suspended') && random.chance(0.15)) await this.#inGrace();
    else if (states.has('live') && random.chance(0.04)) await this.#pass(random.pick(4_000, 15_000, 61_000));
    else if (act < 4) await this.#socket();
    else if (act < 58) await this.#press();
    else if (act < 84) this.#media();
    else if (act < 95)
      await this.#pass(random.chance(0.1) ? random.pick(20_000, 61_000) : random.pick(1, 10, 300, 900, 4_000));
    else if (act < 96) await (random.chance(0.4) ? this.#crash() : this.#pass(1));
    else if (act < 97) this.#disturb();
    else if (act < 98) await this.#sweep('while it runs');
    else this.#giveCredit();
    await this.#pass(0);
    this.check();
  }

  /** Everybody has gone: everything must come to its end by itself, and nobody is held by anything. */
  async end(): Promise<void> {
    this.#rows.isAway = false;
    for (const connectionId of [...this.#run.pages.open.keys()]) this.#disconnect(connectionId);
    await this.#pass(SILENCE_MS);
    this.check();
    const [stuck] = this.#rows.open();
    if (stuck) throw new Fault(`left alone, call ${stuck.callId} sticks in ${stuck.state}`);
    for (const call of this.#rows.calls.values()) {
      if (call.liveAt && call.agrees === null)
        throw new Fault(`call ${call.callId} was never settled: ${JSON.stringify(this.#rows.logs.get(call.callId))}`);
      tally(this.#tally.outcomes, call.outcome ?? 'none');
    }
    this.#tally.calls += this.#rows.calls.size;
    for (const line of [...this.#rows.logs.values()].flat()) {
      tally(this.#tally.met, line.kind);
      if (line.kind === 'paused') tally(this.#tally.met, `paused ${line.detail.reason}`);
      if (line.kind === 'probed') tally(this.#tally.met, `probed ${line.detail.verdict}`);
    }
    await this.#sweep('at the end');
    for (const { personId } of this.#people) {
      if (this.#run.calls.isInCall(personId)) throw new Fault(`person ${personId} is held by a call that is over`);
    }
    this.stop();
  }

  /**
   * A row that no call stands for, as a statement whose answer was lost can leave it.
   * @returns what the sweep says of it, and how the row ends
   */
  async sweepLostRow(): Promise<{ found: string[]; outcome: string | null }> {
    clearInterval(this.#intervals?.sweeping);
    const record = await this.#rows.records.insert({
      clientId: this.#people.at(-1)?.personId ?? 0,
      modelId: 1,
      rateMinor: RATE_MINOR,
      minimumMin: 0,
      tariff: 'per_minute',
      sharePercent: 60,
    });
    await this.#pass(SILENCE_MS);
    const found: string[] = [];
    await this.#while(this.#run.calls.sweep().then((all) => found.push(...all)));
    await this.#pass(SILENCE_MS);
    const { outcome } = await this.#rows.records.read(record.callId);
    this.stop();
    return { found, outcome };
  }

  stop(): void {
    clearInterval(this.#intervals?.ticking);
    clearInterval(this.#intervals?.sweeping);
    this.#run.kill();
  }

  /** What must hold at any time. */
  check(): void {
    const { media, meter } = this.#run;
    const open = this.#rows.open();
    for (const { state } of open) tally(this.#tally.met, `state ${state}`);
    const held = open.flatMap(({ clientId, modelId }) => [clientId, modelId]);
    if (new Set(held).size !== held.length) throw new Fault(`a person is in two calls: ${held}`);
    for (const call of open) {
      const figures = meter.figures(call.callId);
      if (figures?.state === 'charging' && figures.billableMs > 0 && !media.isFlowing(call.callId)) {
        throw new Fault(`call ${call.callId} is charged without media from both`);
      }
      if ((call.state === 'ringing' || call.state === 'confirming') && figures) {
        throw new Fault(`call ${call.callId} is ${call.state} and has a meter`);
      }
      if (media.shut.get(call.callId)?.size) tally(this.#tally.met, 'gate shut');
      if (call.state === 'suspended' && (media.leases.get(call.callId) ?? 0) > monotonicMs()) {
        throw new Fault(`media of call ${call.callId} may flow in the grace`);
      }
    }
    for (const { callId, state } of this.#rows.calls.values()) {
      if (state === 'ended' && (media.leases.get(callId) ?? 0) > 0)
        throw new Fault(`call ${callId} is over and has a lease`);
    }
    for (const { callId, agrees } of this.#rows.calls.values()) {
      if (agrees === false)
        throw new Fault(`log, ledger and core of call ${callId} disagree\n${this.#rows.logLines(callId)}`);
    }
    this.#checkMoney();
    this.#book.check();
    const [error] = this.#errors;
    if (error) throw new Fault(`the log has an error: ${error}`);
  }

  #checkMoney(): void {
    const sum = (amounts: Iterable<number>) => [...amounts].reduce((total, amount) => total + amount, 0);
    const { credit, earned, given, revenue } = this.#rows;
    for (const [personId, amount] of credit) if (amount < 0) throw new Fault(`person ${personId} has ${amount}`);
    if (sum(credit.values()) + sum(earned.values()) + revenue !== sum(given.values()))
      throw new Fault('money is lost or made');
  }

  async #socket(): Promise<void> {
    const connections = [...this.#run.pages.open.keys()];
    if (connections.length > 0 && this.#random.chance(0.4)) {
      this.#note('a page goes');
      return this.#disconnect(this.#random.pick(...connections));
    }
    const person = this.#random.pick(...this.#people);
    this.#note(`a page of ${person.personId} comes`);
    this.#connect(person.personId);
  }

  #connect(personId: PersonId): void {
    const { pages, calls } = this.#run;
    calls.pageOpened(this.#connectionOf(pages.connect(personId)));
  }

  #disconnect(connectionId: number): void {
    const { pages, calls } = this.#run;
    const connection = this.#connectionOf(connectionId);
    pages.open.delete(connectionId);
    for (const taking of this.#taking.values()) {
      if (taking.client === connectionId) taking.client = null;
      if (taking.model === connectionId) taking.model = null;
    }
    calls.pageClosed(connection);
  }

  #connectionOf(connectionId: number): Connection {
    const personId = this.#run.pages.open.get(connectionId) as PersonId;
    const { role } = this.#people[personId - 1] as Person;
    return { connectionId, personId, role, session: `${personId}`, address: '192.0.2.1' };
  }

  /** Somebody presses something: mostly what fits, sometimes anything; sometimes twice, sometimes too late. */
  async #press(): Promise<void> {
    const random = this.#random;
    const { pages } = this.#run;
    const connections = [...pages.open.keys()];
    if (connections.length === 0) return;
    const connectionId = random.pick(...connections);
    const from = this.#connectionOf(connectionId);
    const act = this.#choose(from);
    if (!act) return;
    const [what, run] = act;
    const times = random.chance(0.06) ? 2 : 1;
    if (random.chance(0.03)) return this.#note(`${what} is lost on the way`);
    const isLate = random.chance(0.05);
    const send = async () => {
      this.#note(`${what} by page ${connectionId} of ${from.personId}`);
      await Promise.all(
        Array.from({ length: times }, () => this.#answer(what, from, this.#callOf(from)?.callId ?? 0, run())),
      );
    };
    const mine = this.#run;
    // What was on its way to a main that has died meanwhile reaches nobody.
    if (isLate) setTimeout(() => this.#run === mine && !this.#isDown && void send(), random.whole(1, 3_000));
    else await this.#while(send());
  }

  async #answer(what: string, from: Connection, callId: CallId, done: Promise<unknown>): Promise<void> {
    try {
      await done;
      tally(this.#tally.answers, `${what}: ok`);
      this.#done(what, from, callId);
    } catch (error) {
      if (error instanceof StoreUnavailable) return void tally(this.#tally.answers, `${what}: no database`);
      if (!(error instanceof UserError)) throw error;
      tally(this.#tally.answers, `${what}: ${error.code}`);
    }
  }

  #choose(from: Connection): [string, () => Promise<unknown>] | null {
    const random = this.#random;
    const { calls } = this.#run;
    const mine = this.#callOf(from);
    const models = this.#people.filter(({ role }) => role === 'model');
    if (!mine && from.role === 'client' && random.chance(0.85)) {
      const modelId = random.pick(...models).personId;
      return [
        'ring',
        async () => {
          this.#lastCallId = await calls.ring(from, modelId);
          this.#taking.set(this.#lastCallId, { client: from.connectionId, model: null });
        },
      ];
    }
    const callId = mine && random.chance(0.96) ? mine.callId : Math.max(1, this.#lastCallId - random.whole(0, 2));
    if (this.#lastCallId === 0 || (!mine && random.chance(0.9))) return null;
    const act = (
      type: 'accept' | 'reject' | 'connect' | 'hang_up' | 'restart' | 'waive' | 'attached',
    ): [string, () => Promise<unknown>] => [type, () => calls.act(from, callId, { type })];
    if (random.chance(0.05)) {
      const key = `tip-key-${this.#tipKey++}`;
      return ['tip', () => calls.tip(from, callId, toMinor(random.pick(1, 50, RATE_MINOR, RATE_MINOR * 40)), key)];
    }
    if (mine?.state === 'live' && random.chance(0.01)) return ['both hang up', () => this.#bothHangUp(mine)];
    if (random.chance(0.01)) return ['operator ends', () => calls.endByOperator(callId)];
    if (mine && random.chance(0.004)) {
      const otherId = mine.clientId === from.personId ? mine.modelId : mine.clientId;
      return ['block', () => calls.blocked(from.personId, otherId)];
    }
    if (random.chance(0.04)) {
      return act(random.pick('accept', 'reject', 'connect', 'hang_up', 'restart', 'waive', 'attached'));
    }
    if (random.chance(0.02)) return act('hang_up');
    const isHers = from.role === 'model';
    const side = mine?.modelId === from.personId ? 'model' : 'client';
    const view = this.#run.pages.views.get(from.personId);
    const isHere = view?.callId === mine?.callId && view?.me.isPresent === true;
    switch (mine?.state) {
      case 'ringing':
        return isHers ? act(random.chance(0.85) ? 'accept' : 'reject') : isHere ? null : act('attached');
      case 'confirming':
        return isHere ? act('connect') : act('attached');
      case 'live':
        return isHere ? (side === 'model' && random.chance(0.03) ? act('waive') : null) : act('attached');
      case 'suspended':
        return isHere ? (isHers ? null : act('restart')) : act('attached');
      default:
        return act('hang_up');
    }
  }

  /** The model presses within a second after the client: then she has ended it. */
  async #bothHangUp({ callId }: CallRecord): Promise<void> {
    const { client, model } = this.#taking.get(callId) ?? {};
    const { calls } = this.#run;
    for (const page of [client, model]) {
      if (page == null || !this.#run.pages.open.has(page)) continue;
      await calls.act(this.#connectionOf(page), callId, { type: 'hang_up' });
    }
  }

  /** Legs come up and break, now and then all at once; people's lines get better and worse. */
  #media(): void {
    const random = this.#random;
    const { media } = this.#run;
    if (random.chance(0.02)) {
      this.#note('the media process dies');
      const sinceMs = monotonicMs();
      for (const [legId, { callId }] of [...media.legs]) {
        this.#book.disturbed(callId);
        media.down(legId, sinceMs);
      }
      return;
    }
    for (const line of this.#lines.values()) {
      if (random.chance(0.06)) line.sending = this.#habit();
      if (random.chance(0.02)) line.uplink = random.pick<Uplink>('fast', 'fast', 'slow', 'mute');
    }
    for (const [legId, leg] of [...media.legs]) {
      if (random.chance(0.3)) continue;
      if (!leg.isUp) media.up(legId);
      else if (random.chance(0.02)) {
        this.#book.disturbed(leg.callId);
        media.down(legId);
      }
    }
  }

  /** Most people send; some send nothing, or as little as they hope to get away with. */
  #habit(): Sending {
    const random = this.#random;
    return random.chance(0.8) ? 'all' : random.pick<Sending>('none', 'trickle', 'cut', 'switches', 'off');
  }

  /** A tenth of a second of everybody's lines, and of the second book. */
  #tick(): void {
    const { media, pages } = this.#run;
    const nowMs = monotonicMs();
    media.tick(nowMs);
    for (const call of this.#rows.open()) {
      if (call.state === 'ringing') continue;
      const legs = media.legsOf(call.callId);
      const taking = this.#taking.get(call.callId);
      const truthOf = (side: Side): SideTruth => ({
        hasPage: taking?.[side] != null && pages.open.has(taking[side]),
        hasLeg: legs.some((leg) => leg.side === side && leg.isUp),
        isSending: media.isSending(call.callId, side),
        isOff: media.isOff(call.callId, side),
        isUplinkFast: this.#uplinkOf(side === 'model' ? call.modelId : call.clientId) === 'fast',
      });
      if (call.state === 'confirming') this.#book.tickBefore(call.callId, truthOf('model'), LINE_TICK_MS);
      else this.#book.tick(call, { client: truthOf('client'), model: truthOf('model') }, LINE_TICK_MS);
    }
    if (Math.floor(nowMs / LINE_TICK_MS) % 5 === 0) this.#saySwitches(nowMs);
  }

  /** Pages whose both switches are off say so twice a second; one that cheats says so, and is on for a moment each 50 s. */
  #saySwitches(nowMs: number): void {
    const { calls } = this.#run;
    for (const [callId, taking] of this.#taking) {
      for (const connectionId of [taking.client, taking.model]) {
        const personId = connectionId === null ? undefined : this.#run.pages.open.get(connectionId);
        if (connectionId === null || personId === undefined) continue;
        const { sending } = this.#lines.get(personId) as Line;
        const isOff = sending === 'off' || (sending === 'switches' && nowMs % 50_000 > 500);
        const view = this.#run.pages.views.get(personId);
        if (view?.callId !== callId || (!isOff && !view.me.isMuted)) continue;
        const from = this.#connectionOf(connectionId);
        const said = calls.act(from, callId, { type: 'mute', isMuted: isOff, isCameraOff: isOff });
        said.catch((error: unknown) => {
          if (!(error instanceof UserError)) throw error;
        });
      }
    }
  }

  readonly #uplinkOf = (personId: PersonId): Uplink => this.#lines.get(personId)?.uplink ?? 'fast';

  /** A page sends a burst as it was asked to, and says so; some do not answer. */
  #burst(run: Run, connectionId: number, { legId, probeId, kbps, rttMs }: ProbeOrder): void {
    setTimeout(() => {
      const personId = run.pages.open.get(connectionId);
      if (this.#run !== run || this.#isDown || personId === undefined) return;
      const uplink = this.#uplinkOf(personId);
      if (uplink === 'mute') return;
      run.media.burst(legId, uplink);
      const report = { legId, probeId, sentPackets: 450, offeredKbps: kbps, heldMs: 0, rttMs };
      run.calls.media(this.#connectionOf(connectionId), { type: 'media.probed', id: 0, ...report });
    }, BURST_MS);
  }

  /** The wall clock jumps, or the database is away for a while. */
  #disturb(): void {
    const random = this.#random;
    if (random.chance(0.5)) {
      this.#note('the wall clock jumps');
      this.#clock.setSystemTime(Date.now() + random.whole(-3_600_000, 3_600_000));
    } else if (!this.#rows.isAway) {
      this.#note('the database is away');
      tally(this.#tally.met, 'no database');
      this.#rows.isAway = true;
      setTimeout(
        () => {
          this.#rows.isAway = false;
          this.#awayUntilMs = monotonicMs();
        },
        random.pick(200, 1_500, 6_000, 20_000),
      );
    }
  }

  /** What somebody was told is done: the second book believes it. */
  #done(what: string, from: Connection, callId: CallId): void {
    const call = this.#rows.calls.get(callId);
    if (what === 'waive') this.#book.waived(callId);
    if (what === 'restart' && call && call.state !== 'live' && call.state !== 'ended')
      throw new Fault(`a restart of call ${callId} was acknowledged, and it is ${call.state}`);
    if (what !== 'accept' && what !== 'attached') return;
    const side: Side = from.role === 'model' ? 'model' : 'client';
    const taking = this.#taking.get(callId) ?? { client: null, model: null };
    this.#taking.set(callId, { ...taking, [side]: from.connectionId });
    if (what === 'attached') this.#book.disturbed(callId);
  }

  #callOf(from: Connection): CallRecord | undefined {
    return this.#rows.open().find(({ clientId, modelId }) => from.personId === clientId || from.personId === modelId);
  }

  /** Money comes and the call is restarted, or nobody does anything until the grace is over. */
  async #inGrace(): Promise<void> {
    if (this.#random.chance(0.4)) return this.#pass(GRACE_OVER_MS);
    this.#giveCredit();
    await this.#press();
  }

  #giveCredit(): void {
    const clients = this.#people.filter(({ role }) => role === 'client');
    const { personId } = this.#random.pick(...clients);
    this.#note(`credit for ${personId}`);
    this.#rows.give(personId, RATE_MINOR * this.#random.whole(1, 3));
    this.#run.calls.balanceChanged(personId, toMinor(this.#rows.credit.get(personId) ?? 0));
  }

  /** kill -9 of main, and a new start on the same rows: every page and leg has gone. */
  async #crash(): Promise<void> {
    this.#note('main is killed and starts again');
    this.#tally.crashes += 1;
    this.#isDown = true;
    this.stop();
    this.#book.crashed();
    this.#taking.clear();
    // It starts when its database is there.
    this.#rows.isAway = false;
    await this.#pass(this.#random.pick(10, 2_000, 90_000));
    await this.open();
    this.#isDown = false;
  }

  /** As main does: what a database that was away has left over is set right; else there is nothing to be found. */
  async #sweepByTheMinute(calls: Calls): Promise<void> {
    try {
      const found = await calls.sweep();
      if (found.length > 0 && this.#awayUntilMs < monotonicMs() - SWEEP_MS * 2) this.#errors.push(`found: ${found}`);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) this.#errors.push(`${error}`);
    }
  }

  async #sweep(when: string): Promise<void> {
    const found: string[] = [];
    // What a database that was away has left over is the minute's sweep's.
    if (this.#rows.isAway || this.#awayUntilMs > monotonicMs() - SWEEP_MS * 2) return;
    await this.#while(this.#run.calls.sweep().then((all) => found.push(...all)));
    if (found.length > 0) throw new Fault(`the sweep found, ${when}: ${found.join('; ')}`);
  }

  async #pass(ms: number): Promise<void> {
    if (ms >= 1_000) this.#note(`${ms} ms pass`);
    await this.#clock.tickAsync(ms);
  }

  /** Work that may wait for timers. */
  async #while(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    while (!isDone) await this.#clock.tickAsync(1);
    await done;
  }

  /** Each error of the log is a fault, but for those of a database that is away. */
  #logged(line: string): void {
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { type?: string; stack?: string } };
    this.#note(`ERROR ${line}`);
    if (err?.type !== 'StoreUnavailable') this.#errors.push(`${msg} ${err?.stack ?? ''}`);
  }

  #note(line: string): void {
    this.trace.push(`${Math.round(this.#clock.now)} ${line}`);
  }
}
