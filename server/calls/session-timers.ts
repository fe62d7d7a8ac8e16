/** A page that could not open its session by then will not. */
export const SESSION_MS_MAX = 3_000;

/** Sessions that are awaited. One that has come once is not awaited any more, whatever becomes of it. */
export class SessionTimers {
  readonly #timers = new Map<number, NodeJS.Timeout>();

  /** @param late called when the leg's session is not there in time */
  expect(legId: number, late: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(legId);
      late();
    }, SESSION_MS_MAX);
    this.#timers.set(legId, timer);
  }

  /** The session is there, or is not wanted any more. */
  forget(legId: number): void {
    clearTimeout(this.#timers.get(legId));
    this.#timers.delete(legId);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
