// The session as the W3C WebTransport API shapes it (https://www.w3.org/TR/webtransport/), as far as
// media needs it: what @moq/net takes as a transport. Node has no such types, so they stand here.
import type { ReadableStream, WritableStream } from 'node:stream/web';

export interface WebTransportSendOptions {
  /** Streams of a higher number are sent first, whatever waits on lower ones; default 0. */
  readonly sendOrder?: number | null | undefined;
  /** True (default here): wait for stream credit. False: reject with QuotaExceededError when there is none. */
  readonly waitUntilAvailable?: boolean | undefined;
}

/** `abort(reason)` resets the stream with `reason.streamErrorCode` (0 without) and drops what is queued. */
export interface WebTransportSendStream extends WritableStream<Uint8Array> {
  /** Can be changed while the stream is being sent. */
  sendOrder: number;
}

/** `cancel(reason)` asks the peer to stop with `reason.streamErrorCode` (0 without). */
export type WebTransportReceiveStream = ReadableStream<Uint8Array>;

export interface WebTransportBidirectionalStream {
  readonly readable: WebTransportReceiveStream;
  readonly writable: WebTransportSendStream;
}

export interface WebTransportDatagrams {
  readonly readable: ReadableStream<Uint8Array>;
  /** One writable for all; a datagram that finds no room is dropped. */
  readonly writable: WritableStream<Uint8Array>;
  createWritable(): WritableStream<Uint8Array>;
  /** Bytes of the largest datagram that the path takes now; 0 when the peer takes none. */
  readonly maxDatagramSize: number;
}

export interface WebTransportCloseInfo {
  readonly closeCode?: number;
  readonly reason?: string;
}

export interface WebTransportStats {
  readonly smoothedRtt: number | undefined;
  /** Bits per second; undefined until something was measured. */
  readonly estimatedSendRate: number | undefined;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly bytesLost: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
}

export interface WebTransport {
  readonly ready: Promise<undefined>;
  /** Unlike in a page it never rejects: a lost session gives code 0 and says in the reason that it was lost. */
  readonly closed: Promise<Required<WebTransportCloseInfo>>;
  /** Fulfils when the peer asks to wind the session up. */
  readonly draining: Promise<undefined>;
  readonly reliability: 'supports-unreliable';
  readonly congestionControl: 'default';
  /** The protocol that was agreed on; '' for none. */
  readonly protocol: string;
  readonly datagrams: WebTransportDatagrams;
  readonly incomingUnidirectionalStreams: ReadableStream<WebTransportReceiveStream>;
  readonly incomingBidirectionalStreams: ReadableStream<WebTransportBidirectionalStream>;
  createUnidirectionalStream(options?: WebTransportSendOptions): Promise<WebTransportSendStream>;
  createBidirectionalStream(options?: WebTransportSendOptions): Promise<WebTransportBidirectionalStream>;
  getStats(): Promise<WebTransportStats>;
  close(info?: WebTransportCloseInfo): void;
}

/** What streams of a session fail with. The names of its fields are the W3C's. */
export class WebTransportError extends Error {
  override readonly name: string = 'WebTransportError';
  readonly source: 'stream' | 'session';
  /** The peer's code (0 to 2^32 - 1) when it was it who ended the stream. */
  readonly streamErrorCode: number | null;

  constructor(message: string, source: 'stream' | 'session', streamErrorCode: number | null = null) {
    super(message);
    this.source = source;
    this.streamErrorCode = streamErrorCode;
  }
}

/** A limit was reached: no credit for a stream, or too much queued in the session or in all. The stream is reset. */
export class QuotaExceededError extends Error {
  override readonly name = 'QuotaExceededError';
}
