import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { toApplicationCode, toHttpCode } from '../h3/errors.ts';
import type { QuicStream } from '../quic/stream.ts';
import { WebTransportError, type WebTransportReceiveStream } from '../web-transport.ts';

/** Bytes that are read ahead of whoever uses the stream; the rest waits in QUIC and holds the peer back. */
const READ_AHEAD_BYTES = 65_536;

/** The code that a reason for `cancel` or `abort` carries; 0 when it carries none. */
export function codeOf(reason: unknown): number {
  const code = (reason as { readonly streamErrorCode?: unknown } | undefined)?.streamErrorCode;
  return toHttpCode(typeof code === 'number' ? code >>> 0 : 0);
}

/** The receiving side of a stream as the W3C shapes it. The stream has to be paused; it goes on when it is read. */
export class ReceiveSide {
  readonly readable: WebTransportReceiveStream;
  readonly #stream: QuicStream;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOver = false;

  constructor(stream: QuicStream) {
    this.#stream = stream;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => stream.resume(),
        cancel: (reason) => {
          this.#isOver = true;
          stream.stop(codeOf(reason));
        },
      },
      { highWaterMark: READ_AHEAD_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  onData(chunk: Buffer, isLast: boolean): void {
    if (this.#isOver) return;
    if (chunk.length > 0) this.#controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    if (isLast) {
      this.#isOver = true;
      this.#controller.close();
    } else if ((this.#controller.desiredSize ?? 0) <= 0) {
      this.#stream.pause();
    }
  }

  onReset(code: number): void {
    this.#fail(new WebTransportError('the peer has reset the stream', 'stream', toApplicationCode(code)));
  }

  onGone(): void {
    this.#fail(new WebTransportError('the session is over', 'session'));
  }

  #fail(error: WebTransportError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(error);
  }
}
