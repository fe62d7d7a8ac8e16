/** Names that are remembered; beyond it the oldest is forgotten. */
const NAMES_MAX = 10_000;

/**
 * Counts tries by name (a person, an address) in a window of time. Against guessing: a try is taken
 * before it is looked at, so that many at once count as many, and given back when it was right.
 */
export class AttemptLimit {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #tries = new Map<string, { count: number; sinceMs: number }>();

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** @returns whether the name has a try left, which is used up by this */
  take(name: string, nowMs: number): boolean {
    const known = this.#tries.get(name);
    const tries = known && nowMs - known.sinceMs < this.#windowMs ? known : { count: 0, sinceMs: nowMs };
    if (tries.count >= this.#max) return false;
    tries.count += 1;
    this.#tries.delete(name);
    this.#tries.set(name, tries);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > NAMES_MAX && oldest !== undefined) this.#tries.delete(oldest);
    return true;
  }

  giveBack(name: string): void {
    const tries = this.#tries.get(name);
    if (tries && tries.count > 0) tries.count -= 1;
  }
}
