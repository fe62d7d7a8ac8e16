// One client and one model, each with a page, around the real runner and the real meter, on a clock that the test moves.
import type FakeTimers from '@sinonjs/fake-timers';
import type { CallLedger } from '../../server/calls/deps.ts';
import { Calls, type PersonAction } from '../../server/calls/index.ts';
import type { CallRecord } from '../../server/calls/records.ts';
import { monotonicMs } from '../../server/clock/index.ts';
import {
  type CallerCard,
  type CallId,
  type CallView,
  type HubMessage,
  type PersonId,
  type Side,
  type Tariff,
  toMinor,
  UserError,
} from '../../server/contract/index.ts';
import type { Connection } from '../../server/hub/index.ts';
import type { LegEvent } from '../../server/media/index.ts';
import { Meter, type MeterTerms } from '../../server/meter/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { LINE_TICK_MS, type Line, MediaDouble } from '../sim/people/lines.ts';
import { RATE_MINOR, Rows } from '../sim/people/rows.ts';
import { loadTestCore, RINGS } from '../sim/people/run.ts';

export const MODEL = 1;
export const CLIENT = 2;
const GRACE_MS = 300_000;

export const CALLER: CallerCard = {
  memberSince: '2026-01-01T00:00:00.000Z',
  isVerified: false,
  isStaff: false,
  callsWithYou: 3,
  callsInAll: 5,
  rating: { count: 0, averageTenths: null, upCount: 0, downCount: 0 },
  wasBlocked: false,
  looksWithYou: 0,
};

export interface FixtureTerms {
  readonly tariff?: Tariff;
  readonly minimumMin?: number;
  readonly creditMinor?: number;
  readonly sharePercent?: number;
  /** The model's own; without it the appliance's. */
  readonly ownSharePercent?: number;
}

const core = loadTestCore();

export class CallFixture {
  readonly rows = new Rows();
  readonly lines = new Map<PersonId, Line>([
    [MODEL, { sending: 'all' }],
    [CLIENT, { sending: 'all' }],
  ]);
  readonly views: Record<Side, CallView[]> = { client: [], model: [] };
  /** Messages to single pages. */
  readonly sent: { connectionId: number; message: HubMessage }[] = [];
  /** What the media process was asked for. */
  readonly commands: ('lease' | 'gate')[] = [];
  /** Calls that had something new to tell in their thread, each time. */
  readonly told: CallId[] = [];
  readonly rung: CallRecord[] = [];
  readonly errors: string[] = [];
  isBlocked = false;
  /** The ledger takes no charges and no minimum; the rest of the database answers. */
  isLedgerAway = false;
  /** Rows are written when this is over. */
  saving: Promise<void> = Promise.resolve();
  /** As if the media process had said so of a leg. */
  hearLeg: (event: LegEvent) => void = () => {};
  media!: MediaDouble;
  meter!: Meter;
  calls!: Calls;
  callId: CallId = 0;
  readonly #open = new Set<number>();
  readonly #clock: FakeTimers.Clock;
  readonly #terms: FixtureTerms;
  #nextPage = 1;
  #run = 0;
  #ticking: NodeJS.Timeout | undefined;
  #pages!: Record<Side, Connection>;

  constructor(clock: FakeTimers.Clock, terms: FixtureTerms = {}) {
    this.#clock = clock;
    this.#terms = terms;
    this.rows.give(CLIENT, terms.creditMinor ?? RATE_MINOR * 100);
    this.#start();
  }

  /** What a run of main that is dead still asks for is never answered. */
  #ofRun<T extends object>(target: T): T {
    const run = this.#run;
    return new Proxy(target, {
      get: (of, name) => {
        const value = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => (run === this.#run ? value.apply(of, args) : new Promise(() => {}));
      },
    });
  }

