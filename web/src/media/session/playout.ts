// How long sound waits before it is heard, and how fast it is played to keep to that: long enough that what
// comes late is still there in time, and no longer. Pure, so that the audio thread and tests share it.

const TARGET_MS_MIN = 40;
const TARGET_MS_MAX = 300;
const TARGET_MS_START = 60;
const RESUME_MS = 40;
/** After a gap so much more is kept than would have bridged it. */
const TARGET_MS_UP = 30;
/** What was left over at the worst moment of so long was not needed, but for a little. */
const WINDOW_MS = 4_000;
const SPARE_MS = 25;
/** While a call begins everything starts at once: its gaps say nothing of the line. */
const BEGIN_MS = 3_000;
/** Around the target nothing is done. */
const SLACK_MS = 15;
/** So far above it, the rest is left out at once: a sound that stalled and came in one heap. */
const HEAP_MS = 300;
const HEAP_MS_BEGIN = 60;
/** Gaps are told of for so long. */
const GAPS_TOLD_MS = 5_000;
/** Slower or faster by this much is not heard. */
const STRETCH = 0.02;
/** So far from the target, more is the better choice. */
const MUCH_MS = 60;
const STRETCH_MORE = 0.06;

export class Playout {
  #targetMs = TARGET_MS_START;
  #isPlaying = false;
  #windowMs = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #gapMs = 0;
  /** Time in which anything was asked for. */
  #clockMs = 0;
  #gaps: { readonly endMs: number; readonly ms: number }[] = [];
  #hasPlayed = false;

  /** The longest silence lately that should have been none, in ms. */
  get gapMs(): number {
    return Math.max(this.#gapMs, ...this.#gaps.map(({ ms }) => ms));
  }

  get targetMs(): number {
    return this.#targetMs;
  }

  /**
   * What to do for the next stretch of sound.
   * @param bufferedMs what is there
   * @param stretchMs what is wanted now
   * @returns `speed` 0: silence. `dropMs`: to be left out first
   */
  next(bufferedMs: number, stretchMs: number): { readonly speed: number; readonly dropMs: number } {
    this.#clockMs += stretchMs;
    while (this.#gaps[0] && this.#clockMs - this.#gaps[0].endMs > GAPS_TOLD_MS) this.#gaps.shift();
    if (!this.#isPlaying) {
      // After a gap it begins with less than it would like to have: the rest is gained by playing slower.
      if (bufferedMs < (this.#hasPlayed ? RESUME_MS : this.#targetMs)) return this.#silence(stretchMs);
      this.#isPlaying = true;
    }
    if (bufferedMs < stretchMs) {
      this.#isPlaying = false;
      this.#beginWindow();
      return this.#silence(stretchMs);
    }
    this.#hasPlayed = true;
    if (this.#gapMs > 0) this.#observe(this.#gapMs);
    this.#gapMs = 0;
    this.#leastMs = Math.min(this.#leastMs, bufferedMs - stretchMs);
    this.#windowMs += stretchMs;
    if (this.#windowMs > WINDOW_MS) this.#endWindow();
    const over = bufferedMs - this.#targetMs;
    if (over > (this.#clockMs < BEGIN_MS ? HEAP_MS_BEGIN : HEAP_MS)) return { speed: 1, dropMs: over };
    if (over > MUCH_MS) return { speed: 1 + STRETCH_MORE, dropMs: 0 };
    if (over > SLACK_MS) return { speed: 1 + STRETCH, dropMs: 0 };
    if (over < -MUCH_MS) return { speed: 1 - STRETCH_MORE, dropMs: 0 };
    return { speed: over < -SLACK_MS ? 1 - STRETCH : 1, dropMs: 0 };
  }

  #beginWindow(): void {
    this.#windowMs = 0;
    this.#leastMs = Number.POSITIVE_INFINITY;
  }

  #endWindow(): void {
    const needless = Math.max(0, this.#leastMs - SPARE_MS);
    this.#targetMs = Math.max(TARGET_MS_MIN, this.#targetMs - needless / 2);
    this.#beginWindow();
  }

  #observe(gapMs: number): void {
    this.#gaps.push({ endMs: this.#clockMs, ms: gapMs });
    if (this.#clockMs < BEGIN_MS) return;
    this.#targetMs = Math.min(TARGET_MS_MAX, Math.max(this.#targetMs, gapMs) + TARGET_MS_UP);
  }

  #silence(stretchMs: number): { speed: number; dropMs: number } {
    if (this.#hasPlayed) this.#gapMs += stretchMs;
    return { speed: 0, dropMs: 0 };
  }
}
