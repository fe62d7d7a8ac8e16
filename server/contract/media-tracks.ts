// Media over QUIC as pages and appliance speak it: moq-lite over one WebTransport session. Each side
// publishes one broadcast, named after it (`client`, `model`), and reads the other's.

/** `wt-available-protocols` of a page (draft-lcurley-moq-lite). */
export const MOQ_PROTOCOL = 'moq-lite-05';

/** Tracks of a broadcast, each with its rank: of what waits to be sent, the highest goes first. */
export const TRACKS = {
  /** What the others are encoded with; one group of one frame whenever that changes. */
  catalog: { priority: 250, latencyMaxMs: 5_000 },
  /** How what comes from the other side gets here, and that a picture is needed that needs none before it. */
  feedback: { priority: 240, latencyMaxMs: 1_000 },
  /**
   * Opus in redundant audio data (RFC 2198), one packet a datagram: none waits for one that is lost, and a lost one
   * comes again with the next.
   */
  audio: { priority: 200, latencyMaxMs: 500 },
  /** A group begins with a whole picture; an older group is dropped when a newer one is there. */
  video: { priority: 100, latencyMaxMs: 500 },
} as const;
export type TrackName = keyof typeof TRACKS;

/** Of a datagram of sound; QUIC takes a little more on every path. */
export const SOUND_BYTES_MAX = 1_000;

/** Of the microseconds that frames are stamped with: when they were captured, on the sender's clock. */
export const TRACK_TIMESCALE = 1_000_000;

export const CATALOG_BYTES_MAX = 1_000;
export const FEEDBACK_BYTES_MAX = 300;
/** The page says something at least this often, whatever else it sends. */
export const FEEDBACK_MS = 250;

/** First byte of a stream that carries a burst and not moq-lite, whose own types are all smaller. */
export const PROBE_STREAM_TYPE = 0x3f;
/** What a block of a burst weighs on the wire more than its bytes: QUIC, UDP, IPv4, Ethernet, each in part. */
export const PROBE_STREAM_OVERHEAD_BYTES = 70;

/** Where the page opens the session of a leg. */
export const sessionPath = (legId: number, token: string): string => `/media?leg=${legId}&token=${token}`;

/** Close codes of a session, for the page to read. */
export const SESSION_CLOSE = {
  /** The leg is over: another takes its place, or the call has ended. */
  over: 0,
  /** The token is not, or no longer, good. */
  badToken: 4_001,
  badOrigin: 4_003,
  /** The page sends what is not agreed on. */
  badMedia: 4_004,
} as const;
