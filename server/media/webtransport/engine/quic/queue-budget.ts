/** Bytes that a number of streams may have queued together. A session's budget draws on that of all. */
export class QueueBudget {
  readonly #bytesMax: number;
  readonly #above: QueueBudget | null;
  #bytes = 0;

  constructor(bytesMax: number, above: QueueBudget | null = null) {
    this.#bytesMax = bytesMax;
    this.#above = above;
  }

  get bytes(): number {
    return this.#bytes;
  }

  hasRoomFor(count: number): boolean {
    return this.#bytes + count <= this.#bytesMax && (this.#above?.hasRoomFor(count) ?? true);
  }

  /** @param count less than 0 when bytes have left */
  add(count: number): void {
    this.#bytes += count;
    this.#above?.add(count);
  }
}
