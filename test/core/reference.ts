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
  why: PauseReason | 'suspended' | 'ended' | 'cut';
  from: number;
  to: number | null;
}

/** Rule: 200 ms past the end of paid time the meter stands until the ledger answers. */
const LEDGER_MAY_TAKE_MS = 200;
const REASON_ORDER: PauseReason[] = ['slow_link', 'no_media', 'reconnecting', 'model_waived', 'ledger_wait'];

export class ReferenceCall {
  readonly events: PlainEvent[] = [];
  state: 'opened' | 'live' | 'suspended' | 'closing' | 'closed' = 'opened';
  #terms: OpenCall;
  #settings: ReferenceSettings;
  #balance: bigint;
  #units: bigint;
  #billableBefore: number;
  /** In the end nothing counts that is not paid. */
  #billableAtMost = Number.POSITIVE_INFINITY;
  #liveFrom: number | null = null;
  #standstills: Standstill[] = [];
  #reasons = new Set<PauseReason>();
  #probes: { slow: boolean; startedAt: number }[] = [];
  #isPending = false;
  #isLow = false;
  #wasLive: boolean;
  #graceEnds = 0;
  #ended: { by: EndedBy; at: number; outOfFunds: boolean } | null = null;
  /** Nothing is dated before what happened last. */
  #seen: number;

