/** Frames a second between one look and the next. */
export class FrameRate {
  #sinceMs: number;
  #framesBefore = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** @param frames all that there were so far */
  look(frames: number, nowMs: number): number {
    const perSecond = Math.round(((frames - this.#framesBefore) * 1_000) / Math.max(1, nowMs - this.#sinceMs));
    this.#sinceMs = nowMs;
    this.#framesBefore = frames;
    return perSecond;
  }
}
