import { ReadableStream, type ReadableStreamDefaultController, WritableStream } from 'node:stream/web';
import type { WebTransportDatagrams, WebTransportError } from '../web-transport.ts';
import { bytesOf } from './send-side.ts';

/** Both directions of a session's datagrams (RFC 9297) as the W3C shapes them. What finds no room is dropped. */
export class SessionDatagrams implements WebTransportDatagrams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #send: (payload: Buffer) => void;
  readonly #bytesMax: () => number;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOver = false;

  constructor(countMax: number, send: (payload: Buffer) => void, bytesMax: () => number) {
    this.#send = send;
    this.#bytesMax = bytesMax;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          this.#isOver = true;
        },
      },
      { highWaterMark: countMax },
    );
    this.writable = this.createWritable();
  }

  createWritable(): WritableStream<Uint8Array> {
    return new WritableStream<Uint8Array>({ write: (chunk) => this.#send(bytesOf(chunk)) });
  }

  get maxDatagramSize(): number {
    return this.#bytesMax();
  }

  onDatagram(payload: Buffer): void {
    if (this.#isOver || (this.#controller.desiredSize ?? 0) <= 0) return;
    this.#controller.enqueue(new Uint8Array(payload.buffer, payload.byteOffset, payload.length));
  }

  /** @param error null: there will be no more, and nothing went wrong */
  end(error: WebTransportError | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error) this.#controller.error(error);
    else this.#controller.close();
  }
}
