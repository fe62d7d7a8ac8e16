/** A side that was on and flowed for so long without a stop was on: then a new off is a new one. */
export const PROVEN_ON_MS = 5_000;

/**
 * Since when a side says that both its switches are off, over all its legs: ten seconds of it are paid, and new legs, or
 * a moment of on in between, do not begin them anew (charging rules: switches).
 */
export class SwitchesOff {
  #isOff = false;
  #sinceMs: number | null = null;
  /** Since when its media flows with the switches on; null: it does not. */
  #flowsSinceMs: number | null = null;
  /** It had flowed long enough before its media stopped, or its leg ended. */
  #isProvenOn = false;

  /** Media of the side flows. */
  flows(nowMs: number): void {
    if (!this.#isOff) this.#flowsSinceMs ??= nowMs;
  }

  /** Media of the side has stopped, or its leg has ended. */
  stops(nowMs: number): void {
    this.#isProvenOn = this.#wasOn(nowMs);
    this.#flowsSinceMs = null;
  }

  /**
   * What the side's page says, twice a second while they are off.
   * @param isSilent no media of the side flows
   * @returns since when they are off, on the monotonic clock in ms; null while they are on
   */
  said(isOff: boolean, isSilent: boolean, nowMs: number): number | null {
    if (isOff && !this.#isOff) {
      if (this.#sinceMs === null || this.#wasOn(nowMs)) this.#sinceMs = nowMs;
      this.#isProvenOn = false;
      this.#flowsSinceMs = null;
    }
    if (!isOff && this.#isOff) this.#flowsSinceMs = isSilent ? null : nowMs;
    this.#isOff = isOff;
    return isOff ? this.#sinceMs : null;
  }

  #wasOn(nowMs: number): boolean {
    return this.#isProvenOn || (this.#flowsSinceMs !== null && nowMs - this.#flowsSinceMs >= PROVEN_ON_MS);
  }
}
