import type { QuicStream } from './stream.ts';

/**
 * Streams with bytes to send. Whoever has the highest send order is served first; equals in the order
 * in which they came, so that one picture is whole before the next begins. QUIC itself only ever holds
 * what the congestion window lets through, so that nothing waits behind what came before it there.
 */
export class SendSchedule {
  readonly #streams = new Set<QuicStream>();

  get size(): number {
    return this.#streams.size;
  }

  add(stream: QuicStream): void {
    this.#streams.add(stream);
  }

  delete(stream: QuicStream): void {
    this.#streams.delete(stream);
  }

  /** When a byte that is held back has to go; on the clock of `performance`. */
  get nextAtMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { heldUntilMs } of this.#streams) if (heldUntilMs < next) next = heldUntilMs;
    return next;
  }

  /** @param hasCapacity whether the connection takes anything at all */
  run(nowMs: number, hasCapacity: () => boolean): void {
    // A sort of equals keeps their order.
    const inOrder = [...this.#streams].sort((a, b) => b.sendOrder - a.sendOrder);
    for (const stream of inOrder) {
      if (hasCapacity()) stream.flush(nowMs);
      // It waits for the window and not for a moment to pass.
      else stream.release();
    }
  }
}
