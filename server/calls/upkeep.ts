import { monotonicMs } from '../clock/index.ts';
import { RECONNECT_MS, toMinor } from '../contract/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import { ActiveCall } from './active-call.ts';
import type { CallDeps } from './deps.ts';
import { type CallEvent, foundCall, LOST_TIMERS, type TimerName } from './machine.ts';
import type { CallRecord } from './records.ts';
import { type Found, findAgain } from './recovery.ts';
import type { CallRegistry } from './registry.ts';
import { settle } from './settlement.ts';

/** A call that was found has no media yet, and waits for its people by the appliance's doing. */
const RECOVERED_PAUSES = ['no_media', 'client_no_media', 'appliance_reconnecting'] as const;
/** Before it is tried again to carry a call on with a database that was away. */
const RETRY_MS = 500;
/** A row that nobody has carried for so long, in ms, is found by the sweep. */
const STALE_MS = 10_000;

/** What the runner does for a call that was found. */
export interface Carrier {
  adopt(call: ActiveCall): Promise<void>;
  startTimer(call: ActiveCall, timer: TimerName, ms: number): void;
  happened(call: ActiveCall, event: CallEvent): Promise<void>;
  /** The call's thread has something new to tell. */
  summaryChanged(call: CallRecord): void;
}

/** Nothing sticks: calls are found again after a restart, and whatever nothing would ever move on is set right. */
export class Upkeep {
  readonly #deps: CallDeps;
  readonly #graceMs: number;
  readonly #registry: CallRegistry;
  readonly #carrier: Carrier;

  constructor(deps: CallDeps, graceMs: number, registry: CallRegistry, carrier: Carrier) {
    this.#deps = deps;
    this.#graceMs = graceMs;
    this.#registry = registry;
    this.#carrier = carrier;
  }

  /** Finds again the calls that an earlier run left open, and settles those that it had not (charging rules: after a crash). */
  async recover(): Promise<void> {
    for (const record of await this.#deps.records.unfinished()) {
      // While the database is away nobody can be let in anyway, and no call must lose its time to that.
      while (!(await this.#carryOn(record))) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /**
   * Looks for rows that no call stands for, calls without the timer that must end them, people held by a
   * call that is over. Sets each right and says so.
   * @returns what was found; empty is how it should be
   */
  async sweep(): Promise<string[]> {
    const found: string[] = [];
    for (const record of await this.#uncarried()) {
      found.push(`call ${record.callId} stood as ${record.state} and nobody carried it`);
      await this.#carryOn(record);
    }
    for (const call of this.#registry.all()) {
      if (!isStuck(call)) continue;
      found.push(`call ${call.callId} was ${call.facts.state} without a timer`);
      await this.#carrier.happened(call, { type: 'failed' });
    }
    for (const { personId, callId } of this.#registry.releaseHeld()) {
      found.push(`person ${personId} was held by call ${callId}`);
    }
    for (const what of found) this.#deps.log.error({ what }, 'the sweep found something that would have stuck');
    this.#deps.metrics.sweepFindings.inc(found.length);
    return found;
  }

  /**
   * Rows that no call has stood for all the while. One that is being written, or settled just now, is none; and how long
   * that is, no wall clock says, since it may have been set back.
   */
  async #uncarried(): Promise<CallRecord[]> {
    const unknown = async () =>
      (await this.#deps.records.unfinished()).filter(({ callId }) => !this.#registry.isKnown(callId));
    const before = new Set((await unknown()).map(({ callId }) => callId));
    if (before.size === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, STALE_MS).unref());
    return (await unknown()).filter(({ callId }) => before.has(callId));
  }

  /**
   * One call that cannot be carried on keeps no other from it, nor the appliance from starting: the sweep tries again.
   * @returns false when the database did not answer
   */
  async #carryOn(record: CallRecord): Promise<boolean> {
    const { callId } = record;
    try {
      const found = await findAgain(record, this.#deps, this.#graceMs);
      this.#deps.log.info({ callId, found: found.kind }, 'found a call again');
      await this.#goOn(record, found);
      return true;
    } catch (error) {
      this.#registry.forget(callId);
      this.#deps.log.error({ err: error, callId }, 'a call could not be carried on; trying again');
      return !(error instanceof StoreUnavailable);
    }
  }

  async #goOn(record: CallRecord, found: Found): Promise<void> {
    const { meter, ledger, records } = this.#deps;
    const { callId } = record;
    if (found.kind === 'unsettled') {
      const facts = {
        ...foundCall('ended'),
        outcome: record.outcome ?? found.outcome,
        endedBy: record.endedBy ?? found.endedBy,
      };
      const balanceMinor = record.endBalanceMinor ?? (await ledger.balanceOf(record.clientId, 'client'));
      await records.save(callId, facts, { ...record, balanceMinor }, { wall: new Date(), monoMs: monotonicMs() });
      await settle(record, found.closed, this.#deps);
      return this.#carrier.summaryChanged(record);
    }
    const balanceMinor = await ledger.balanceOf(record.clientId, 'client');
    const atMs = monotonicMs();
    if (found.kind === 'unclosed') {
      const facts = { ...foundCall('ended'), outcome: record.outcome, endedBy: record.endedBy };
      this.#registry.close(new ActiveCall(record, facts, balanceMinor));
      // The minimum is fixed at the end: credit that came since is never touched (charging rule 5).
      const thenMinor = toMinor(Math.min(balanceMinor, found.balanceMinor ?? balanceMinor));
      meter.open(record, thenMinor, { recovered: found.meter });
      meter.end(callId, found.by);
      return;
    }
    const call = new ActiveCall(record, foundCall(found.state), balanceMinor);
    if (found.kind === 'waiting') {
      this.#carrier.startTimer(call, found.timer, found.ms);
      await this.#carrier.adopt(call);
      if (found.state === 'ringing') await this.#carrier.happened(call, { type: 'detached', by: 'client' });
      return;
    }
    // Carried first: what the meter says from its first moment on must find its call.
    this.#carrier.startTimer(call, 'recovery', RECONNECT_MS);
    await this.#carrier.adopt(call);
    meter.open(record, balanceMinor, { recovered: found.meter, paused: RECOVERED_PAUSES });
    meter.start(callId, atMs);
  }
}

/** What must end a call by itself, when nobody does anything any more, is not there. */
function isStuck(call: ActiveCall): boolean {
  const { state } = call.facts;
  if (state === 'ringing') return !call.isTimed('ring');
  if (state === 'confirming') return !call.isTimed('confirm');
  if (state === 'ended') return false; // its row is being written
  const { lostBy } = call.facts;
  if (lostBy === null) return false;
  return !call.isTimed(LOST_TIMERS[lostBy]);
}
