/** A number so far from the last is a sender that has begun anew. */
const JUMP_MAX = 500;

/** Counts what was not there in its turn, whether it comes later or never. */
export class Holes {
  #highest: number | null = null;
  #count = 0;

  take(sequence: number): void {
    const ahead = this.#highest === null ? 1 : sequence - this.#highest;
    if (Math.abs(ahead) > JUMP_MAX) this.#highest = null;
    else this.#count += Math.max(0, ahead - 1);
    this.#highest = Math.max(this.#highest ?? sequence, sequence);
  }

  /** Since it was asked last. */
  read(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