  #start(): void {
    const { rows } = this;
    this.#run += 1;
    const metrics = createMetrics();
    const log = createLog('error', {
      write: (line: string) => void this.errors.push((JSON.parse(line) as { msg: string }).msg),
    });
    const meterLog = this.#ofRun(rows.meterLog());
    this.media = new MediaDouble(this.lines, (_callId, side) => (side === 'client' ? CLIENT : MODEL));
    this.meter = new Meter(
      core,
      { capacity: 1, slowLinkKbps: 12_000, graceMs: GRACE_MS },
      {
        post: async (charges) => {
          if (this.isLedgerAway) throw new StoreUnavailable('the ledger is away');
          return rows.postCharges(charges);
        },
        meterLog,
        log,
        metrics,
      },
    );
    rows.onBalance = (...change) => void this.calls.balanceChanged(...change);
    const records = rows.records;
    this.calls = new Calls(
      {
        hub: {
          isConnected: (connectionId) => this.#open.has(connectionId),
          sendToConnection: (connectionId, message) => void this.sent.push({ connectionId, message }),
          sendToRole: () => {},
          sendToPerson: (personId, message) => {
            if (message.type === 'call') this.views[personId === CLIENT ? 'client' : 'model'].push(message.call);
          },
        },
        ledger: this.#ofRun(this.#ledger()),
        meter: this.meter,
        meterLog,
        media: {
          ...this.media.control,
          lease: (...args) => {
            this.commands.push('lease');
            this.media.control.lease(...args);
          },
          gate: (...args) => {
            this.commands.push('gate');
            this.media.control.gate(...args);
          },
          onLeg: (listener) => {
            this.hearLeg = listener;
            this.media.control.onLeg(listener);
          },
        },
        records: this.#ofRun({
          ...records,
          save: async (...args: Parameters<typeof records.save>) => {
            await this.saving;
            return records.save(...args);
          },
          settle: (...args: Parameters<typeof records.settle>) => records.settle(...args),
        }),
        presence: {
          ringable: async (modelId) => {
            if (this.calls.isInCall(modelId)) throw new UserError('model_busy');
            return {
              profile: { rateMinor: RATE_MINOR, minimumMin: this.#terms.minimumMin ?? 0 },
              refusesLooks: false,
              sharePercent: this.#terms.ownSharePercent ?? null,
            };
          },
          changed: () => {},
        },
        callers: { isBlocked: async () => this.isBlocked, cardOf: async () => CALLER },
        log,
        metrics,
      },
      {
        tariff: this.#terms.tariff ?? 'per_minute',
        sharePercent: this.#terms.sharePercent ?? 60,
        graceMs: GRACE_MS,
        rings: RINGS,
        media: { slowLinkKbps: 0, iceServers: () => [], transport: 'webrtc', certificateHashes: () => [] },
      },
    );
    this.calls.onSummary((callId) => void this.told.push(callId));
    this.calls.onRing((record) => void this.rung.push(record));
    this.#pages = { client: this.page('client'), model: this.page('model') };
    this.#ticking = setInterval(() => this.media.tick(this.nowMs), LINE_TICK_MS);
  }

  /** That of the rows as it is at each call: a test may put another method in its place. */
  #ledger(): CallLedger {
    const away = async () => {
      throw new StoreUnavailable('the ledger is away');
    };
    return new Proxy(this.rows.ledger, {
      get: (ledger, name) => (name === 'postMinimum' && this.isLedgerAway ? away : Reflect.get(ledger, name)),
    });
  }

  get nowMs(): number {
    return monotonicMs();
  }

  get credit(): number {
    return this.rows.credit.get(CLIENT) ?? 0;
  }

  get record(): CallRecord {
    const record = this.rows.calls.get(this.callId);
    if (!record) throw new Error('there is no call yet');
    return record;
  }

  get figures() {
    return this.meter.figures(this.callId);
  }

  /** What the side was sent last. */
  view(side: Side): CallView {
    const view = this.views[side].at(-1);
    if (!view) throw new Error(`the ${side} was sent nothing`);
    return view;
  }

  /** A new page of the side. */
  page(side: Side): Connection {
    const connectionId = this.#nextPage++;
    this.#open.add(connectionId);
    const personId = side === 'client' ? CLIENT : MODEL;
    return { connectionId, personId, role: side, session: `${personId}`, address: '192.0.2.1' };
  }

  pageOf(side: Side): Connection {
    return this.#pages[side];
  }

  close(page: Connection): void {
    this.#open.delete(page.connectionId);
    this.calls.pageClosed(page);
  }

  /** The side's page goes, and a new one takes part when `back` is called. */
  async lose(side: Side): Promise<void> {
    this.close(this.#pages[side]);
    await this.pass(0);
  }

  async back(side: Side): Promise<void> {
    this.#pages[side] = this.page(side);
    await this.act(side, { type: 'attached' });
    await this.legsUp();
  }

  async pass(ms: number): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  /** Work that may wait for timers. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    for (let tries = 0; !isDone && tries < 20_000; tries++) await this.pass(1);
    return done;
  }

  async ring(): Promise<void> {
    this.callId = await this.during(this.calls.ring(this.#pages.client, MODEL));
  }

  act(side: Side, action: PersonAction): Promise<void> {
    return this.during(this.calls.act(this.#pages[side], this.callId, action));
  }

  /** All legs come up, and a moment of packets flows. */
  async legsUp(): Promise<void> {
    for (const legId of [...this.media.legs.keys()]) this.media.up(legId);
    await this.pass(1_500);
  }

  async confirm(): Promise<void> {
    await this.ring();
    await this.act('model', { type: 'accept' });
    await this.legsUp();
  }

  async goLive(): Promise<void> {
    await this.confirm();
    await this.act('model', { type: 'connect' });
    await this.act('client', { type: 'connect' });
    await this.pass(100);
  }

  give(amountMinor: number): void {
    this.rows.give(CLIENT, amountMinor);
    this.calls.balanceChanged(CLIENT, toMinor(this.credit));
  }

  /** Another call takes the only place in the meter. */
  fillMeter(): void {
    const terms: MeterTerms = { ...this.record, callId: 99 };
    this.meter.open(terms, toMinor(0));
  }

  /**
   * kill -9 of main, and a new start.
   * @param before what happens before it looks for what it left
   */
  async crash(downMs: number, before: () => void = () => {}): Promise<void> {
    this.stop();
    this.#run += 1;
    await this.pass(downMs);
    this.#start();
    before();
    await this.during(this.calls.recover());
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.calls.stop();
    this.meter.stop();
  }

  amounts(kind: 'charge' | 'minimum'): number[] {
    return this.rows
      .chargesOf(this.callId)
      .filter((transfer) => transfer.kind === kind)
      .map(({ amountMinor }) => amountMinor);
  }

  kinds(): string[] {
    return (this.rows.logs.get(this.callId) ?? []).map(({ kind }) => kind);
  }
}
