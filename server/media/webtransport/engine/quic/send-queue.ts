/** Bytes that wait to be sent, in order. */
export class SendQueue {
  #chunks: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get first(): Buffer | undefined {
    return this.#chunks[0];
  }

  get isLastChunk(): boolean {
    return this.#chunks.length === 1;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Takes bytes off the first chunk. */
  consume(count: number): void {
    const first = this.#chunks[0] as Buffer;
    this.#bytes -= count;
    if (count < first.length) this.#chunks[0] = first.subarray(count);
    else this.#chunks.shift();
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
