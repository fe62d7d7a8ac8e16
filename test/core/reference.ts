// The charging rules once more, as naively as possible: the model that the core is compared with.
//
// One call, no deadlines kept, no history trimmed. The meter's standstills are a list of intervals,
// billable time is live time minus their union, money is BigInt. Written from charging-rules.md and
// docs/metering-core.md alone; slow on purpose wherever being slow is being plain.
import type {
  EndedBy,
  Figures,
  HostPauseReason,
  MeterEvent,
  MeterResult,
  MinimumReason,
  OpenCall,
  PauseReason,
  Probe,
} from '../../core-wasm/index.ts';

type WithoutCall<E> = E extends MeterEvent ? Omit<E, 'call'> : never;
export type PlainEvent = WithoutCall<MeterEvent>;

export interface ReferenceSettings {
  slowLinkKbps: number;
  graceMs: number;
  lowMs: number;
}

/** Why the meter stood, from when to when (null: still). */
interface Standstill {
  why: PauseReason | 'suspended' | 'ended';
  from: number;
  to: number | null;
}

/** How the call ended, until when the model's own end still counts, and what the minimum may take at most. */
interface Ended {
  by: EndedBy;
  at: number;
  outOfFunds: boolean;
  closesAt: number;
  cap: bigint;
}

/** Rule 4: a unit may be posted so long before it falls due. */
const POSTED_AHEAD_MS = 1_000;
/** So long nobody is told that the first unit is waited for: the meter starts with the answer. */
const QUIET_MS = 250;
/** Rule 5: both end within this, and the model ended it; a fault on her side for so long keeps the minimum. */
const BOTH_END_MS = 1_000;
const MODEL_FAULT_MS = 10_000;
const REASON_ORDER: PauseReason[] = [
  'slow_link',
  'no_media',
  'reconnecting',
  'model_waived',
  'ledger_wait',
  'client_no_media',
  'client_reconnecting',
  'appliance_reconnecting',
];
const MODEL_FAULTS: PauseReason[] = ['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting'];
/** Reasons of an opened call that its log has named before. */
const TOLD_BEFORE: PauseReason[] = ['slow_link', 'model_waived'];

export class ReferenceCall {
  readonly events: PlainEvent[] = [];
  state: 'opened' | 'live' | 'suspended' | 'closing' | 'closed' = 'opened';
  #terms: OpenCall;
  #settings: ReferenceSettings;
  #balance: bigint;
  /** Units that the ledger has posted, and those of them that have fallen due. */
  #posted: bigint;
  #charged: bigint;
  #billableBefore: number;
  #liveFrom: number | null = null;
  #standstills: Standstill[] = [];
  #reasons = new Set<PauseReason>();
  #probes: { slow: boolean; startedAt: number }[] = [];
  #isPending = false;
  #isRefused = false;
  #quietSince: number | null = null;
  #isStarted = false;
  /** Since when a cause on the model's side is in force; means something only while one is. */
  #faultSince = 0;
  #isLow = false;
  #wasLive: boolean;
  #graceEnds = 0;
  #ended: Ended | null = null;
  /** Nothing is dated before what happened last. */
  #seen: number;

