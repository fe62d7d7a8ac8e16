import type { EngineLimits } from '../limits.ts';
import { encodeFieldSection } from '../qpack/encode.ts';
import type { Field } from '../qpack/field.ts';
import { areEncoderInstructions, DecoderInstructions } from '../qpack/instructions.ts';
import type { ConnectionEnd, ConnectionHandler, QuicConnection } from '../quic/connection.ts';
import type { QuicStream } from '../quic/stream.ts';
import { readVarint, varint } from '../varint.ts';
import { ControlStream } from './control-stream.ts';
import { EarlyStreams } from './early-streams.ts';
import { H3, H3ConnectionError, H3StreamError } from './errors.ts';
import type { RequestHead } from './fields.ts';
import { FRAME } from './frames.ts';
import { type RequestBody, RequestStream } from './request-stream.ts';
import { encodeSettings, ourSettings, SETTING, type Settings } from './settings.ts';
import { tlv } from './tlv-reader.ts';

/** Stream types (RFC 9114 section 6.2, RFC 9204 section 4.2, draft-ietf-webtrans-http3 section 4.1). */
const STREAM = { CONTROL: 0x0, PUSH: 0x1, QPACK_ENCODER: 0x2, QPACK_DECODER: 0x3, WEBTRANSPORT: 0x54 } as const;
const CRITICAL: ReadonlySet<number> = new Set([STREAM.CONTROL, STREAM.QPACK_ENCODER, STREAM.QPACK_DECODER]);
/** RFC 9297 section 2.1: quarter stream ids from here on name no stream. */
const QUARTER_ID_END = 2 ** 60;
const EMPTY = Buffer.alloc(0);

/** A session, as the streams and datagrams of its connection reach it. */
export interface SessionEntry extends RequestBody {
  /** @param rest what came with the stream's header */
  takeStream(stream: QuicStream, rest: Buffer, isLast: boolean): void;
  onDatagram(payload: Buffer): void;
  /** The CONNECT stream or the connection was cut off. */
  lost(why: string): void;
}

export interface H3Host {
  /** A request, to be answered on its stream. @returns the session that it opened, or null */
  onRequest(h3: H3Connection, stream: QuicStream, head: RequestHead): SessionEntry | null;
  /** The peer broke the protocol. */
  onProtocolError(h3: H3Connection, why: string): void;
  onClosed(h3: H3Connection): void;
}

/** HTTP/3 on one connection, as far as WebTransport needs it (RFC 9114). */
export class H3Connection implements ConnectionHandler {
  readonly quic: QuicConnection;
  readonly #host: H3Host;
  readonly #limits: EngineLimits;
  readonly #sessions = new Map<number, SessionEntry>();
  /** Requests that opened no session, and sessions that are over: their streams are refused. */
  readonly #ended = new Set<number>();
  readonly #early: EarlyStreams;
  readonly #critical = new Set<number>();
  #settings: Settings | null = null;
  /** Requests that came before the peer's SETTINGS. */
  #held: (() => void)[] = [];

  constructor(quic: QuicConnection, limits: EngineLimits, host: H3Host) {
    this.quic = quic;
    this.#host = host;
    this.#limits = limits;
    this.#early = new EarlyStreams(limits.earlyStreamsMax);
    this.#openControl();
  }

  get sessions(): ReadonlyMap<number, SessionEntry> {
    return this.#sessions;
  }

  /** RFC 9297 section 2.1.1: datagrams go only to peers that take them. */
  get takesDatagrams(): boolean {
    return this.#settings?.get(SETTING.H3_DATAGRAM) === 1;
  }

