// The core's charging in plain JavaScript on typed arrays, as one would write it without WebAssembly:
// the same deadlines, charges, waits for the ledger and warnings; no pauses, no suspension, no handles.
// It is what the bench compares with, so it leaves out nothing that a charge costs there.

const NEVER = 0x7fffffff;
const CHARGE_WAIT_MS = 200;
const LOW_MS = 120_000;
const UNIT_MS = 60_000;

export type PlainEvent =
  | {
      kind: 'charge_due';
      call: number;
      atMs: number;
      billableMs: number;
      unit: number;
      amountMinor: number;
      waitMs: number;
    }
  | { kind: 'low_on'; call: number; atMs: number; billableMs: number; timeLeftMs: number }
  | { kind: 'paused'; call: number; atMs: number; billableMs: number };

export class PlainMeter {
  readonly #deadline: Int32Array;
  readonly #startedAt: Int32Array;
  readonly #rate: Float64Array;
  readonly #balance: Float64Array;
  readonly #units: Int32Array;
  readonly #flags: Uint8Array;
  #count = 0;
  #events: PlainEvent[] = [];

  constructor(capacity: number) {
    this.#deadline = new Int32Array(capacity).fill(NEVER);
    this.#startedAt = new Int32Array(capacity);
    this.#rate = new Float64Array(capacity);
    this.#balance = new Float64Array(capacity);
    this.#units = new Int32Array(capacity);
    this.#flags = new Uint8Array(capacity);
  }

  start(rateMinor: number, balanceMinor: number, atMs: number): number {
    const call = this.#count++;
    this.#rate[call] = rateMinor;
    this.#balance[call] = balanceMinor;
    this.#startedAt[call] = atMs;
    this.#deadline[call] = this.#next(call);
    return call;
  }

  /** A call that never falls due. */
  idle(): void {
    this.#deadline[this.#count++] = NEVER - 1;
  }

  tick(now: number): void {
    const deadline = this.#deadline;
    const count = this.#count;
    for (let call = 0; call < count; call++) {
      if ((deadline[call] as number) <= now) this.#settle(call, now);
    }
  }

  drain(): PlainEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  posted(call: number, unit: number, balanceMinor: number): void {
    if (!((this.#flags[call] as number) & PENDING) || unit !== (this.#units[call] as number) + 1) return;
    this.#flags[call] = (this.#flags[call] as number) & ~PENDING;
    this.#units[call] = unit;
    this.#balance[call] = balanceMinor;
    this.#deadline[call] = this.#next(call);
  }

  #settle(call: number, now: number): void {
    let at = this.#deadline[call] as number;
    while (at <= now) {
      const flags = this.#flags[call] as number;
      const billableMs = at - (this.#startedAt[call] as number);
      const paidUntil = (this.#units[call] as number) * UNIT_MS;
      if (flags & PENDING) {
        this.#flags[call] = flags | WAITING;
        this.#events.push({ kind: 'paused', call, atMs: at, billableMs });
      } else if (billableMs > paidUntil) {
        this.#flags[call] = flags | PENDING;
        const unit = (this.#units[call] as number) + 1;
        const waitMs = paidUntil + CHARGE_WAIT_MS - billableMs;
        this.#events.push({
          kind: 'charge_due',
          call,
          atMs: at,
          billableMs,
          unit,
          amountMinor: this.#rate[call] as number,
          waitMs,
        });
      } else {
        this.#flags[call] = flags | LOW;
        this.#events.push({ kind: 'low_on', call, atMs: at, billableMs, timeLeftMs: this.#covered(call) - billableMs });
      }
      at = this.#next(call);
    }
    this.#deadline[call] = at;
  }

  #covered(call: number): number {
    return (
      ((this.#units[call] as number) + Math.floor((this.#balance[call] as number) / (this.#rate[call] as number))) *
      UNIT_MS
    );
  }

  #next(call: number): number {
    const flags = this.#flags[call] as number;
    const startedAt = this.#startedAt[call] as number;
    if (flags & WAITING) return NEVER;
    const paidUntil = startedAt + (this.#units[call] as number) * UNIT_MS;
    if (flags & PENDING) return paidUntil + CHARGE_WAIT_MS;
    if (flags & LOW) return paidUntil + 1;
    return Math.min(paidUntil + 1, startedAt + this.#covered(call) - LOW_MS + 1);
  }
}

const PENDING = 1;
const LOW = 2;
const WAITING = 4;
