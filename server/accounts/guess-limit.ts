/** Wrong passwords for one name from one network before the next one has to wait. */
const FREE_GUESSES = 5;
/** The first wait, in ms; each wrong password after it doubles the wait, up to the longest. */
const WAIT_MS_MIN = 2_000;
const WAIT_MS_MAX = 15 * 60_000;
/** Wrong passwords for one name from all networks in an hour; beyond it a one-time link still lets its person in. */
const GUESSES_PER_HOUR_MAX = 100;
const HOUR_MS = 3_600_000;
/** Names that are remembered; beyond it the one that was tried longest ago is forgotten. */
const NAMES_MAX = 20_000;

interface Guesses {
  count: number;
  sinceMs: number;
  /** When the next one may be tried. */
  freeAtMs: number;
  /** It has been right from there before: strangers elsewhere do not shut its owner out. */
  isTrusted: boolean;
}

/**
 * Slows down who guesses passwords. A guess is counted before it is looked at, so that many at once count as many, and
 * given back when it was right. A name that does not exist is treated as one that does.
 */
export class GuessLimit {
  readonly #now: () => number;
  readonly #guesses = new Map<string, Guesses>();

  /** @param now a clock that only moves forward, in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * @param network where the guess comes from, as `networkOf` has it
   * @returns 0 when it may be tried, and counts it; else after how many ms to come back
   */
  take(name: string, network: string): number {
    const nowMs = this.#now();
    const [here, everywhere] = [this.#of(`${name} ${network}`, nowMs), this.#of(name, nowMs)];
    const isOpen = here.isTrusted || everywhere.count < GUESSES_PER_HOUR_MAX;
    const waitMs = Math.max(here.freeAtMs, isOpen ? 0 : everywhere.sinceMs + HOUR_MS) - nowMs;
    if (waitMs > 0) return waitMs;
    here.count += 1;
    everywhere.count += 1;
    const over = here.count - FREE_GUESSES;
    if (over >= 0) here.freeAtMs = nowMs + Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** over);
    return 0;
  }

  /** It was right: this network begins anew, and the guess is no longer counted among all. */
  giveBack(name: string, network: string): void {
    const nowMs = this.#now();
    Object.assign(this.#of(`${name} ${network}`, nowMs), { count: 0, freeAtMs: 0, isTrusted: true });
    this.#of(name, nowMs).count -= 1;
  }

  #of(key: string, nowMs: number): Guesses {
    const known = this.#guesses.get(key);
    const isOld = known !== undefined && nowMs - known.sinceMs >= HOUR_MS && nowMs >= known.freeAtMs;
    const guesses =
      known && !isOld ? known : { count: 0, sinceMs: nowMs, freeAtMs: 0, isTrusted: known?.isTrusted ?? false };
    this.#guesses.delete(key);
    this.#guesses.set(key, guesses);
    const [oldest] = this.#guesses.keys();
    if (this.#guesses.size > NAMES_MAX && oldest !== undefined) this.#guesses.delete(oldest);
    return guesses;
  }
}
