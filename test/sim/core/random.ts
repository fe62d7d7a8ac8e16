// Randomness from a seed: the same seed gives the same scenario on every machine.

/** mulberry32: 32 bits of state, good enough for scenarios. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 ≤ x < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from least to most. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(...from: T[]): T {
    return from[this.whole(0, from.length - 1)] as T;
  }

  /** A whole number up to `most`, small ones as likely as large ones. */
  spread(most: number): number {
    return Math.floor(Math.exp(this.next() * Math.log(most + 1))) - 1;
  }
}

/** A number that depends on its parts alone, so that dropping one step of a scenario leaves the others as they were. */
export function seedOf(...parts: number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  return hash | 0;
}
