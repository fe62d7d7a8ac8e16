import { WritableStream, type WritableStreamDefaultController } from 'node:stream/web';
import { toApplicationCode } from '../h3/errors.ts';
import type { QuicStream } from '../quic/stream.ts';
import { QuotaExceededError, WebTransportError, type WebTransportSendStream } from '../web-transport.ts';
import { codeOf } from './receive-side.ts';

const EMPTY = Buffer.alloc(0);

/** A copy: the chunk is the caller's again when the write is done. @throws TypeError for what is no bytes */
export function bytesOf(chunk: unknown): Buffer {
  if (ArrayBuffer.isView(chunk)) return Buffer.from(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  if (chunk instanceof ArrayBuffer) return Buffer.from(Buffer.from(chunk));
  throw new TypeError('only bytes can be written to a stream');
}

/** The sending side of a stream as the W3C shapes it. A write is done when the stream's queue is short again. */
export class SendSide {
  readonly writable: WebTransportSendStream;
  readonly #stream: QuicStream;
  #controller!: WritableStreamDefaultController;
  #wake: (() => void) | null = null;

  constructor(stream: QuicStream) {
    this.#stream = stream;
    const writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        // The sink's `abort` waits for the write that is being done, and that one may wait for the peer.
        const { signal } = controller as unknown as { readonly signal: AbortSignal };
        signal.addEventListener('abort', () => this.#reset(codeOf(signal.reason)));
      },
      write: (chunk) => this.#write(bytesOf(chunk)),
      close: () => stream.write(EMPTY, true),
    });
    Object.defineProperty(writable, 'sendOrder', {
      enumerable: true,
      get: () => stream.sendOrder,
      set: (order: number) => {
        stream.sendOrder = order;
      },
    });
    this.writable = writable as WebTransportSendStream;
  }

  #write(bytes: Buffer): Promise<void> | undefined {
    if (!this.#stream.hasRoomFor(bytes.length)) {
      this.#reset(codeOf(undefined));
      throw new QuotaExceededError('too many bytes wait to be sent');
    }
    this.#stream.write(bytes);
    if (!this.#stream.isFull) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #reset(code: number): void {
    this.#stream.reset(code);
    this.onDrain();
  }

  onDrain(): void {
    this.#wake?.();
    this.#wake = null;
  }

  onStopped(code: number): void {
    this.#fail(new WebTransportError('the peer has stopped the stream', 'stream', toApplicationCode(code)));
  }

  onGone(): void {
    this.#fail(new WebTransportError('the session is over', 'session'));
  }

  #fail(error: WebTransportError): void {
    // Does nothing to a stream that is closed or has failed already.
    this.#controller.error(error);
    this.onDrain();
  }
}
