import type { EngineLimits } from '../limits.ts';
import type { Host, Quiche, QuicheConnection } from './native.ts';
import type { QueueBudget } from './queue-budget.ts';
import type { QuicStream } from './stream.ts';
import { QuicStreams } from './streams.ts';

export interface ConnectionEnd {
  readonly by: 'us' | 'peer' | 'timeout';
  readonly code: number;
  readonly reason: string;
}

export interface ConnectionHandler {
  /** A stream that the peer has opened; its bytes follow. */
  onStream(stream: QuicStream): void;
  onDatagram(bytes: Buffer): void;
  onClosed(end: ConnectionEnd): void;
}

/** What a connection needs of the endpoint that it lives in. */
export interface ConnectionHost {
  readonly quiche: Quiche;
  readonly limits: EngineLimits;
  readonly budget: QueueBudget;
  readonly local: Host;
  /** Have `process` called soon. */
  mark(connection: QuicConnection): void;
  /** Sends a packet that `native` has, if it has one; UDP may drop it. @returns where it went */
  send(native: QuicheConnection): Host | null;
  onEstablished(connection: QuicConnection): ConnectionHandler;
  onGone(connection: QuicConnection): void;
  /** A fault of ours. */
  onFault(error: unknown): void;
}

const TRANSPORT_INTERNAL_ERROR = 0x1;
/**
 * Acknowledgements alone wait for so long, or for so many packets, in case something else goes that they can ride on
 * (RFC 9000 section 13.2.1 allows 25 ms): each packet is a call into the system.
 */
const ACK_DELAY_MS = 5;
const ACK_PACKETS_MAX = 8;

/** One QUIC connection: drives quiche, which does no I/O and keeps no time of its own. */
export class QuicConnection {
  readonly native: QuicheConnection;
  readonly streams: QuicStreams;
  /** Connection ids under which its packets arrive. */
  readonly keys: readonly string[];
  readonly startedAtMs = performance.now();
  readonly #host: ConnectionHost;
  #handler: ConnectionHandler | null = null;
  #remote: Host;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = 0;
  /** Packets that came since we last sent. */
  #unanswered = 0;
  /** When what quiche has to say goes out at the latest; on the clock of `performance`. */
  #sendAtMs = Number.POSITIVE_INFINITY;
  #isClosing = false;
  #isEnded = false;
  #isGone = false;

