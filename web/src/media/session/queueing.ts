/** What is remembered of the quickest frames: clocks drift, and a way may change. */
const WINDOW_MS = 10_000;
const PARTS = 5;

/**
 * How long frames wait on their way, beyond the quickest of the last seconds. Two clocks without a common zero:
 * only differences mean anything. A queue holds up every frame and a busy machine holds up some, so the quickest
 * frame of each stretch speaks for it.
 */
export class Queueing {
  /** Least delay in each part of the window, newest last. */
  readonly #parts: { readonly fromMs: number; least: number }[] = [];
  #least = Number.POSITIVE_INFINITY;

  take(capturedMs: number, nowMs: number): void {
    const delay = nowMs - capturedMs;
    this.#least = Math.min(this.#least, delay);
    const newest = this.#parts.at(-1);
    if (newest && nowMs - newest.fromMs <= WINDOW_MS / PARTS) {
      newest.least = Math.min(newest.least, delay);
      return;
    }
    this.#parts.push({ fromMs: nowMs, least: delay });
    if (this.#parts.length > PARTS) this.#parts.shift();
  }

  /** Of the frames since it was asked last, in ms; null when there were none. */
  read(): number | null {
    if (this.#least === Number.POSITIVE_INFINITY) return null;
    const queueMs = this.#least - Math.min(...this.#parts.map(({ least }) => least));
    this.#least = Number.POSITIVE_INFINITY;
    return queueMs;
  }
}
