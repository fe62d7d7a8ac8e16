// One client and one model whose pages do what fits, one call, and what befalls their appliance: main and the database
// are killed and come back, the wall clock is stepped. Time is a fake clock's.
import type FakeTimers from '@sinonjs/fake-timers';
import type { CallRecord } from '../../../server/calls/records.ts';
import { monotonicMs } from '../../../server/clock/index.ts';
import {
  type CallId,
  type CallView,
  type PersonId,
  type Side,
  type Tariff,
  toMinor,
  UserError,
} from '../../../server/contract/index.ts';
import type { Connection } from '../../../server/hub/index.ts';
import { StoreUnavailable } from '../../../server/store/index.ts';
import { LINE_TICK_MS, type Line } from './lines.ts';
import { Fault, Rows } from './rows.ts';
import { Run } from './run.ts';

const IDS: Readonly<Record<Side, PersonId>> = { model: 1, client: 2 };
const SIDES = ['model', 'client'] as const;
/** How often main sweeps. */
const SWEEP_MS = 60_000;
/** What is waited for here takes no longer. */
const WORK_MS_MAX = 60_000;

type Clock = ReturnType<typeof FakeTimers.install>;
type Press = 'accept' | 'connect' | 'hang_up' | 'restart' | 'waive' | 'attached';

export interface PairTerms {
  readonly tariff: Tariff;
  readonly minimumMin: number;
  readonly creditMinor: number;
}

export class PairWorld {
  readonly rows = new Rows();
  readonly lines: Readonly<Record<Side, Line>> = { client: { sending: 'all' }, model: { sending: 'all' } };
  /** What they press by themselves when it can be pressed. */
  readonly presses = new Set<Press>(['accept', 'connect', 'restart']);
  /** Errors of the log, but for those of a database that is away. */
  readonly errors: string[] = [];
  callId: CallId = 0;
  readonly #clock: Clock;
  readonly #core: WebAssembly.Module;
  readonly #terms: PairTerms;
  readonly #pages: Record<Side, number | null> = { client: null, model: null };
  readonly #isBusy = new Set<Side>();
  readonly #ticking: NodeJS.Timeout;
  #sweeping: NodeJS.Timeout | undefined;
  #run: Run | null = null;
  #receivedMs = 0;
  #lastForwardedMs = 0;

  constructor(clock: Clock, core: WebAssembly.Module, terms: PairTerms) {
    this.#clock = clock;
    this.#core = core;
    this.#terms = terms;
    this.rows.give(IDS.client, terms.creditMinor);
    this.#ticking = setInterval(() => this.#tick(), LINE_TICK_MS);
  }

  get record(): CallRecord {
    return this.rows.calls.get(this.callId) as CallRecord;
  }

  get run(): Run {
    if (!this.#run) throw new Fault('main is down');
    return this.#run;
  }

  /** How long media has reached the client while the call was live, by what passed and not by what the meter says. */
  get receivedMs(): number {
    return this.#receivedMs;
  }

  viewOf(side: Side): CallView | null {
    const view = this.run.pages.views.get(IDS[side]);
    return view?.callId === this.callId ? view : null;
  }

  async pass(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /**
   * Tick by tick, and after each everything that follows from it: an answer of the database takes up to a tick.
   * @returns whether it came true in time
   */
  until(isSo: () => boolean, mostMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let leftMs = mostMs;
      const goOn = () => {
        try {
          if (isSo()) return resolve(true);
          if (leftMs <= 0) return resolve(false);
          this.#clock.tick(Math.min(leftMs, LINE_TICK_MS));
          leftMs -= LINE_TICK_MS;
          setImmediate(goOn);
        } catch (error) {
          reject(error);
        }
      };
      goOn();
    });
  }

  stepWallClock(ms: number): void {
    this.#clock.setSystemTime(Date.now() + ms);
  }