  constructor(terms: OpenCall, settings: ReferenceSettings, at: number) {
    this.#terms = terms;
    this.#settings = settings;
    this.#balance = BigInt(terms.balanceMinor);
    this.#units = BigInt(terms.unitsCharged ?? 0);
    this.#billableBefore = terms.billableMs ?? 0;
    this.#wasLive = this.#units > 0n || this.#billableBefore > 0;
    this.#seen = at;
    // Seconds that cost nothing have no charge to be found again by.
    while (this.#billableBefore > this.paidUntil() && this.#nextAmount() === 0n) this.#units += 1n;
    if (terms.slowLink) this.#reasons.add('slow_link');
    if (terms.waived) this.#reasons.add('model_waived');
    if (terms.suspendedGraceLeftMs !== undefined) {
      this.state = 'suspended';
      this.#wasLive = true;
      this.#liveFrom = at;
      this.#graceEnds = at + terms.suspendedGraceLeftMs;
      this.#standstills.push({ why: 'suspended', from: at, to: null });
      for (const reason of this.#reasons) this.#standstills.push({ why: reason, from: at, to: null });
    }
  }

  // ---- time

  /** Live time up to `at` in which nothing stood. */
  billable(at: number): number {
    let sum = this.#billableBefore;
    if (this.#liveFrom !== null) for (const [from, to] of this.#pieces(at)) sum += to - from;
    return Math.min(sum, this.#billableAtMost);
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
    if (!this.#runs()) return null;
    const paid = this.paidUntil();
    const targets = this.#isPending ? [paid + LEDGER_MAY_TAKE_MS] : [paid + 1];
    if (!this.#isPending && !this.#isLow) targets.push(this.lowFrom());
    return this.#seen + Math.max(0, Math.min(...targets) - this.billable(this.#seen));
  }

  advance(until: number): void {
    for (let at = this.nextDue(); at !== null && at <= until; at = this.nextDue()) {
      this.#seen = at;
      if (this.state === 'suspended') this.#graceIsOver(at);
      else if (this.#isPending) this.#beginPause('ledger_wait', at, at);
      else if (this.billable(at) > this.paidUntil()) this.#unitIsDue(at);
      else this.#judgeLow(at);
    }
  }

  // ---- money

  unitMs(): number {
    return this.#terms.tariff === 'per_minute' ? 60_000 : 1_000;
  }

  paidUntil(): number {
    return Number(this.#units) * this.unitMs();
  }

  /** Rule 2: rate a minute. Rule 3: after s seconds ceil(rate · s / 60). */
  #price(units: bigint): bigint {
    const rate = BigInt(this.#terms.rateMinor);
    if (this.#terms.tariff === 'per_minute') return rate * units;
    const whole = (rate * units) / 60n;
    return whole * 60n === rate * units ? whole : whole + 1n;
  }

  #nextAmount(): bigint {
    return this.#price(this.#units + 1n) - this.#price(this.#units);
  }

  /** The most further units whose charges fit into the balance, by trying. */
  #affordable(): bigint {
    const fits = (more: bigint) => this.#price(this.#units + more) - this.#price(this.#units) <= this.#balance;
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
    if (this.#nextAmount() === 0n) this.#units += 1n;
    else this.#ask(at, Math.max(0, this.paidUntil() + LEDGER_MAY_TAKE_MS - this.billable(at)));
  }

  #ask(at: number, waitMs: number): void {
    this.#isPending = true;
    const amountMinor = Number(this.#nextAmount());
    this.#tell({ kind: 'charge_due', ...this.#stamp(at), unit: Number(this.#units) + 1, amountMinor, waitMs });
  }

  #judgeLow(at: number): void {
    if (this.state !== 'live' || this.#isPending || this.#isWaived()) return;
    const timeLeftMs = this.#timeLeft(at);
    const isLow = timeLeftMs < this.#settings.lowMs;
    if (isLow === this.#isLow) return;
    this.#isLow = isLow;
    this.#tell({ kind: isLow ? 'low_on' : 'low_off', ...this.#stamp(at), timeLeftMs });
  }

  // ---- pauses

  #beginPause(reason: PauseReason, since: number, at: number): boolean {
    if (this.#reasons.has(reason)) return false;
    this.#reasons.add(reason);
    this.#standstills.push({ why: reason, from: since, to: null });
    const sinceMs = Math.max(since, this.#liveFrom as number);
    this.#tell({ kind: 'paused', ...this.#stamp(at), reason, sinceMs, reasons: this.#reasonList() });
    return true;
  }

  #endPause(reason: PauseReason, at: number): boolean {
    if (!this.#reasons.delete(reason)) return false;
    this.#stopStanding(reason, at);
    this.#tell({ kind: 'resumed', ...this.#stamp(at), reason, reasons: this.#reasonList() });
    return true;
  }

  #stopStanding(why: Standstill['why'], at: number): void {
    for (const s of this.#standstills) if (s.why === why && s.to === null) s.to = at;
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
      for (const reason of this.#reasons) this.#standstills.push({ why: reason, from: at, to: null });
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
      if (this.#isLow) this.#tell({ kind: 'low_off', ...this.#stamp(at), timeLeftMs: null });
      this.#isLow = false;
      return 'ok';
    });
  }

  balance(balanceMinor: number, at: number): MeterResult {
    return this.#input(at, () => {
      if (this.state === 'closed') return 'wrong_state';
      this.#balance = BigInt(balanceMinor);
      return 'ok';
    });
  }

  posted(unit: number, balanceMinor: number, at: number): MeterResult {
    return this.#input(at, (at) => {
      if (!this.#isPending || BigInt(unit) !== this.#units + 1n) return 'other_unit';
      this.#isPending = false;
      this.#units += 1n;
      this.#balance = BigInt(balanceMinor);
      if (this.state === 'closing') this.#finish();
      else if (this.state === 'suspended') {
        this.state = 'live';
        this.#stopStanding('suspended', at);
        this.#tell({ kind: 'restarted', ...this.#stamp(at), unit, reasons: this.#reasonList() });
      } else this.#endPause('ledger_wait', at);
      return 'ok';
    });
  }

  refused(unit: number, balanceMinor: number, at: number): MeterResult {
    return this.#input(at, (at) => {
      if (!this.#isPending || BigInt(unit) !== this.#units + 1n) return 'other_unit';
      this.#isPending = false;
      this.#balance = BigInt(balanceMinor);
      if (this.state === 'suspended') return 'ok';
      const isUsedUp = this.billable(at) >= this.paidUntil();
      const usedUpAt = isUsedUp ? this.#whenBillableWas(this.paidUntil(), at) : at;
      // What ran past the end of paid time is nobody's debt: it is taken out of billable time.
      if (isUsedUp) this.#standstills.push({ why: 'cut', from: usedUpAt, to: at });
      if (isUsedUp) this.#billableBefore = Math.min(this.#billableBefore, this.paidUntil());
      if (this.state === 'closing') {
        this.#finish();
      } else if (isUsedUp && !this.#isWaived()) {
        this.state = 'suspended';
        this.#standstills.push({ why: 'suspended', from: usedUpAt, to: null });
        this.#graceEnds = Math.max(usedUpAt, at - LEDGER_MAY_TAKE_MS) + this.#settings.graceMs;
        this.#endPause('ledger_wait', at);
        const graceEndsAtMs = this.#graceEnds;
        this.#tell({ kind: 'suspended', atMs: usedUpAt, billableMs: this.billable(at), unit, graceEndsAtMs });
      } else {
        this.#endPause('ledger_wait', at);
      }
      return 'ok';
    });
  }

  restart(at: number): MeterResult {
    return this.#input(at, (at) => {
      if (this.state !== 'suspended') return 'wrong_state';
      if (this.#isPending) return 'no_change';
      this.#ask(at, Math.max(0, this.#graceEnds - at));
      return 'ok';
    });
  }

  end(by: EndedBy, at: number): MeterResult {
    return this.#input(at, (at) => {
      if (this.state === 'closing' || this.state === 'closed') return 'wrong_state';
      this.#close(by, at, false);
      return 'ok';
    });
  }

  // ---- the end

  #graceIsOver(at: number): void {
    this.#tell({ kind: 'grace_over', ...this.#stamp(at) });
    this.#close('client', at, true);
  }

  #close(by: EndedBy, at: number, outOfFunds: boolean): void {
    this.state = 'closing';
    this.#ended = { by, at, outOfFunds };
    this.#standstills.push({ why: 'ended', from: at, to: null });
    if (!this.#isPending) this.#finish();
  }

  #finish(): void {
    const { by, at, outOfFunds } = this.#ended as { by: EndedBy; at: number; outOfFunds: boolean };
    this.state = 'closed';
    this.#billableAtMost = this.paidUntil();
    const charged = this.#price(this.#units);
    const rest = BigInt(this.#terms.rateMinor) * BigInt(this.#terms.minimumMin) - charged;
    if (by === 'client' && this.#wasLive && !this.#isWaived() && rest > 0n) {
      this.#tell({ kind: 'minimum_due', ...this.#stamp(at), unit: 0, amountMinor: Number(rest) });
    }
    const chargedMinor = Number(charged);
    const unitsCharged = Number(this.#units);
    this.#tell({ kind: 'closed', ...this.#stamp(at), unitsCharged, chargedMinor, endedBy: by, outOfFunds });
  }

  // ---- how it looks

  figures(at: number): Figures {
    const call = this.#copy();
    call.advance(at);
    const now = Math.max(at, call.#seen);
    const billableMs = call.billable(now);
    return {
      state: call.state === 'live' ? (call.#reasons.size > 0 ? 'not_charging' : 'charging') : call.state,
      reasons: call.#reasonList(),
      billableMs,
      unitsCharged: Number(call.#units),
      chargedMinor: Number(call.#price(call.#units)),
      balanceMinor: Number(call.#balance),
      paidUntilBillableMs: call.paidUntil(),
      paidLeftMs: Math.max(0, call.paidUntil() - billableMs),
      timeLeftMs: call.#isWaived() ? null : call.#timeLeft(now),
      isLow: call.#isLow,
      graceLeftMs: call.state === 'suspended' ? Math.max(0, call.#graceEnds - now) : null,
      pendingUnit: call.#isPending ? Number(call.#units) + 1 : null,
      pendingAmountMinor: call.#isPending ? Number(call.#nextAmount()) : 0,
    };
  }

  #copy(): ReferenceCall {
    const copy = new ReferenceCall(this.#terms, this.#settings, this.#seen);
    copy.state = this.state;
    copy.#balance = this.#balance;
    copy.#units = this.#units;
    copy.#billableBefore = this.#billableBefore;
    copy.#liveFrom = this.#liveFrom;
    copy.#standstills = this.#standstills.map((s) => ({ ...s }));
    copy.#reasons = new Set(this.#reasons);
    copy.#probes = [...this.#probes];
    copy.#isPending = this.#isPending;
    copy.#isLow = this.#isLow;
    copy.#wasLive = this.#wasLive;
    copy.#graceEnds = this.#graceEnds;
    copy.#ended = this.#ended;
    copy.#billableAtMost = this.#billableAtMost;
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

  #tell(event: PlainEvent): void {
    this.events.push(event);
  }
}
