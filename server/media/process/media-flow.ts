import type { Side } from '../../contract/index.ts';

export type FlowEvent =
  | { readonly type: 'flowing'; readonly atMs: number }
  | { readonly type: 'silent'; readonly sinceMs: number };

/** Media flows while so many packets (or frames) have come within the window (charging rules: what counts as media). */
export const FLOW_PACKETS_MIN = 10;
export const FLOW_WINDOW_MS = 2_000;
/** A client's media must have come for so long without a gap before the model's passes to him again. */
export const CLIENT_STEADY_MS = 1_000;
/** Packets further apart are a gap. */
const GAP_MS = 500;
/** What a page says of its switches holds for so long: it says it twice a second. */
export const SWITCHES_AGE_MS_MAX = 2_000;
/** A model with both switches off is silent after this. */
export const MODEL_OFF_MS_MAX = 10_000;

/**
 * Whether media of one side flows, from its packets alone, but for switches that its page says are off. Packets are
 * facts; what the page says is a claim that holds for a moment and that it has to repeat.
 */
export class MediaFlow {
  readonly #side: Side;
  readonly #notify: (notice: FlowEvent) => void;
  /** Times of the last packets, in a ring. */
  readonly #times = new Float64Array(FLOW_PACKETS_MIN).fill(Number.NEGATIVE_INFINITY);
  #at = 0;
  #isFlowing = false;
  #lastMediaMs: number | null = null;
  /** Since when packets have come without a gap; infinite from a silence on until the next packet. */
  #steadySinceMs = Number.POSITIVE_INFINITY;
  /** When the window was last full: the newest packet of a flow, not a single one after it. */
  #lastFullMs = Number.NEGATIVE_INFINITY;
  #isOff = false;
  #saidOffMs = Number.NEGATIVE_INFINITY;
  /** Both switches have been off since then, with no window's length of packets in between. */
  #offSinceMs: number | null = null;
  /** When they were last turned off. */
  #turnedOffMs = Number.NEGATIVE_INFINITY;
  /** The switch is back on since then: silence counts from here. */
  #onSinceMs = Number.NEGATIVE_INFINITY;

  constructor(side: Side, notify: (notice: FlowEvent) => void) {
    this.#side = side;
    this.#notify = notify;
  }

  get lastMediaMs(): number | null {
    return this.#lastMediaMs;
  }

  get isFlowing(): boolean {
    return this.#isFlowing;
  }

  /** A packet or frame of media has come. */
  media(nowMs: number): void {
    const isGap = this.#lastMediaMs === null || nowMs - this.#lastMediaMs > GAP_MS;
    if (isGap || this.#steadySinceMs === Number.POSITIVE_INFINITY) this.#steadySinceMs = nowMs;
    this.#lastMediaMs = nowMs;
    this.#times[this.#at] = nowMs;
    this.#at = (this.#at + 1) % FLOW_PACKETS_MIN;
    if (nowMs - (this.#times[this.#at] as number) <= FLOW_WINDOW_MS) {
      this.#lastFullMs = nowMs;
      // A side that is on and sends for as long as media is judged over is no longer the one that was off.
      const onSinceMs = Math.max(this.#steadySinceMs, this.#onSinceMs);
      if (!this.#isBelievedOff(nowMs) && nowMs - onSinceMs >= FLOW_WINDOW_MS) this.#offSinceMs = null;
    }
    if (!this.#isFlowing) this.#judge(nowMs);
  }

  /**
   * The side's page says whether both its switches are off; it says so twice a second while they are.
   * @param offSinceMs since when, on legs before this one too; null while one of them is on
   */
  switches(offSinceMs: number | null, nowMs: number): void {
    const isOff = offSinceMs !== null;
    if (isOff) {
      if (!this.#isOff) this.#turnedOffMs = nowMs;
      this.#saidOffMs = nowMs;
      this.#offSinceMs ??= offSinceMs;
    } else if (this.#isOff) {
      this.#onSinceMs = nowMs;
      // What came before the switch was back on proves nothing of what comes after it.
      this.#times.fill(Number.NEGATIVE_INFINITY);
      this.#lastFullMs = Number.NEGATIVE_INFINITY;
    }
    this.#isOff = isOff;
    this.#judge(nowMs);
  }

  /** Tells when media has stopped. Called several times a second. */
  watch(nowMs: number): void {
    this.#judge(nowMs);
  }

  #judge(nowMs: number): void {
    const silentSinceMs = this.#silentSinceMs(nowMs);
    if (this.#isFlowing) {
      if (silentSinceMs === null) return;
      this.#isFlowing = false;
      // Who hovers about the threshold is not back with every tenth packet.
      this.#steadySinceMs = Number.POSITIVE_INFINITY;
      // The client pays for the time in which his silence is noticed; the model is not paid for it.
      const sinceMs = this.#side === 'client' ? Math.min(nowMs, silentSinceMs + FLOW_WINDOW_MS) : silentSinceMs;
      return this.#notify({ type: 'silent', sinceMs });
    }
    if (silentSinceMs !== null || !this.#mayFlowAgain(nowMs)) return;
    this.#isFlowing = true;
    this.#notify({ type: 'flowing', atMs: nowMs });
  }

  /** Since when the side is silent; null while it is not. */
  #silentSinceMs(nowMs: number): number | null {
    if (this.#isBelievedOff(nowMs)) {
      const offUntilMs = (this.#offSinceMs ?? nowMs) + MODEL_OFF_MS_MAX;
      return this.#side === 'model' && nowMs > offUntilMs ? Math.max(offUntilMs, this.#turnedOffMs) : null;
    }
    const sinceMs = Math.max(this.#lastFullMs, this.#onSinceMs, this.#isOff ? this.#saidOffMs : this.#onSinceMs);
    // Ten packets of a flow reach back over the whole window: one that thins out is noticed as one that stops is.
    const isFull = nowMs - (this.#times[this.#at] as number) <= FLOW_WINDOW_MS;
    if (isFull || nowMs - this.#onSinceMs <= FLOW_WINDOW_MS) return null;
    return sinceMs === Number.NEGATIVE_INFINITY ? nowMs : sinceMs;
  }

  /** A claim that is not repeated is no longer believed: then packets count again. */
  #isBelievedOff(nowMs: number): boolean {
    return this.#isOff && nowMs - this.#saidOffMs <= SWITCHES_AGE_MS_MAX;
  }

  /** A silent side has to show that it is back: the model by packets, the client by a second of them. */
  #mayFlowAgain(nowMs: number): boolean {
    const steadyMs = this.#side === 'client' ? CLIENT_STEADY_MS : 0;
    if (this.#isBelievedOff(nowMs)) return nowMs - (this.#offSinceMs ?? nowMs) >= steadyMs;
    const isFull = nowMs - (this.#times[this.#at] as number) <= FLOW_WINDOW_MS;
    const lastMs = this.#lastMediaMs ?? Number.NEGATIVE_INFINITY;
    return isFull && nowMs - lastMs <= GAP_MS && lastMs - this.#steadySinceMs >= steadyMs;
  }
}
