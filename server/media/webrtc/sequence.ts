/** Sequence numbers come round at this (RFC 3550 section 5.1). */
const CYCLE = 65_536;
/** A jump of more is a sender that has begun anew (RFC 3550 appendix A.1). */
const JUMP_MAX = 3_000;

/** How many packets of one stream never came, by their sequence numbers (RFC 3550 appendix A.3). */
export class SequenceCounter {
  #ssrc = -1;
  #first = 0;
  #highest = 0;
  #received = 0;
  /** Of streams and runs that are over. */
  #lostBefore = 0;

  /** Less than before when a missing packet came late. */
  get lost(): number {
    return this.#lostBefore + this.#lostNow;
  }

  take(ssrc: number, sequence: number): void {
    if (ssrc !== this.#ssrc || this.#received === 0) return this.#begin(ssrc, sequence);
    const step = (sequence - (this.#highest % CYCLE) + CYCLE) % CYCLE;
    const isLate = step > CYCLE - JUMP_MAX;
    if (!isLate && step > JUMP_MAX) return this.#begin(ssrc, sequence);
    if (!isLate) this.#highest += step;
    if (isLate || step > 0) this.#received += 1; // a step of 0 is a duplicate
  }

  get #lostNow(): number {
    return this.#received === 0 ? 0 : Math.max(0, this.#highest - this.#first + 1 - this.#received);
  }

  #begin(ssrc: number, sequence: number): void {
    this.#lostBefore = this.lost;
    this.#ssrc = ssrc;
    this.#first = sequence;
    this.#highest = sequence;
    this.#received = 1;
  }
}
