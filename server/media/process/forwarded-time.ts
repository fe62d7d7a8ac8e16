/** A longer gap between two packets is no time in which media was forwarded. */
const GAP_MS_MAX = 1_000;

/** How long media of a leg has reached the other one: what is held against what is paid when the call closes. */
export class ForwardedTime {
  #ms = 0;
  #lastMs: number | null = null;

  get ms(): number {
    return this.#ms;
  }

  get lastMs(): number | null {
    return this.#lastMs;
  }

  /** A packet was forwarded. */
  take(nowMs: number): void {
    if (this.#lastMs !== null && nowMs - this.#lastMs <= GAP_MS_MAX) this.#ms += nowMs - this.#lastMs;
    this.#lastMs = nowMs;
  }
}
