import type { ReadableStream } from 'node:stream/web';
import type { SessionEnd } from '../engine.ts';
import type { QuicConnection } from '../quic/connection.ts';
import type { QuicStream } from '../quic/stream.ts';
import type {
  WebTransport,
  WebTransportBidirectionalStream,
  WebTransportCloseInfo,
  WebTransportReceiveStream,
  WebTransportSendOptions,
  WebTransportSendStream,
  WebTransportStats,
} from '../web-transport.ts';
import { SessionDatagrams } from './datagrams.ts';
import { webTransportStatsOf } from './path-stats.ts';
import type { SessionStreams } from './session-streams.ts';

/** What it needs of the session that it shows. */
interface ShownSession {
  readonly closed: Promise<SessionEnd>;
  readonly quic: QuicConnection;
  readonly datagramBytesMax: number;
  open(isUni: boolean, options: WebTransportSendOptions): Promise<QuicStream>;
  sendDatagram(payload: Uint8Array): boolean;
  close(code: number, reason: string): void;
}

/** A session as pages know it (https://www.w3.org/TR/webtransport/), for code that was written for pages. */
export class W3cSession implements WebTransport {
  readonly ready = Promise.resolve(undefined);
  readonly closed: Promise<Required<WebTransportCloseInfo>>;
  readonly draining: Promise<undefined>;
  readonly reliability = 'supports-unreliable';
  readonly congestionControl = 'default';
  readonly protocol: string;
  readonly datagrams: SessionDatagrams;
  readonly incomingUnidirectionalStreams: ReadableStream<WebTransportReceiveStream>;
  readonly incomingBidirectionalStreams: ReadableStream<WebTransportBidirectionalStream>;
  readonly #session: ShownSession;
  readonly #streams: SessionStreams;
  #resolveDraining!: (value: undefined) => void;

  constructor(session: ShownSession, streams: SessionStreams, protocol: string, datagramsMax: number) {
    this.#session = session;
    this.#streams = streams;
    this.protocol = protocol;
    this.closed = session.closed.then(({ code, reason }) => ({ closeCode: code, reason }));
    this.draining = new Promise((resolve) => {
      this.#resolveDraining = resolve;
    });
    const send = (payload: Buffer) => void session.sendDatagram(payload);
    this.datagrams = new SessionDatagrams(datagramsMax, send, () => session.datagramBytesMax);
    this.incomingUnidirectionalStreams = streams.incomingUni.readable;
    this.incomingBidirectionalStreams = streams.incomingBidi.readable;
  }

  async createUnidirectionalStream(options: WebTransportSendOptions = {}): Promise<WebTransportSendStream> {
    return this.#streams.sending(await this.#session.open(true, options));
  }

  async createBidirectionalStream(options: WebTransportSendOptions = {}): Promise<WebTransportBidirectionalStream> {
    const stream = await this.#session.open(false, options);
    stream.pause();
    return this.#streams.both(stream);
  }

  async getStats(): Promise<WebTransportStats> {
    return webTransportStatsOf(this.#session.quic);
  }

  close(info: WebTransportCloseInfo = {}): void {
    this.#session.close(info.closeCode ?? 0, info.reason ?? '');
  }

  onDrain(): void {
    this.#resolveDraining(undefined);
  }
}