  constructor(host: ConnectionHost, native: QuicheConnection, remote: Host, keys: readonly string[]) {
    this.#host = host;
    this.native = native;
    this.keys = keys;
    this.#remote = remote;
    this.streams = new QuicStreams(host, native, { mark: () => this.mark(), flush: () => this.#sendPackets() });
  }

  /** Where our packets go now; changes when the peer's NAT gives it another address. */
  get remote(): Host {
    return this.#remote;
  }

  get isEstablished(): boolean {
    return this.#handler !== null;
  }

  /** Closed, or on the way to it: nothing of it means anything any more. */
  get isOver(): boolean {
    return this.#isGone || this.#isClosing;
  }

  receive(packet: Buffer, from: Host): void {
    if (this.#isGone) return;
    try {
      this.native.recv(packet, { from, to: this.#host.local });
    } catch {
      // A packet that is none, or an error of the peer's that quiche answers by itself.
    }
    this.#unanswered += 1;
    const canWait = this.#handler && !this.#isClosing && this.#unanswered < ACK_PACKETS_MAX;
    this.#sendBy(canWait ? performance.now() + ACK_DELAY_MS : 0);
  }

  /** There is something to send. */
  mark(): void {
    this.#sendBy(0);
  }

  #sendBy(atMs: number): void {
    if (this.#isGone) return;
    this.#sendAtMs = Math.min(this.#sendAtMs, atMs);
    this.#host.mark(this);
  }

  /** Reads what came, sends what there is, sets the timer. A fault of ours in it ends this connection alone. */
  process(): void {
    if (this.#isGone) return;
    try {
      if (!this.#handler && this.native.isEstablished()) this.#handler = this.#host.onEstablished(this);
      if (this.#handler && !this.#isClosing) this.#exchange(this.#handler);
    } catch (error) {
      this.#host.onFault(error);
      this.#closeNative(false, TRANSPORT_INTERNAL_ERROR, '');
    }
    try {
      if (this.#sendAtMs <= performance.now()) this.#sendAll();
    } catch (error) {
      // Nothing can be sent, not even the end.
      this.#host.onFault(error);
      return this.drop();
    }
    // From then on only the packets that are still under way are waited for (RFC 9000 section 10.2).
    if (this.native.isDraining()) this.#endOnce();
    if (this.native.isClosed()) this.drop();
    else this.#setTimer();
  }

  #exchange(handler: ConnectionHandler): void {
    this.streams.receive((stream) => handler.onStream(stream));
    for (let data = this.#nextDatagram(); data; data = this.#nextDatagram()) handler.onDatagram(data);
    if (!this.#isClosing && this.streams.send()) this.#sendAtMs = 0;
  }

  #nextDatagram(): Buffer | null {
    const data = this.native.dgramRecvVec();
    return data && Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }

  #sendAll(): void {
    this.#unanswered = 0;
    this.#sendAtMs = Number.POSITIVE_INFINITY;
    this.#sendPackets();
  }

  #sendPackets(): void {
    for (let to = this.#host.send(this.native); to; to = this.#host.send(this.native)) this.#remote = to;
  }

  /** @returns false when it was dropped: the queue is full, or the peer takes no datagrams of this size */
  sendDatagram(bytes: Buffer): boolean {
    if (this.isOver) return false;
    try {
      if (this.native.dgramSendVec(bytes) === null) return false;
    } catch {
      return false;
    }
    this.mark();
    return true;
  }

  dropDatagrams(): void {
    if (!this.isOver) this.native.dgramPurgeOutgoing(() => true);
  }

  /** 0 when the peer takes none. */
  get datagramBytesMax(): number {
    return this.native.dgramMaxWritableLen() ?? 0;
  }

  /** Makes the peer acknowledge something, so that neither side takes the silence for an end. */
  ping(): void {
    if (this.isOver) return;
    try {
      this.native.sendAckEliciting();
    } catch {
      // It has ended without our having been told yet.
    }
    this.mark();
  }

  /** @param code of HTTP/3 */
  close(code: number, reason: string): void {
    if (!this.isOver) this.#closeNative(true, code, reason);
  }

  /** Gives up a handshake (RFC 9000 section 20.1, CONNECTION_REFUSED). */
  refuse(): void {
    if (!this.isOver) this.#closeNative(false, this.#host.quiche.ConnectionErrorCode.ConnectionRefused, '');
  }

  #closeNative(isApplication: boolean, code: number, reason: string): void {
    this.#isClosing = true;
    try {
      this.native.close(isApplication, code, Buffer.from(reason));
    } catch {
      // It is closing already.
    }
    this.mark();
  }

  #setTimer(): void {
    const nowMs = performance.now();
    // quiche cuts the fraction off.
    const quicMs = (this.native.timeout() ?? Number.POSITIVE_INFINITY) + 1;
    // Of a connection that is closing, the streams are looked at no more.
    const streamsMs = this.#isClosing ? Number.POSITIVE_INFINITY : this.streams.nextAtMs - nowMs;
    const waitMs = Math.max(1, Math.ceil(Math.min(quicMs, streamsMs, this.#sendAtMs - nowMs)));
    if (waitMs === Number.POSITIVE_INFINITY) return;
    // An earlier timer looks again when it fires.
    if (this.#timer && this.#timerAtMs <= nowMs + waitMs) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAtMs = nowMs + waitMs;
    this.#timer = setTimeout(() => this.#tick(), waitMs);
  }

  #tick(): void {
    this.#timer = null;
    if (this.#isGone) return;
    // After what has arrived was read: who is late himself must not take the peer for late.
    setImmediate(() => {
      if (this.#isGone) return;
      this.native.onTimeout();
      this.#sendAtMs = 0;
      this.process();
    });
  }

  /** Forgets it, whatever the peer knows. */
  drop(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#host.onGone(this);
    this.#endOnce();
  }

  #endOnce(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isClosing = true;
    try {
      this.streams.gone();
      this.#handler?.onClosed(this.#end());
    } catch (error) {
      this.#host.onFault(error);
    }
  }

  #end(): ConnectionEnd {
    const peerError = this.native.peerError();
    const error = peerError ?? this.native.localError();
    if (!error) return { by: 'timeout', code: 0, reason: '' };
    return { by: peerError ? 'peer' : 'us', code: error.errorCode, reason: Buffer.from(error.reason).toString() };
  }
}
