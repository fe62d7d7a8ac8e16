// A WebTransport session of the headless QUIC client in the W3C's shape, as far as @moq/net uses it: a page's transport
// without the page.
import { ReadableStream, type ReadableStreamDefaultController, WritableStream } from 'node:stream/web';
import { MOQ_PROTOCOL } from '../../server/contract/index.ts';
import { toHttpCode } from '../../server/media/webtransport/engine/h3/errors.ts';
import { readVarint, varint } from '../../server/media/webtransport/engine/varint.ts';
import { QuicClient, type Received } from './quic-client.ts';

const BIDI_STREAM = 0x41;
const UNI_STREAM = 0x54;
const DATAGRAM_BYTES_MAX = 1_200;
const IDLE_MS = 30_000;

type Controller<T> = ReadableStreamDefaultController<T>;

/** What is read of a stream: how far, and where it goes. */
interface Reading {
  atByte: number;
  readonly into: Controller<Uint8Array>;
}

/** A readable and what fills it. */
function pipe<T>(): { readable: ReadableStream<T>; controller: Controller<T> } {
  let controller: Controller<T> | undefined;
  const readable = new ReadableStream<T>({
    start(own) {
      controller = own;
    },
  });
  if (!controller) throw new Error('a readable without a controller');
  return { readable, controller };
}

export class QuicTransport {
  readonly protocol = MOQ_PROTOCOL;
  readonly ready = Promise.resolve(undefined);
  readonly closed: Promise<{ closeCode: number; reason: string }>;
  readonly incomingUnidirectionalStreams: ReadableStream<ReadableStream<Uint8Array>>;
  readonly incomingBidirectionalStreams: ReadableStream<{
    readable: ReadableStream<Uint8Array>;
    writable: WritableStream<Uint8Array>;
  }>;
  readonly datagrams: {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly maxDatagramSize: number;
  };
  readonly #client: QuicClient;
  readonly #sessionId: number;
  readonly #readings = new Map<number, Reading>();
  /** Streams that are not the session's, or are read to their end. */
  readonly #done = new Set<number>();
  readonly #uni = pipe<ReadableStream<Uint8Array>>();
  readonly #bidi = pipe<{ readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> }>();
  readonly #datagrams = pipe<Uint8Array>();
  #isClosed = false;
  #end: (why: { closeCode: number; reason: string }) => void = () => {};

  private constructor(client: QuicClient, sessionId: number) {
    this.#client = client;
    this.#sessionId = sessionId;
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.incomingUnidirectionalStreams = this.#uni.readable;
    this.incomingBidirectionalStreams = this.#bidi.readable;
    const prefix = varint(sessionId / 4);
    const writable = new WritableStream<Uint8Array>({
      write: (datagram) => {
        if (!this.#isClosed) client.sendDatagram(Buffer.concat([prefix, datagram]));
      },
    });
    this.datagrams = { readable: this.#datagrams.readable, writable, maxDatagramSize: DATAGRAM_BYTES_MAX };
    this.#done.add(sessionId);
    client.onActivity = () => this.#read();
    this.#read();
  }

  /** @param path with the token of a leg. @throws Error when the session is not accepted */
  static async open(port: number, path: string): Promise<QuicTransport> {
    const client = await QuicClient.connect({ port, idleMs: IDLE_MS });
    client.sendSettings();
    const id = client.requestSession(path, [{ name: 'wt-available-protocols', value: `"${MOQ_PROTOCOL}"` }]);
    const status = await client.status(id);
    if (status === '200') return new QuicTransport(client, id);
    client.close();
    throw new Error(`the session was answered with ${status}`);
  }

  async createUnidirectionalStream(): Promise<WritableStream<Uint8Array>> {
    const id = this.#client.openUni();
    this.#client.send(id, Buffer.concat([varint(UNI_STREAM), varint(this.#sessionId)]));
    return this.#writable(id);
  }

  async createBidirectionalStream(): Promise<{
    readable: ReadableStream<Uint8Array>;
    writable: WritableStream<Uint8Array>;
  }> {
    const id = this.#client.openBidi();
    this.#client.send(id, Buffer.concat([varint(BIDI_STREAM), varint(this.#sessionId)]));
    return { readable: this.#readable(id, 0), writable: this.#writable(id) };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#over('closed by this side');
    this.#client.close();
  }

  #writable(id: number): WritableStream<Uint8Array> {
    return new WritableStream<Uint8Array>({
      write: (bytes) => void (this.#isClosed || this.#client.send(id, Buffer.from(bytes))),
      close: () => void (this.#isClosed || this.#client.send(id, Buffer.alloc(0), true)),
      abort: () => void (this.#isClosed || this.#client.reset(id, toHttpCode(0))),
    });
  }

  #readable(id: number, atByte: number): ReadableStream<Uint8Array> {
    const { readable, controller } = pipe<Uint8Array>();
    this.#readings.set(id, { atByte, into: controller });
    return readable;
  }

  /** Whatever has come since it was last looked at. */
  #read(): void {
    if (this.#isClosed) return;
    const { streams, datagrams, native } = this.#client;
    for (const [id, received] of streams) {
      if (this.#done.has(id)) continue;
      if (!this.#readings.has(id)) this.#accept(id, received);
      const reading = this.#readings.get(id);
      if (reading && this.#pass(reading, received)) this.#forget(id);
    }
    for (const datagram of datagrams.splice(0)) {
      const quarter = readVarint(datagram, 0);
      if (quarter) this.#datagrams.controller.enqueue(datagram.subarray(quarter.end));
    }
    const request = streams.get(this.#sessionId);
    if (request?.isEnded || request?.resetCode != null || native.isClosed() || native.isDraining()) {
      this.#over('closed by the appliance');
      this.#client.close();
    }
  }

  /** A stream that the appliance has opened says first what it is. */
  #accept(id: number, { bytes }: Received): void {
    const type = readVarint(bytes, 0);
    if (!type) return;
    const isBidi = id % 4 === 1;
    if (type.value !== (isBidi ? BIDI_STREAM : UNI_STREAM)) return this.#forget(id);
    const session = readVarint(bytes, type.end);
    if (!session) return;
    const readable = this.#readable(id, session.end);
    if (isBidi) this.#bidi.controller.enqueue({ readable, writable: this.#writable(id) });
    else this.#uni.controller.enqueue(readable);
  }

  /** @returns whether that was all of it */
  #pass(reading: Reading, { bytes, isEnded, resetCode }: Received): boolean {
    try {
      if (bytes.length > reading.atByte) reading.into.enqueue(new Uint8Array(bytes.subarray(reading.atByte)));
      reading.atByte = bytes.length;
      if (resetCode !== null) reading.into.error(new Error('reset'));
      else if (isEnded) reading.into.close();
    } catch {
      return true; // its reader has gone
    }
    return isEnded || resetCode !== null;
  }

  #forget(id: number): void {
    this.#done.add(id);
    this.#readings.delete(id);
    this.#client.streams.delete(id);
  }

  #over(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end({ closeCode: 0, reason });
    for (const { into } of this.#readings.values()) into.error(new Error(reason));
    for (const { controller } of [this.#uni, this.#bidi, this.#datagrams]) controller.close();
  }
}
