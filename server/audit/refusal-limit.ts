/** Refusals that are written down in a minute. Strangers make them: as many as they like would fill the disk. */
const REFUSALS_PER_MINUTE_MAX = 60;
const MINUTE_MS = 60_000;

/** Counts refusals; what is too much in a minute is not written, and how much that was is said with the next one. */
export class RefusalLimit {
  #sinceMs = Number.NEGATIVE_INFINITY;
  #written = 0;
  #unwritten = 0;

  /** @returns how many were left out since the last one that was written; null: this one is left out, too */
  take(nowMs = performance.now()): number | null {
    if (nowMs - this.#sinceMs >= MINUTE_MS) {
      this.#sinceMs = nowMs;
      this.#written = 0;
    }
    if (this.#written >= REFUSALS_PER_MINUTE_MAX) {
      this.#unwritten += 1;
      return null;
    }
    this.#written += 1;
    const unwritten = this.#unwritten;
    this.#unwritten = 0;
    return unwritten;
  }
}
