import type { EngineSession, PathStats, SessionEnd } from '../engine.ts';
import { type CapsuleHandler, CapsuleReader, closeCapsule, cutReason } from '../h3/capsules.ts';
import type { H3Connection, SessionEntry } from '../h3/connection.ts';
import { H3, WT_CODE_MAX } from '../h3/errors.ts';
import { FRAME } from '../h3/frames.ts';
import { tlv } from '../h3/tlv-reader.ts';
import type { EngineLimits } from '../limits.ts';
import type { QuicStream } from '../quic/stream.ts';
import { plainAddress } from '../quic/udp-socket.ts';
import { varint } from '../varint.ts';
import { QuotaExceededError, WebTransportError, type WebTransportSendOptions } from '../web-transport.ts';
import { pathStatsOf } from './path-stats.ts';
import { SessionStreams } from './session-streams.ts';
import { W3cSession } from './w3c-session.ts';

const UNI_STREAM = 0x54;
const BIDI_STREAM = 0x41;
const EMPTY = Buffer.alloc(0);

export interface SessionOptions {
  readonly h3: H3Connection;
  /** The stream of the CONNECT request; its id names the session. */
  readonly stream: QuicStream;
  readonly path: string;
  readonly protocol: string;
  readonly limits: EngineLimits;
  readonly onEnd: (session: Session, end: SessionEnd) => void;
}

/** One WebTransport session (draft-ietf-webtrans-http3) from its 200 to its end. */
export class Session implements EngineSession, SessionEntry, CapsuleHandler {
  readonly id: number;
  readonly path: string;
  readonly closed: Promise<SessionEnd>;
  readonly webTransport: W3cSession;
  readonly #options: SessionOptions;
  readonly #capsules: CapsuleReader;
  readonly #streams: SessionStreams;
  #resolveClosed!: (end: SessionEnd) => void;
  #end: SessionEnd | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.id = options.stream.id as number;
    this.path = options.path;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#capsules = new CapsuleReader(options.limits, this);
    this.#streams = new SessionStreams();
    this.webTransport = new W3cSession(this, this.#streams, options.protocol, options.limits.datagramsQueuedMax);
  }

  get quic() {
    return this.#options.h3.quic;
  }

  get remoteAddress(): string {
    return plainAddress(this.quic.remote.host);
  }

  stats(): PathStats {
    return pathStatsOf(this.quic);
  }

  dropDatagrams(): void {
    if (!this.#end) this.quic.dropDatagrams();
  }

  ping(): void {
    if (!this.#end) this.quic.ping();
  }

  /** Opens a stream of ours. Rejects when the session is over, or when there is no credit and nobody would wait. */
  async open(isUni: boolean, options: WebTransportSendOptions): Promise<QuicStream> {
    if (this.#end) throw new WebTransportError('the session is over', 'session');
    const { streams } = this.quic;
    const order = options.sendOrder ?? 0;
    const stream = streams.open(isUni, order) ?? (await this.#openLater(isUni, order, options));
    if (this.#isOver()) {
      stream.reset(H3.WT_SESSION_GONE);
      throw new WebTransportError('the session is over', 'session');
    }
    this.#streams.track(stream);
    stream.holdsEnd = isUni;
    stream.write(Buffer.concat([varint(isUni ? UNI_STREAM : BIDI_STREAM), varint(this.id)]));
    return stream;
  }

  async #openLater(isUni: boolean, order: number, options: WebTransportSendOptions): Promise<QuicStream> {
    if (options.waitUntilAvailable === false) throw new QuotaExceededError('the peer allows no more streams now');
    return this.quic.streams.openLater(isUni, order).catch((error: Error) => {
      if (this.#isOver() || this.quic.isOver) throw new WebTransportError('the session is over', 'session');
      throw new QuotaExceededError(error.message);
    });
  }

  /** After an `await` the session may have ended meanwhile. */
  #isOver(): boolean {
    return this.#end !== null;
  }

  sendDatagram(payload: Uint8Array): boolean {
    return this.#end === null && this.#options.h3.sendDatagram(this.id, payload);
  }

  get datagramBytesMax(): number {
    if (!this.#options.h3.takesDatagrams) return 0;
    return Math.max(0, this.quic.datagramBytesMax - varint(this.id / 4).length);
  }

  close(code: number, reason: string): void {
    if (this.#end) return;
    const end = { code: Math.min(Math.max(Math.trunc(code), 0), WT_CODE_MAX) || 0, reason: cutReason(reason) };
    this.#options.stream.write(tlv(FRAME.DATA, closeCapsule(end.code, end.reason)), true);
    this.#finish({ ...end, by: 'us' });
  }

  takeStream(stream: QuicStream, rest: Buffer, isLast: boolean): void {
    if (this.#end) return stream.abandon(H3.WT_SESSION_GONE);
    this.#streams.take(stream, rest, isLast);
  }

  onData(bytes: Buffer): void {
    this.#capsules.push(bytes);
  }

  /** The peer has ended the CONNECT stream: without a capsule that is a close with code 0 (section 5). */
  onEnd(): void {
    this.#capsules.end();
    this.#closedByPeer(0, '');
  }

  onClose(code: number, reason: string): void {
    this.#closedByPeer(code, reason);
  }

  #closedByPeer(code: number, reason: string): void {
    if (this.#end) return;
    this.#options.stream.write(EMPTY, true);
    this.#finish({ code, reason, by: 'peer' });
  }

  onDrain(): void {
    this.webTransport.onDrain();
  }

  onDatagram(payload: Buffer): void {
    this.webTransport.datagrams.onDatagram(payload);
  }

  lost(why: string): void {
    this.#finish({ code: 0, reason: why, by: 'lost' });
  }

  #finish(end: SessionEnd): void {
    if (this.#end) return;
    this.#end = end;
    const error = end.by === 'lost' ? new WebTransportError(end.reason, 'session') : null;
    this.#streams.end(error);
    this.webTransport.datagrams.end(error);
    this.#resolveClosed(end);
    this.#options.h3.endSession(this.id);
    this.#options.onEnd(this, end);
  }
}