  constructor(terms: OpenCall, settings: ReferenceSettings, at: number) {
    this.#terms = terms;
    this.#settings = settings;
    this.#balance = BigInt(terms.balanceMinor);
    this.#charged = BigInt(terms.unitsCharged ?? 0);
    this.#posted = BigInt(terms.unitsPosted ?? terms.unitsCharged ?? 0);
    this.#billableBefore = terms.billableMs ?? 0;
    this.#wasLive = terms.wasLive === true || this.#posted > 0n || this.#billableBefore > 0;
    this.#seen = at;
    // Seconds that cost nothing have no charge to be found again by.
    while (this.#billableBefore > this.paidUntil() && this.#nextAmount() === 0n) this.#posted += 1n;
    const isFree = () => this.#price(this.#charged + 1n) === this.#price(this.#charged);
    while (this.#charged < this.#posted && this.#billableBefore >= this.#dueFrom() && isFree()) this.#charged += 1n;
    this.#billableBefore = Math.min(this.#billableBefore, this.paidUntil());
    if (terms.slowLink) this.#reasons.add('slow_link');
    if (terms.waived) this.#reasons.add('model_waived');
    for (const reason of terms.paused ?? []) this.#reasons.add(reason);
    this.#faultSince = at;
    if (terms.suspendedGraceLeftMs !== undefined) {
      this.state = 'suspended';
      this.#wasLive = true;
      this.#liveFrom = at;
      this.#graceEnds = at + terms.suspendedGraceLeftMs;
      this.#standstills.push({ why: 'suspended', from: at, to: null });
      for (const reason of this.#reasons) this.#standstills.push({ why: reason, from: at, to: null });
      this.#emitPauses(at);
    }
  }

  // ---- time

  /** Live time up to `at` in which nothing stood. */
  billable(at: number): number {
    let sum = this.#billableBefore;
    if (this.#liveFrom !== null) for (const [from, to] of this.#pieces(at)) sum += to - from;
    return sum;
  }

  /** The pieces of live time up to `at` in which the meter ran: what no standstill covers. */
  #pieces(at: number): [number, number][] {
    const pieces: [number, number][] = [];
    let from = this.#liveFrom as number;
    for (const s of [...this.#standstills].sort((a, b) => a.from - b.from)) {
      const until = Math.min(s.from, at);
      if (until > from) pieces.push([from, until]);
      from = Math.max(from, s.to ?? at);
    }
    if (at > from) pieces.push([from, at]);
    return pieces;
  }

  /** The first moment, now or before, at which billable time was `target`. */
  #whenBillableWas(target: number, now: number): number {
    let sum = this.#billableBefore;
    if (sum >= target) return this.#liveFrom as number;
    for (const [from, to] of this.#pieces(now)) {
      if (sum + (to - from) >= target) return from + (target - sum);
      sum += to - from;
    }
    throw new Error(`billable time never was ${target}`);
  }

  #runs(): boolean {
    return this.state === 'live' && this.#reasons.size === 0;
  }

  /** When the next thing falls due if nothing else happens, or null. */
  nextDue(): number | null {
    if (this.state === 'suspended') return this.#isPending ? null : Math.max(this.#graceEnds, this.#seen);
    if (this.state === 'closing') return this.#isPending ? null : Math.max(this.#ended?.closesAt ?? 0, this.#seen);
    if (this.#quietSince !== null) return Math.max(this.#quietSince + QUIET_MS, this.#seen);
    if (!this.#runs()) return null;
    const targets = [this.#isPending || this.#isRefused ? this.paidUntil() : this.#askFrom()];
    if (this.#charged < this.#posted) targets.push(this.#dueFrom());
    if (!this.#isPending && !this.#isLow) targets.push(this.lowFrom());
    return this.#seen + Math.max(0, Math.min(...targets) - this.billable(this.#seen));
  }

  advance(until: number): void {
    for (let at = this.nextDue(); at !== null && at <= until; at = this.nextDue()) {
      this.#seen = at;
      this.#fallDue(at);
    }
  }

  #fallDue(at: number): void {
    if (this.state === 'suspended') return this.#graceIsOver(at);
    if (this.state === 'closing') return this.#finish();
    if (this.#quietSince !== null) return this.#endQuiet();
    const used = this.billable(at);
    if (this.#charged < this.#posted && used >= this.#dueFrom()) return this.#unitIsDue(at);
    if ((this.#isPending || this.#isRefused) && used >= this.paidUntil()) {
      return this.#isPending ? this.#wait(at) : this.#suspend(at, at);
    }
    if (!this.#isPending && !this.#isRefused && used >= this.#askFrom()) return this.#want(at);
    this.#judgeLow(at);
  }

  /** What is paid is used up: the meter stands. Of the first unit nobody is told for a moment. */
  #wait(at: number): void {
    if (!this.#isStarted && this.#reasons.size === 0) {
      this.#reasons.add('ledger_wait');
      this.#standstills.push({ why: 'ledger_wait', from: at, to: null });
      this.#quietSince = at;
    } else this.#beginPause('ledger_wait', at, at);
  }

  #emitStarted(at: number): void {
    this.#isStarted = true;
    this.#emit({ kind: 'started', ...this.#stamp(at) });
  }

  #endQuiet(): void {
    const since = this.#quietSince;
    if (since === null) return;
    this.#quietSince = null;
    this.#emitStarted(since);
    const atMs = Math.max(since, this.#seen);
    const { billableMs } = this.#stamp(atMs);
    this.#emit({
      kind: 'paused',
      atMs,
      billableMs,
      reason: 'ledger_wait',
      sinceMs: since,
      reasons: this.#reasonList(),
    });
  }

  // ---- money

  unitMs(): number {
    return this.#terms.tariff === 'per_minute' ? 60_000 : 1_000;
  }

  paidUntil(): number {
    return Number(this.#posted) * this.unitMs();
  }

  /** Rule 4: the next unit is asked for up to a second ahead. */
  #askFrom(): number {
    return this.paidUntil() - POSTED_AHEAD_MS + 1;
  }

  /** Rules 2 and 3: a unit falls due when billable time is greater than what the units before it cover. */
  #dueFrom(): number {
    return Number(this.#charged) * this.unitMs() + 1;
  }

  /** Rule 2: rate a minute. Rule 3: after s seconds ceil(rate · s / 60). */
  #price(units: bigint): bigint {
    const rate = BigInt(this.#terms.rateMinor);
    if (this.#terms.tariff === 'per_minute') return rate * units;
    const whole = (rate * units) / 60n;
    return whole * 60n === rate * units ? whole : whole + 1n;
  }

  #nextAmount(): bigint {
    return this.#price(this.#posted + 1n) - this.#price(this.#posted);
  }

  /** The most further units whose charges fit into the balance, by trying. */
  #affordable(): bigint {
    const fits = (more: bigint) => this.#price(this.#posted + more) - this.#price(this.#posted) <= this.#balance;
    let least = 0n;
    let most = 1n << 31n;
    if (fits(most)) return most;
    while (most - least > 1n) {
      const middle = (least + most) / 2n;
      if (fits(middle)) least = middle;
      else most = middle;
    }
    return least;
  }

  #timeLeft(at: number): number {
    return Math.max(0, this.paidUntil() + Number(this.#affordable()) * this.unitMs() - this.billable(at));
  }

  lowFrom(): number {
    return this.paidUntil() + Number(this.#affordable()) * this.unitMs() - this.#settings.lowMs + 1;
  }

  graceEnds(): number {
    return this.#graceEnds;
  }

  #isWaived(): boolean {
    return this.#reasons.has('model_waived');
  }

  #unitIsDue(at: number): void {
    const before = this.#price(this.#charged);
    this.#charged += 1n;
    const amountMinor = Number(this.#price(this.#charged) - before);
    if (amountMinor > 0) this.#emit({ kind: 'charged', ...this.#stamp(at), unit: Number(this.#charged), amountMinor });
  }

  /** Units of a call found again that had fallen due, and that nobody heard of. */
  #chargeWhatIsUsed(at: number): void {
    while (this.#charged < this.#posted && this.billable(at) >= this.#dueFrom()) this.#unitIsDue(at);
  }

  #want(at: number): void {
    if (this.#nextAmount() === 0n) this.#posted += 1n;
    else this.#ask(at, Math.max(0, this.paidUntil() - this.billable(at)));
  }

  /** Rule 4: what was posted and will never fall due is given back. */
  #release(at: number): void {
    this.#chargeWhatIsUsed(at);
    const amountMinor = Number(this.#price(this.#posted) - this.#price(this.#charged));
    const unit = Number(this.#charged) + 1;
    const lastUnit = Number(this.#posted);
    this.#posted = this.#charged;
    if (amountMinor > 0) this.#emit({ kind: 'release_due', ...this.#stamp(at), unit, lastUnit, amountMinor });
  }

  #ask(at: number, waitMs: number): void {
    this.#isPending = true;
    const amountMinor = Number(this.#nextAmount());
    this.#emit({ kind: 'charge_due', ...this.#stamp(at), unit: Number(this.#posted) + 1, amountMinor, waitMs });
  }

  #judgeLow(at: number): void {
    if (this.state !== 'live' || this.#isPending || this.#isWaived()) return;
    const timeLeftMs = this.#timeLeft(at);
    const isLow = timeLeftMs < this.#settings.lowMs;
    if (isLow === this.#isLow) return;
    this.#isLow = isLow;
    this.#emit({ kind: isLow ? 'low_on' : 'low_off', ...this.#stamp(at), timeLeftMs });
  }

  // ---- pauses

  #beginPause(reason: PauseReason, since: number, at: number): boolean {
    if (this.#reasons.has(reason)) return false;
    this.#endQuiet();
    const sinceMs = Math.max(since, this.#liveFrom as number);
    if (MODEL_FAULTS.includes(reason))
      this.#faultSince = this.#isModelsFault() ? Math.min(this.#faultSince, sinceMs) : sinceMs;
    this.#reasons.add(reason);
    this.#standstills.push({ why: reason, from: since, to: null });
    this.#emit({ kind: 'paused', ...this.#stamp(at), reason, sinceMs, reasons: this.#reasonList() });
    return true;
  }

  #endPause(reason: PauseReason, at: number): boolean {
    if (!this.#reasons.delete(reason)) return false;
    this.#stopStanding(reason, at);
    if (reason === 'ledger_wait' && this.#quietSince !== null) {
      this.#quietSince = null;
      this.#emitStarted(at);
    } else this.#emit({ kind: 'resumed', ...this.#stamp(at), reason, reasons: this.#reasonList() });
    return true;
  }

  #stopStanding(why: Standstill['why'], at: number): void {
    for (const s of this.#standstills) if (s.why === why && s.to === null) s.to = at;
  }

  #emitPauses(at: number): void {
    for (const reason of this.#reasonList().filter((reason) => !TOLD_BEFORE.includes(reason)))
      this.#emit({ kind: 'paused', ...this.#stamp(at), reason, sinceMs: at, reasons: this.#reasonList() });
  }

  #isModelsFault(): boolean {
    return MODEL_FAULTS.some((reason) => this.#reasons.has(reason));
  }

  #reasonList(): PauseReason[] {
    return REASON_ORDER.filter((reason) => this.#reasons.has(reason));
  }

  // ---- inputs

  start(at: number): MeterResult {
    return this.#input(at, (at) => {
      if (this.state !== 'opened') return 'wrong_state';
      this.state = 'live';
      this.#wasLive = true;
      this.#liveFrom = at;
      this.#faultSince = at;
      for (const reason of this.#reasons) this.#standstills.push({ why: reason, from: at, to: null });
      if (this.#reasons.size > 0 || this.#posted > 0n) {
        this.#emitStarted(at);
        this.#emitPauses(at);
      }
      return 'ok';
    });
  }

  pauseBegin(reason: HostPauseReason, since: number, at: number): MeterResult {
    return this.#input(at, (now) => {
      if (this.state !== 'live' && this.state !== 'suspended') return 'wrong_state';
      return this.#beginPause(reason, Math.min(since, at), now) ? 'ok' : 'no_change';
    });
  }

  pauseEnd(reason: HostPauseReason, at: number): MeterResult {
    return this.#input(at, (at) => {
      if (this.state !== 'live' && this.state !== 'suspended') return 'wrong_state';
      return this.#endPause(reason, at) ? 'ok' : 'no_change';
    });
  }

  probe(probe: Probe, at: number): MeterResult {
    if (!probe.conclusive) return 'no_change';
    return this.#input(at, (now) => {
      if (this.state !== 'live' && this.state !== 'suspended') return 'wrong_state';
      this.#probes.push({ slow: probe.kbps < this.#settings.slowLinkKbps, startedAt: Math.min(probe.startedAtMs, at) });
      const lastThree = this.#probes.slice(-3);
      const slow = lastThree.filter((p) => p.slow);
      const fast = lastThree.filter((p) => !p.slow);
      if (slow.length >= 2) this.#beginPause('slow_link', (slow[0] as { startedAt: number }).startedAt, now);
      if (fast.length >= 2) this.#endPause('slow_link', now);
      return 'ok';
    });
  }

  waive(at: number): MeterResult {
    return this.#input(at, (at) => {
      if (this.state !== 'live') return 'wrong_state';
      if (!this.#beginPause('model_waived', at, at)) return 'no_change';
      this.#endPause('ledger_wait', at);
      if (this.#isLow) this.#emit({ kind: 'low_off', ...this.#stamp(at), timeLeftMs: null });
      this.#isLow = false;
      if (!this.#isPending) this.#release(at);
      return 'ok';
    });
  }

  balance(balanceMinor: number, at: number): MeterResult {
    return this.#input(at, () => {
      if (this.state === 'closed') return 'wrong_state';
      this.#balance = BigInt(balanceMinor);
      if (this.#balance >= this.#nextAmount()) this.#isRefused = false;
      return 'ok';
    });
  }

  posted(unit: number, balanceMinor: number, at: number): MeterResult {
    return this.#input(at, (at) => {
      if (!this.#isPending || BigInt(unit) !== this.#posted + 1n) return 'other_unit';
      this.#isPending = false;
      this.#posted += 1n;
      this.#balance = BigInt(balanceMinor);
      if (this.state === 'closing') this.#closeWhenKnown(at);
      else if (this.state === 'suspended') {
        this.state = 'live';
        this.#stopStanding('suspended', at);
        this.#emit({ kind: 'restarted', ...this.#stamp(at), unit, reasons: this.#reasonList() });
      } else if (this.#isWaived()) this.#release(at);
      else this.#endPause('ledger_wait', at);
      return 'ok';
    });
  }

  refused(unit: number, balanceMinor: number, at: number): MeterResult {
    return this.#input(at, (at) => {
      if (!this.#isPending || BigInt(unit) !== this.#posted + 1n) return 'other_unit';
      this.#isPending = false;
      this.#balance = BigInt(balanceMinor);
      if (this.state === 'closing') this.#closeWhenKnown(at);
      if (this.state !== 'live' || this.#isWaived()) return 'ok';
      this.#endQuiet();
      const used = this.billable(at);
      if (used >= this.paidUntil()) this.#suspend(this.#whenBillableWas(this.paidUntil(), at), at);
      else {
        this.#isRefused = used >= this.#askFrom();
        this.#endPause('ledger_wait', at);
      }
      return 'ok';
    });
  }

  /** The next unit is refused, and what is paid was used up then. */
  #suspend(usedUpAt: number, at: number): void {
    this.state = 'suspended';
    this.#isRefused = false;
    this.#standstills.push({ why: 'suspended', from: usedUpAt, to: null });
    this.#graceEnds = at + this.#settings.graceMs;
    this.#endPause('ledger_wait', at);
    const graceEndsAtMs = this.#graceEnds;
    const unit = Number(this.#posted) + 1;
    this.#emit({ kind: 'suspended', atMs: usedUpAt, billableMs: this.billable(at), unit, graceEndsAtMs });
  }

  restart(at: number): MeterResult {
    return this.#input(at, (at) => {
      if (this.state !== 'suspended') return 'wrong_state';
      if (this.#isPending) return 'no_change';
      this.#ask(at, Math.max(0, this.#graceEnds - at));
      return 'ok';
    });
  }

  end(by: EndedBy, at: number, isHangUp = false): MeterResult {
    return this.#input(at, (at) => {
      if (this.state === 'closing' && by === 'model' && this.#endsToo(at)) return 'ok';
      if (this.state === 'closing' || this.state === 'closed') return 'wrong_state';
      this.#close(by, at, false, isHangUp);
      return 'ok';
    });
  }

  // ---- the end

  #graceIsOver(at: number): void {
    this.#emit({ kind: 'grace_over', ...this.#stamp(at) });
    this.#close('client', at, true, false);
  }

