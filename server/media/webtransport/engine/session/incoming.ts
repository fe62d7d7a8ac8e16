import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import type { WebTransportError } from '../web-transport.ts';

/**
 * What the peer has opened and nobody has taken yet. A stream is made only for who asks for it: until
 * then its bytes stay in QUIC, so that the peer's limit of open streams bounds this queue.
 */
export class Incoming<T> {
  readonly readable: ReadableStream<T>;
  #controller!: ReadableStreamDefaultController<T>;
  #waiting: (() => T)[] = [];
  #isAsked = false;
  #isOver = false;

  constructor() {
    this.readable = new ReadableStream<T>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#isAsked = true;
          this.#give();
        },
        cancel: () => this.end(null),
      },
      { highWaterMark: 0 },
    );
  }

  /** @returns false when nobody will ever take it */
  push(make: () => T): boolean {
    if (this.#isOver) return false;
    this.#waiting.push(make);
    this.#give();
    return true;
  }

  #give(): void {
    if (!this.#isAsked) return;
    const make = this.#waiting.shift();
    if (!make) return;
    this.#isAsked = false;
    this.#controller.enqueue(make());
  }

  /** @param error null: there will be no more, and nothing went wrong */
  end(error: WebTransportError | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    try {
      if (error) this.#controller.error(error);
      else this.#controller.close();
    } catch {
      // It was canceled.
    }
  }
}
