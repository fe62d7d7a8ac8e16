interface Waiter {
  readonly sendOrder: number;
  readonly open: () => void;
  readonly fail: (error: Error) => void;
}

/** Who waits until the peer allows one more stream. The highest send order is served first, then who came first. */
export class CreditWaiters {
  readonly #lengthMax: number;
  #waiters: Waiter[] = [];

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  get length(): number {
    return this.#waiters.length;
  }

  /** @returns false when too many wait */
  push(waiter: Waiter): boolean {
    if (this.#waiters.length >= this.#lengthMax) return false;
    this.#waiters.push(waiter);
    return true;
  }

  serve(left: () => number): void {
    if (this.#waiters.length === 0) return;
    this.#waiters.sort((a, b) => b.sendOrder - a.sendOrder);
    while (this.#waiters.length > 0 && left() > 0) this.#waiters.shift()?.open();
  }

  fail(error: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.fail(error);
  }
}