  #openControl(): void {
    const stream = this.quic.streams.open(true, Number.POSITIVE_INFINITY);
    // Section 6.2: a client must allow at least three.
    if (!stream) return this.quic.close(H3.STREAM_CREATION_ERROR, 'no room for a control stream');
    stream.handler = { onStopped: () => this.#fail(H3.CLOSED_CRITICAL_STREAM, 'our control stream was stopped') };
    const settings = encodeSettings(ourSettings(this.#limits.fieldSectionBytesMax));
    stream.write(Buffer.concat([varint(STREAM.CONTROL), tlv(FRAME.SETTINGS, settings)]));
  }

  /** Ends the connection because of what the peer did. */
  #fail(code: number, why: string): void {
    if (this.quic.isOver) return;
    this.#host.onProtocolError(this, why);
    this.quic.close(code, why);
  }

  /** Has bytes of a stream looked at, and answers what is wrong with them. */
  #guard(stream: QuicStream, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof H3ConnectionError) return this.#fail(error.code, error.message);
      if (!(error instanceof H3StreamError)) throw error;
      this.#host.onProtocolError(this, error.message);
      if (stream.id !== null) this.#sessions.get(stream.id)?.lost(error.message);
      stream.handler = {};
      stream.reset(error.code);
      stream.stop(error.code);
    }
  }

  onStream(stream: QuicStream): void {
    let start: Buffer = EMPTY;
    stream.handler = {
      onData: (chunk, isLast) =>
        this.#guard(stream, () => {
          start = start.length > 0 ? Buffer.concat([start, chunk]) : chunk;
          this.#sort(stream, start, isLast);
        }),
    };
  }

  /** Finds out from its first bytes what a stream is for; does nothing while too few of them are there. */
  #sort(stream: QuicStream, start: Buffer, isLast: boolean): void {
    const type = readVarint(start, 0);
    if (!type) return this.#sortCut(stream, isLast);
    const isSession = type.value === (stream.isUni ? STREAM.WEBTRANSPORT : FRAME.WEBTRANSPORT_STREAM);
    if (isSession) return this.#sortSession(stream, start, type.end, isLast);
    if (stream.isUni) return this.#sortUni(stream, type.value, start.subarray(type.end), isLast);
    this.#request(stream, start, isLast);
  }

  /** A stream that ends in its header: of a unidirectional one that means nothing (section 6.2). */
  #sortCut(stream: QuicStream, isLast: boolean): void {
    if (isLast && !stream.isUni) throw new H3StreamError(H3.REQUEST_INCOMPLETE, 'a stream without a request');
  }

  #sortSession(stream: QuicStream, start: Buffer, at: number, isLast: boolean): void {
    const id = readVarint(start, at);
    if (!id) return this.#sortCut(stream, isLast);
    // draft-ietf-webtrans-http3 section 4: sessions are named by client-initiated bidirectional streams.
    if (id.value % 4 !== 0) throw new H3ConnectionError(H3.ID_ERROR, `${id.value} cannot be a session`);
    const rest = start.subarray(id.end);
    stream.handler = {};
    const session = this.#sessions.get(id.value);
    if (session) return session.takeStream(stream, rest, isLast);
    if (this.#ended.has(id.value)) return stream.abandon(H3.WT_SESSION_GONE);
    stream.pause();
    if (!this.#early.hold(id.value, { stream, rest, isLast })) stream.abandon(H3.WT_BUFFERED_STREAM_REJECTED);
  }

  #sortUni(stream: QuicStream, type: number, rest: Buffer, isLast: boolean): void {
    if (type === STREAM.PUSH) throw new H3ConnectionError(H3.STREAM_CREATION_ERROR, 'a push stream of a client');
    // Section 6.2.3: of unknown types nothing is read.
    if (!CRITICAL.has(type)) return stream.stop(H3.STREAM_CREATION_ERROR);
    if (this.#critical.has(type))
      throw new H3ConnectionError(H3.STREAM_CREATION_ERROR, `a second stream of type ${type}`);
    this.#critical.add(type);
    const push = this.#criticalReader(type);
    stream.handler = {
      onData: (chunk, last) => this.#guard(stream, () => push(chunk, last)),
      onReset: () => this.#fail(H3.CLOSED_CRITICAL_STREAM, 'a critical stream was reset'),
    };
    if (rest.length > 0 || isLast) push(rest, isLast);
  }

  #criticalReader(type: number): (bytes: Buffer, isLast: boolean) => void {
    if (type === STREAM.CONTROL) {
      const control = new ControlStream(this.#limits, (settings) => this.#onSettings(settings));
      return (bytes, isLast) => control.push(bytes, isLast);
    }
    const decoder = new DecoderInstructions();
    const isEncoder = type === STREAM.QPACK_ENCODER;
    return (bytes, isLast) => {
      const isRight = isEncoder ? areEncoderInstructions(bytes) : decoder.push(bytes);
      const code = isEncoder ? H3.QPACK_ENCODER_STREAM_ERROR : H3.QPACK_DECODER_STREAM_ERROR;
      if (!isRight) throw new H3ConnectionError(code, 'an instruction for a table that there is not');
      if (isLast) throw new H3ConnectionError(H3.CLOSED_CRITICAL_STREAM, 'a QPACK stream was closed');
    };
  }

  #onSettings(settings: Settings): void {
    this.#settings = settings;
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer();
  }

  #request(stream: QuicStream, start: Buffer, isLast: boolean): void {
    const id = stream.id as number;
    const request = new RequestStream(this.#limits, {
      onRequest: (head) => this.#onRequest(stream, head),
      onTooLarge: () => this.respond(stream, 431, [], EMPTY),
    });
    stream.handler = {
      onData: (chunk, last) => this.#guard(stream, () => request.push(chunk, last)),
      onReset: () => this.#sessions.get(id)?.lost('the session was reset'),
      onStopped: () => this.#sessions.get(id)?.lost('the session was stopped'),
    };
    const push = () => this.#guard(stream, () => request.push(start, isLast));
    if (this.#settings) return push();
    // draft-ietf-webtrans-http3 section 3.1: not before the peer's SETTINGS, which another stream brings.
    stream.pause();
    this.#held.push(() => {
      push();
      stream.resume();
    });
  }

  #onRequest(stream: QuicStream, head: RequestHead): RequestBody | null {
    const id = stream.id as number;
    const session = this.#host.onRequest(this, stream, head);
    if (!session) {
      this.endSession(id);
      return null;
    }
    this.#sessions.set(id, session);
    for (const early of this.#early.take(id)) {
      session.takeStream(early.stream, early.rest, early.isLast);
    }
    return session;
  }

  /** Answers a request (section 4.1). @param content goes out with it in a DATA frame; the stream ends then */
  respond(stream: QuicStream, status: number, fields: readonly Field[], content: Buffer | null = null): void {
    const section = encodeFieldSection([{ name: ':status', value: String(status) }, ...fields]);
    const head = tlv(FRAME.HEADERS, section);
    const isLast = content !== null;
    stream.write(content?.length ? Buffer.concat([head, tlv(FRAME.DATA, content)]) : head, isLast);
  }

  /** Streams of a session that is over, or never was, are refused. */
  endSession(id: number): void {
    this.#sessions.delete(id);
    this.#ended.add(id);
    for (const { stream } of this.#early.take(id)) stream.abandon(H3.WT_SESSION_GONE);
  }

  onDatagram(bytes: Buffer): void {
    const quarterId = readVarint(bytes, 0);
    if (!quarterId || quarterId.value >= QUARTER_ID_END) {
      return this.#fail(H3.DATAGRAM_ERROR, 'a datagram without a quarter stream id');
    }
    // RFC 9297 section 2.1: a stream that the peer could not have opened.
    if (quarterId.value >= this.quic.streams.peerBidiCount + this.#limits.streamsBidiMax) {
      return this.#fail(H3.ID_ERROR, 'a datagram of a stream that cannot be');
    }
    this.#sessions.get(quarterId.value * 4)?.onDatagram(bytes.subarray(quarterId.end));
  }

  /** @param sessionId of an open session. @returns false when it was dropped */
  sendDatagram(sessionId: number, payload: Uint8Array): boolean {
    return this.takesDatagrams && this.quic.sendDatagram(Buffer.concat([varint(sessionId / 4), payload]));
  }

  onClosed(end: ConnectionEnd): void {
    const why = end.by === 'timeout' ? 'nothing was heard for too long' : end.reason || 'the connection was closed';
    for (const session of [...this.#sessions.values()]) session.lost(why);
    this.#sessions.clear();
    this.#host.onClosed(this);
  }
}
