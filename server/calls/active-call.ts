import { BOTH_END_MS, type Figures } from '../../core-wasm/index.ts';
import {
  type CallerCard,
  type CallId,
  type CallView,
  type MediaTransport,
  type MeterView,
  type Minor,
  otherSide,
  type PersonId,
  type Side,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { ChargeAnswer } from '../meter/index.ts';
import { TokenBucket } from '../rates/index.ts';
import type { CallFacts, LostBy, TimerName } from './machine.ts';
import type { CallRecord } from './records.ts';
import { SwitchesOff } from './switches-off.ts';

interface Timer {
  readonly handle: NodeJS.Timeout;
  readonly endsAtMs: number;
}

/** Lost for so long in all within so long, and the call ends (charging rules: `reconnecting`). */
const LOSS_MS_MAX = 90_000;
const LOSS_WINDOW_MS = 300_000;

/** New legs that a side can ask for at once and in the long run: each costs both sides theirs. */
const LEGS_BURST_MAX = 12;
const LEGS_PER_SECOND_MAX = 1 / 10;

/** Node's timers may fire a fraction of a millisecond early. */
const TIMER_EARLY_MS = 2;

/** A call that has not ended: its facts, its pages, its legs, its timers. Owned by Calls. */
export class ActiveCall {
  readonly record: CallRecord;
  facts: CallFacts;
  isWaived: boolean;
  /** What the model said when she rejected the ring. */
  rejectReason: string | null;
  /** What the model sees of who rings; null until it is known. */
  caller: CallerCard | null = null;
  /** Tips so far, as the ledger has them. */
  tipsMinor: Minor = toMinor(0);
  /** The client's credit, as the ledger last said. */
  balanceMinor: Minor;
  /** The model's earnings, as the ledger last said; null until it has. */
  earningsMinor: Minor | null = null;
  /** A unit that is paid and has not fallen due: what it cost and what it gave. */
  #ahead: { unit: number; amountMinor: number; shareMinor: number } | null = null;
  /** The page of each side that takes part. */
  readonly connections: Record<Side, number | null> = { client: null, model: null };
  readonly legs: Record<Side, number | null> = { client: null, model: null };
  /** How its media goes; null while there are no legs. */
  transport: MediaTransport | null = null;
  /** Pages (by connection) whose WebTransport session has failed in this call. */
  readonly failedSessions = new Set<number>();
  readonly #legsAsked: Record<Side, TokenBucket> = {
    client: new TokenBucket(LEGS_BURST_MAX, LEGS_PER_SECOND_MAX),
    model: new TokenBucket(LEGS_BURST_MAX, LEGS_PER_SECOND_MAX),
  };
  /** Sides whose packets do not flow (charging rules: `no_media`). */
  readonly silent = new Set<Side>(['client', 'model']);
  /** What each side's page says of its switches, over all its legs. */
  readonly switchesOff: Readonly<Record<Side, SwitchesOff>> = { client: new SwitchesOff(), model: new SwitchesOff() };
  /** How long media had reached the client when the meter started, and from then to the end, in ms. */
  forwardedBeforeMs = 0;
  forwardedMs = 0;
  /** Asked to go on after a suspension: heard of when the ledger has answered. */
  readonly restarts: { done(): void; refused(error: Error): void }[] = [];
  /** When each side pressed to end it, in ms on the monotonic clock. */
  readonly hungUpAtMs: Partial<Record<Side, number>> = {};
  /** The meter as it stood when it closed. */
  lastFigures: Figures | null = null;
  /** Events are taken one after another. */
  #queue: Promise<void> = Promise.resolve();
  readonly #timers = new Map<TimerName, Timer>();
  #losses: { by: LostBy; fromMs: number; toMs: number | null }[] = [];
  #seq = 0;

  constructor(record: CallRecord, facts: CallFacts, balanceMinor: Minor) {
    this.record = record;
    this.facts = facts;
    this.isWaived = record.isWaived;
    this.rejectReason = record.rejectReason;
    this.balanceMinor = balanceMinor;
  }

  get callId(): CallId {
    return this.record.callId;
  }

  personOf(side: Side): PersonId {
    return side === 'client' ? this.record.clientId : this.record.modelId;
  }

  sideOf(personId: PersonId): Side | null {
    if (personId === this.record.clientId) return 'client';
    return personId === this.record.modelId ? 'model' : null;
  }

  sideOfConnection(connectionId: number): Side | null {
    if (this.connections.client === connectionId) return 'client';
    return this.connections.model === connectionId ? 'model' : null;
  }

  sideOfLeg(legId: number): Side | null {
    if (this.legs.client === legId) return 'client';
    return this.legs.model === legId ? 'model' : null;
  }

  /** A side asks for new legs. @throws UserError `too_many_requests` */
  countLegs(side: Side): void {
    if (!this.#legsAsked[side].take()) throw new UserError('too_many_requests');
  }

  /** What the start of the call must cover: the minimum, or one minute (charging rule 6). */
  get startCostMinor(): number {
    return this.record.rateMinor * Math.max(1, this.record.minimumMin);
  }

  /** What of the minimum is not charged yet: it is held, tips cannot use it (charging rule 5). */
  heldMinor(figures: Figures | null): Minor {
    if (this.isWaived) return toMinor(0);
    const { rateMinor, minimumMin } = this.record;
    return toMinor(Math.max(0, rateMinor * minimumMin - (figures?.chargedMinor ?? 0)));
  }

  /** Runs `work` after everything that was enqueued before it. */
  enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** Whose end it is when a side has pressed: the model's where both did within a second (charging rule 5). */
  endsBy(side: Side): Side {
    const { client, model } = this.hungUpAtMs;
    const isGoingOn = this.facts.state === 'live' || this.facts.state === 'suspended';
    if (!isGoingOn || side !== 'client' || client === undefined || model === undefined) return side;
    return model - client <= BOTH_END_MS ? 'model' : side;
  }

  /** A side is lost, or no longer. */
  lost(by: LostBy, nowMs: number): void {
    this.#losses = this.#losses.filter(({ toMs }) => toMs === null || toMs > nowMs - LOSS_WINDOW_MS);
    this.#losses.push({ by, fromMs: nowMs, toMs: null });
  }

  back(by: LostBy, nowMs: number): void {
    for (const loss of this.#losses) if (loss.by === by) loss.toMs ??= nowMs;
  }

  /** How long the side may still be lost: 90 s in all within five minutes (charging rules: `reconnecting`). */
  lossLeftMs(by: LostBy, nowMs: number): number {
    const fromMs = nowMs - LOSS_WINDOW_MS;
    const usedMs = this.#losses
      .filter((loss) => loss.by === by)
      .reduce((sum, loss) => sum + Math.max(0, (loss.toMs ?? nowMs) - Math.max(loss.fromMs, fromMs)), 0);
    return Math.max(0, LOSS_MS_MAX - usedMs);
  }

  /** The ledger has taken a unit ahead of its time. */
  posted(unit: number, { balanceMinor, earningsMinor, shareMinor }: ChargeAnswer, amountMinor: Minor): void {
    this.balanceMinor = balanceMinor;
    this.earningsMinor = earningsMinor ?? this.earningsMinor;
    this.#ahead = { unit, amountMinor, shareMinor };
  }

  /** A unit has fallen due, or was given back: it is not ahead any more. */
  notAhead(unit: number): void {
    if (this.#ahead && this.#ahead.unit <= unit) this.#ahead = null;
  }

  startTimer(timer: TimerName, ms: number, onEnd: () => void): void {
    this.stopTimer(timer);
    this.#timers.set(timer, { handle: setTimeout(onEnd, ms), endsAtMs: performance.now() + ms });
  }

  stopTimer(timer: TimerName): void {
    clearTimeout(this.#timers.get(timer)?.handle);
    this.#timers.delete(timer);
  }

  /** Whether the timer ran out and was neither stopped nor started anew since: its event may come late in the queue. */
  hasRunOut(timer: TimerName): boolean {
    const endsAtMs = this.#timers.get(timer)?.endsAtMs;
    return endsAtMs !== undefined && endsAtMs <= performance.now() + TIMER_EARLY_MS;
  }

  /** 0 when the timer does not run. */
  timeLeftMs(timer: TimerName): number {
    const endsAtMs = this.#timers.get(timer)?.endsAtMs;
    return endsAtMs === undefined ? 0 : Math.max(0, endsAtMs - performance.now());
  }

  isTimed(timer: TimerName): boolean {
    return this.#timers.has(timer);
  }

  stopTimers(): void {
    for (const timer of [...this.#timers.keys()]) this.stopTimer(timer);
  }

  /** What one side sees, with the meter's figures as they stand. */
  viewFor(side: Side, figures: Figures | null): CallView {
    const { record, facts } = this;
    // Starts at the wall clock so that a view sent after a restart is newer than any sent before it.
    this.#seq = Math.max(this.#seq + 1, Date.now());
    return {
      callId: record.callId,
      seq: this.#seq,
      state: facts.state,
      mySide: side,
      peer: side === 'client' ? record.model : record.client,
      rateMinor: record.rateMinor,
      minimumMin: record.minimumMin,
      tariff: record.tariff,
      me: facts.sides[side],
      them: facts.sides[otherSide(side)],
      msLeft: this.#msLeft(),
      balanceMinor: this.#shownBalance(side),
      fundedMin: Math.floor(this.balanceMinor / record.rateMinor),
      isFunded: this.balanceMinor >= this.startCostMinor,
      meter: this.#meterView(side, figures ?? this.lastFigures),
      outcome: facts.outcome,
      endedBy: facts.endedBy,
      rejectReason: this.rejectReason,
      tipsMinor: this.tipsMinor,
      caller: side === 'model' ? this.caller : null,
    };
  }

  /** What follows on an end, such as the minimum, is told by the ledger and not by the call. */
  #shownBalance(side: Side): Minor | null {
    if (this.facts.state === 'ended') return null;
    if (side === 'client') return toMinor(this.balanceMinor + (this.#ahead?.amountMinor ?? 0));
    return this.earningsMinor === null ? null : toMinor(this.earningsMinor - (this.#ahead?.shareMinor ?? 0));
  }

  #msLeft(): number | null {
    const shown: TimerName[] = ['ring', 'confirm', 'lost_client', 'lost_model', 'recovery'];
    const running = shown.filter((timer) => this.#timers.has(timer));
    return running.length === 0 ? null : Math.round(Math.min(...running.map((timer) => this.timeLeftMs(timer))));
  }

  #meterView(side: Side, figures: Figures | null): MeterView | null {
    if (!figures) return null;
    const isSuspended = figures.state === 'suspended';
    return {
      state: isSuspended ? 'suspended' : figures.state === 'charging' ? 'charging' : 'not_charging',
      reasons: figures.reasons,
      billableMs: figures.billableMs,
      unitsCharged: figures.unitsCharged,
      unitsPosted: figures.unitsPosted,
      chargedMinor: toMinor(figures.chargedMinor),
      balanceMinor: side === 'client' ? this.balanceMinor : null,
      paidUntilMs: figures.paidUntilBillableMs,
      timeLeftMs: figures.timeLeftMs,
      isLow: figures.isLow,
      graceLeftMs: figures.graceLeftMs,
    };
  }
}
