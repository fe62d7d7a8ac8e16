/** What the engine takes at most. Every queue, table and wait in it is bounded by one of these. */
export interface EngineLimits {
  /** QUIC connections, with those whose handshake is not done. */
  readonly connectionsMax: number;
  /** Connections whose handshake is not done; a new one above it is not answered. */
  readonly halfOpenMax: number;
  /** With so many half-open connections a newcomer must prove its address first (Retry, RFC 9000 section 8.1.2). */
  readonly retryFromHalfOpen: number;
  /** WebTransport sessions in all. */
  readonly sessionsMax: number;
  /** Sessions of one connection; pages open one. */
  readonly sessionsPerConnectionMax: number;
  /** Streams of each kind that a peer may have open at once. */
  readonly streamsUniMax: number;
  readonly streamsBidiMax: number;
  /** Streams that came before their session; more are refused. */
  readonly earlyStreamsMax: number;
  /** Streams that wait for the peer's credit in one session; more are refused. */
  readonly streamWaitersMax: number;
  /** Bytes written to one stream and not yet taken by QUIC, above which a writer has to wait. */
  readonly streamQueueBytes: number;
  /** The same of a whole session: above it the stream that is written to is reset. */
  readonly sessionQueueBytesMax: number;
  /** The same of all sessions together. */
  readonly totalQueueBytesMax: number;
  /** Bytes that a peer may send before they are read, of one stream and of one connection, when they begin. */
  readonly streamWindowFirstBytes: number;
  readonly connectionWindowFirstBytes: number;
  /** The same at most: windows grow where what comes is read. */
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  /** Datagrams that wait to be sent or read, of one connection; more are dropped. */
  readonly datagramsQueuedMax: number;
  /** From the first packet to the handshake's end, and from there to the first session, in ms. */
  readonly handshakeMs: number;
  readonly sessionMs: number;
  /** A connection from which nothing came for so long is gone, in ms. */
  readonly idleMs: number;
  /** A field section (headers) as RFC 9114 section 4.2.2 counts it. */
  readonly fieldSectionBytesMax: number;
  /** One HTTP/3 frame that has to be read as a whole. */
  readonly frameBytesMax: number;
  /** One capsule; those that are known have at most 1,028 bytes. */
  readonly capsuleBytesMax: number;
}

const KIB = 1_024;
const MIB = 1_024 * KIB;

export const ENGINE_LIMITS: EngineLimits = {
  connectionsMax: 1_200,
  halfOpenMax: 500,
  retryFromHalfOpen: 50,
  sessionsMax: 1_000,
  sessionsPerConnectionMax: 4,
  streamsUniMax: 256,
  streamsBidiMax: 64,
  earlyStreamsMax: 16,
  streamWaitersMax: 256,
  streamQueueBytes: 64 * KIB,
  sessionQueueBytesMax: 8 * MIB,
  totalQueueBytesMax: 256 * MIB,
  streamWindowFirstBytes: 256 * KIB,
  connectionWindowFirstBytes: 512 * KIB,
  streamWindowBytes: MIB,
  connectionWindowBytes: 2 * MIB,
  datagramsQueuedMax: 256,
  handshakeMs: 10_000,
  sessionMs: 10_000,
  idleMs: 30_000,
  fieldSectionBytesMax: 16 * KIB,
  frameBytesMax: 32 * KIB,
  capsuleBytesMax: 64 * KIB,
};