  /** Main starts on what is durable. @param awayMs the database goes once more when its calls have been listed */
  async start(awayMs = 0): Promise<void> {
    const lines = new Map(SIDES.map((side) => [IDS[side], this.lines[side]]));
    const terms = { ...this.#terms, isModel: (personId: PersonId) => personId === IDS.model };
    const run = new Run(this.#core, this.rows, terms, lines, (line) => this.#logged(line));
    this.#run = run;
    this.#lastForwardedMs = 0;
    const sweep = () => void run.calls.sweep().catch((error: unknown) => this.#failed(error));
    this.#sweeping = setInterval(sweep, SWEEP_MS);
    const recovered = run.calls.recover();
    if (awayMs > 0) this.#databaseGoes(awayMs);
    await this.#while(recovered);
    sweep();
  }

  /** kill -9 of main: every page has lost its connection. */
  killMain(): void {
    clearInterval(this.#sweeping);
    this.#run?.kill();
    this.#run = null;
    this.#pages.client = this.#pages.model = null;
    this.#isBusy.clear();
  }

  /** The database is away; what was on its way to it is done all the same, and nobody hears of it. */
  killDatabase(): void {
    this.rows.isAway = true;
    this.rows.isAnswerLost = true;
    setTimeout(() => {
      this.rows.isAnswerLost = false;
    }, 1_000);
  }

  #databaseGoes(ms: number): void {
    this.rows.isAway = true;
    setTimeout(() => {
      this.rows.isAway = false;
    }, ms);
  }

  stop(): void {
    this.killMain();
    clearInterval(this.#ticking);
  }

  pageComes(side: Side): void {
    if (this.#pages[side] !== null) return;
    const { pages, calls } = this.run;
    this.#pages[side] = pages.connect(IDS[side]);
    calls.pageOpened(this.#connection(side));
  }

  pageGoes(side: Side): void {
    const connection = this.#connection(side);
    this.#pages[side] = null;
    this.run.pages.open.delete(connection.connectionId);
    this.run.calls.pageClosed(connection);
  }

  /** The client rings. @throws UserError as the page would be told */
  async ring(): Promise<CallId> {
    const ringing = this.run.calls.ring(this.#connection('client'), IDS.model);
    await this.#while(ringing);
    this.callId = await ringing;
    return this.callId;
  }

  /** One of them presses; whether it was taken is seen in the call. */
  press(side: Side, type: Press): void {
    const acted = this.run.calls.act(this.#connection(side), this.callId, { type });
    this.#isBusy.add(side);
    acted.catch((error: unknown) => this.#failed(error)).finally(() => this.#isBusy.delete(side));
  }

  /** Credit comes, or is spent elsewhere. */
  credit(amountMinor: number): void {
    this.rows.give(IDS.client, amountMinor);
    this.#run?.calls.balanceChanged(IDS.client, toMinor(this.balanceMinor));
  }

  get balanceMinor(): number {
    return this.rows.credit.get(IDS.client) ?? 0;
  }

  isHeld(side: Side): boolean {
    return this.run.calls.isInCall(IDS[side]);
  }

  #connection(side: Side): Connection {
    const connectionId = this.#pages[side];
    if (connectionId === null) throw new Fault(`the ${side} has no page`);
    const personId = IDS[side];
    return { connectionId, personId, role: side, session: `${personId}`, address: '192.0.2.1' };
  }

  /** A tenth of a second: packets, legs, and what the pages do by themselves. */
  #tick(): void {
    const run = this.#run;
    if (!run) return;
    run.media.tick(monotonicMs());
    const forwardedMs = run.media.control.forwardedMs(this.callId, 'model');
    if (this.rows.calls.get(this.callId)?.liveAt) this.#receivedMs += Math.max(0, forwardedMs - this.#lastForwardedMs);
    this.#lastForwardedMs = forwardedMs;
    for (const side of SIDES) if (this.#pages[side] !== null && !this.#isBusy.has(side)) this.#goOn(side);
    for (const [legId, leg] of run.media.legs) if (!leg.isUp && this.#pages[leg.side] !== null) run.media.up(legId);
  }

  #goOn(side: Side): void {
    const view = this.viewOf(side);
    if (!view || view.state === 'ended') return;
    const { state, me, them } = view;
    if (state === 'ringing' && side === 'model') return this.#pressIfWilling(side, 'accept');
    if (!me.isPresent) return this.press(side, 'attached');
    const mayConnect = !me.isConnected && (side === 'model' || them.isConnected);
    if (state === 'confirming' && mayConnect) return this.#pressIfWilling(side, 'connect');
    const isThere = me.hasMedia && them.hasMedia;
    if (state === 'suspended' && side === 'client' && isThere && this.balanceMinor > 0)
      return this.#pressIfWilling(side, 'restart');
  }

  #pressIfWilling(side: Side, type: Press): void {
    if (this.presses.has(type)) this.press(side, type);
  }

  /** Work that may wait for timers. */
  async #while(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    await this.until(() => isDone, WORK_MS_MAX);
    await done;
  }

  #failed(error: unknown): void {
    if (!(error instanceof UserError) && !(error instanceof StoreUnavailable)) this.errors.push(`${error}`);
  }

  #logged(line: string): void {
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { type?: string; stack?: string } };
    if (err?.type !== 'StoreUnavailable') this.errors.push(`${msg} ${err?.stack ?? line}`);
  }
}