  #close(by: EndedBy, at: number, outOfFunds: boolean, isHangUp: boolean): void {
    this.#endQuiet();
    this.#chargeWhatIsUsed(at);
    this.state = 'closing';
    this.#standstills.push({ why: 'ended', from: at, to: null });
    const cap = this.#balance + this.#price(this.#posted) - this.#price(this.#charged);
    this.#ended = { by, at, outOfFunds, closesAt: at, cap };
    if (isHangUp && this.#minimum() === 'due') this.#ended.closesAt = at + BOTH_END_MS;
    this.#closeWhenKnown(at);
  }

  /** Rule 5: both ended it within a second, so the model did. */
  #endsToo(at: number): boolean {
    const ended = this.#ended as Ended;
    if (ended.by !== 'client' || ended.closesAt === ended.at || at > ended.closesAt) return false;
    ended.by = 'model';
    ended.closesAt = ended.at;
    this.#emit({ kind: 'ended_by_both', ...this.#stamp(at) });
    this.#closeWhenKnown(at);
    return true;
  }

  #closeWhenKnown(at: number): void {
    if (!this.#isPending && (this.#ended?.closesAt ?? 0) <= at) this.#finish();
  }

  #rest(): bigint {
    if (!this.#wasLive) return 0n;
    return BigInt(this.#terms.rateMinor) * BigInt(this.#terms.minimumMin) - this.#price(this.#charged);
  }

  #minimum(): MinimumReason {
    const { by, at } = this.#ended as { by: EndedBy; at: number };
    if (this.#rest() <= 0n) return 'none';
    if (by === 'model') return 'model_ended';
    if (by === 'appliance') return 'appliance_ended';
    if (this.#isWaived()) return 'waived';
    return this.#isModelsFault() && at - this.#faultSince >= MODEL_FAULT_MS ? 'model_fault' : 'due';
  }

  #finish(): void {
    const { by, at, outOfFunds, cap } = this.#ended as Ended;
    this.state = 'closed';
    this.#release(at);
    const minimum = this.#minimum();
    // biome-ignore lint/complexity/useMathMinMax: these are bigints
    const rest = this.#rest() < cap ? this.#rest() : cap;
    if (minimum === 'due' && rest > 0n) {
      const amountMinor = Number(rest);
      this.#emit({ kind: 'minimum_due', ...this.#stamp(at), unit: 0, amountMinor, capMinor: Number(cap) });
    }
    const chargedMinor = Number(this.#price(this.#charged));
    const unitsCharged = Number(this.#charged);
    this.#emit({ kind: 'closed', ...this.#stamp(at), unitsCharged, chargedMinor, endedBy: by, outOfFunds, minimum });
  }

  // ---- how it looks

  figures(at: number): Figures {
    const call = this.#copy();
    call.advance(at);
    const now = Math.max(at, call.#seen);
    const billableMs = call.billable(now);
    const reasons = call.#quietSince === null ? call.#reasonList() : [];
    return {
      state: call.state === 'live' ? (reasons.length > 0 ? 'not_charging' : 'charging') : call.state,
      reasons,
      billableMs,
      unitsCharged: Number(call.#charged),
      chargedMinor: Number(call.#price(call.#charged)),
      unitsPosted: Number(call.#posted),
      balanceMinor: Number(call.#balance),
      paidUntilBillableMs: call.paidUntil(),
      paidLeftMs: Math.max(0, call.paidUntil() - billableMs),
      timeLeftMs: call.#isWaived() ? null : call.#timeLeft(now),
      isLow: call.#isLow,
      graceLeftMs: call.state === 'suspended' ? Math.max(0, call.#graceEnds - now) : null,
      pendingUnit: call.#isPending ? Number(call.#posted) + 1 : null,
      pendingAmountMinor: call.#isPending ? Number(call.#nextAmount()) : 0,
    };
  }

  #copy(): ReferenceCall {
    const copy = new ReferenceCall(this.#terms, this.#settings, this.#seen);
    copy.state = this.state;
    copy.#balance = this.#balance;
    copy.#posted = this.#posted;
    copy.#charged = this.#charged;
    copy.#isRefused = this.#isRefused;
    copy.#quietSince = this.#quietSince;
    copy.#isStarted = this.#isStarted;
    copy.#faultSince = this.#faultSince;
    copy.#billableBefore = this.#billableBefore;
    copy.#liveFrom = this.#liveFrom;
    copy.#standstills = this.#standstills.map((s) => ({ ...s }));
    copy.#reasons = new Set(this.#reasons);
    copy.#probes = [...this.#probes];
    copy.#isPending = this.#isPending;
    copy.#isLow = this.#isLow;
    copy.#wasLive = this.#wasLive;
    copy.#graceEnds = this.#graceEnds;
    copy.#ended = this.#ended && { ...this.#ended };
    return copy;
  }

  /** Time passes, the input takes effect, and what it changed may be low or due at once. */
  #input(at: number, effect: (at: number) => MeterResult): MeterResult {
    const now = Math.max(at, this.#seen);
    this.advance(now);
    const result = effect(Math.max(now, this.#seen));
    if (result !== 'ok') return result;
    this.#seen = now;
    this.#judgeLow(now);
    this.advance(now);
    return 'ok';
  }

  #stamp(at: number): { atMs: number; billableMs: number } {
    return { atMs: at, billableMs: this.billable(at) };
  }

  #emit(event: PlainEvent): void {
    this.events.push(event);
  }
}
