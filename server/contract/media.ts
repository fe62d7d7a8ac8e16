import Type, { type Static } from 'typebox';
import { CANDIDATE_LENGTH_MAX } from './limits.ts';
import { nullable } from './nullable.ts';

// The control protocol between main and a media process. Times are on the machine's monotonic clock
// (CLOCK_MONOTONIC in ms), which both processes read: a lease is a point in time, so it ends on time
// however late main is.

/** Exit code of a media process that did not get its UDP port. */
export const MEDIA_EXIT_PORT_IN_USE = 3;
/** Exit code of one that cannot bind to the address it was given. */
export const MEDIA_EXIT_BAD_ADDRESS = 4;
/** Exit code of one whose engine does not load on this host. */
export const MEDIA_EXIT_NO_ENGINE = 5;

/** What the operator may ask for (setting `media.transport`). */
export const TransportChoice = Type.Union([Type.Literal('auto'), Type.Literal('webrtc'), Type.Literal('webtransport')]);
export type TransportChoice = Static<typeof TransportChoice>;

/** The two ways of media between a page and the appliance. */
export const MediaTransport = Type.Union([Type.Literal('webrtc'), Type.Literal('webtransport')]);
export type MediaTransport = Static<typeof MediaTransport>;

const CallId = Type.Integer({ minimum: 1 });
const LegId = Type.Integer({ minimum: 1 });
const ProbeId = Type.Integer({ minimum: 1, maximum: 0xffff_ffff });
const SideName = Type.Union([Type.Literal('client'), Type.Literal('model')]);
/** Bounds of what ICE and SDP let through (RFC 8839 section 5, RFC 8122). */
const CANDIDATES_MAX = 64;

/** What of a page's SDP answer reaches the media process. */
export const TransportDescription = Type.Object(
  {
    ufrag: Type.String({ pattern: '^[A-Za-z0-9+/]{4,256}$' }),
    pwd: Type.String({ pattern: '^[A-Za-z0-9+/]{22,256}$' }),
    /** Of the DTLS certificate, as `sha-256 AB:CD:…`. */
    fingerprint: Type.String({ pattern: '^sha-256 (?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$' }),
    /** Lines without `a=`. */
    candidates: Type.Array(Type.String({ maxLength: CANDIDATE_LENGTH_MAX }), { maxItems: CANDIDATES_MAX }),
  },
  { additionalProperties: false },
);
export type TransportDescription = Static<typeof TransportDescription>;

/** From main to the media process. */
export const ToMedia = Type.Union([
  /** Makes a leg and answers with `offer` (WebRTC) or `door` (WebTransport). The two legs of a call forward to each other. */
  Type.Object({ type: Type.Literal('open'), callId: CallId, legId: LegId, side: SideName }),
  /** A leg of no call, for a test of a page's connection: nothing is ever forwarded to or from it. */
  Type.Object({ type: Type.Literal('openTest'), legId: LegId }),
  /** The page's answer, of which nothing but this is needed (webrtc/sdp.ts writes the text anew). */
  Type.Object({ type: Type.Literal('answer'), legId: LegId, transport: TransportDescription }),
  Type.Object({
    type: Type.Literal('candidate'),
    legId: LegId,
    candidate: Type.String({ minLength: 1, maxLength: CANDIDATE_LENGTH_MAX }),
  }),
  /** Media of the call passes until then, and not after; a time in the past closes the gate at once. */
  Type.Object({ type: Type.Literal('lease'), callId: CallId, untilMs: Type.Number() }),
  /** Packets of this side pass only while its gate is open, whatever the lease says. Open at first. */
  Type.Object({ type: Type.Literal('gate'), callId: CallId, side: SideName, isOpen: Type.Boolean() }),
  /**
   * What the side's page says of its switches: it says it twice a second while microphone and camera are off.
   * `offSinceMs`: since when, on the monotonic clock, over all legs of the side; null while one of them is on.
   */
  Type.Object({ type: Type.Literal('switches'), legId: LegId, offSinceMs: nullable(Type.Number()) }),
  /** Counts what arrives of a burst; `probeEnd` follows when the page says that it has sent it. */
  Type.Object({
    type: Type.Literal('probe'),
    legId: LegId,
    probeId: ProbeId,
    measureMs: Type.Integer({ minimum: 1 }),
    /** Media of this leg of the same page is counted with it. */
    besideLegId: Type.Union([LegId, Type.Null()]),
  }),
  Type.Object({ type: Type.Literal('probeEnd'), legId: LegId, probeId: ProbeId }),
  /** Addresses under which pages outside reach our port. */
  Type.Object({
    type: Type.Literal('addresses'),
    addresses: Type.Array(Type.String({ maxLength: 45 }), { maxItems: 4 }),
  }),
  /** WebTransport: what new connections are shown from now on. */
  Type.Object({
    type: Type.Literal('certificate'),
    certificatePem: Type.String({ maxLength: 20_000 }),
    keyPem: Type.String({ maxLength: 20_000 }),
  }),
  Type.Object({ type: Type.Literal('close'), legId: LegId }),
  Type.Object({ type: Type.Literal('ping'), n: Type.Integer() }),
]);
export type ToMedia = Static<typeof ToMedia>;

/** What one kind of media of a leg has carried. */
const KindCounters = Type.Object({
  packets: Type.Integer(),
  bytes: Type.Integer(),
  /** Sequence numbers that never came (RFC 3550 appendix A.3); less when they came late. */
  lost: Type.Integer(),
  lastPacketMs: Type.Union([Type.Number(), Type.Null()]),
});
export type KindCounters = Static<typeof KindCounters>;

/**
 * What one leg has carried so far, as received from the page. Packets and bytes are those of RTP (WebRTC), or
 * frames and their bytes (WebTransport).
 */
export const LegCounters = Type.Object({
  legId: LegId,
  /** 0 for a test leg. */
  callId: Type.Integer({ minimum: 0 }),
  packets: Type.Integer(),
  bytes: Type.Integer(),
  audio: KindCounters,
  video: KindCounters,
  /** Packets of this leg that reached the other one. */
  forwarded: Type.Integer(),
  /** Packets that lease or gate held back. */
  held: Type.Integer(),
  lastPacketMs: Type.Union([Type.Number(), Type.Null()]),
  lastForwardedMs: Type.Union([Type.Number(), Type.Null()]),
  /** How long packets of this leg have reached the other one, in ms: gaps of more than a second are left out. */
  forwardedMs: Type.Number({ minimum: 0 }),
  /** Between this process and the page: from the page's RTCP reports (RFC 3550 section 6.4.1), or QUIC's own. */
  rttMs: Type.Union([Type.Number(), Type.Null()]),
  /** What QUIC got through to the page while more was waiting, lately; null when nothing waited, and over WebRTC. */
  deliveredKbps: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
});
export type LegCounters = Static<typeof LegCounters>;

/** The media process about itself. */
export const ProcessCounters = Type.Object({
  rssBytes: Type.Integer(),
  /** Seconds of CPU so far, of all its threads. */
  cpuS: Type.Number(),
  /** Null where the system does not tell. */
  fds: Type.Union([Type.Integer(), Type.Null()]),
  threads: Type.Union([Type.Integer(), Type.Null()]),
  legsOpen: Type.Integer(),
  legsOpened: Type.Integer(),
  packets: Type.Integer(),
  bytes: Type.Integer(),
  held: Type.Integer(),
});
export type ProcessCounters = Static<typeof ProcessCounters>;

/** What arrived of a probe. Rates are made of it in main (media/verdict.ts). */
export const ProbeArrivals = Type.Object({
  probeId: ProbeId,
  receivedPackets: Type.Integer(),
  /** Highest index that came, plus one: so many the page has sent at least. */
  indexMax: Type.Integer(),
  /** Of the measured part: from its first to its last packet, and what came between, on the wire. */
  measuredMs: Type.Number(),
  probeBytes: Type.Integer(),
  mediaBytes: Type.Integer(),
  /** The best stretch of the whole burst. */
  peakKbps: Type.Integer(),
  /** How much longer media packets were under way than before; null when there were too few. */
  queueMs: Type.Union([Type.Number(), Type.Null()]),
});
export type ProbeArrivals = Static<typeof ProbeArrivals>;

/** From the media process to main. */
export const FromMedia = Type.Union([
  Type.Object({ type: Type.Literal('ready'), udpPort: Type.Integer() }),
  Type.Object({ type: Type.Literal('offer'), legId: LegId, sdp: Type.String() }),
  Type.Object({ type: Type.Literal('candidates'), legId: LegId, candidates: Type.Array(Type.String()) }),
  /** The page may open one WebTransport session for the leg, with this token, soon. */
  Type.Object({
    type: Type.Literal('admission'),
    legId: LegId,
    token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  }),
  /** ICE and DTLS are done, or the session is open. */
  Type.Object({ type: Type.Literal('up'), legId: LegId }),
  /** Media flows (charging rules: what counts as media), for the first time or again. */
  Type.Object({ type: Type.Literal('flowing'), legId: LegId, atMs: Type.Number() }),
  /** It does not any more: since the model's last packet, or 2 s after the client's. */
  Type.Object({ type: Type.Literal('silent'), legId: LegId, sinceMs: Type.Number() }),
  Type.Object({
    type: Type.Literal('down'),
    legId: LegId,
    why: Type.String(),
    /** The page itself has closed it. */
    isByPage: Type.Optional(Type.Boolean()),
    /** When the process was last heard of, if it is the process that is gone. */
    sinceMs: Type.Optional(Type.Number()),
  }),
  /** The leg is gone, as main asked or since a new one has its place: the last word on what it carried. */
  Type.Object({ type: Type.Literal('ended'), legId: LegId, forwardedMs: Type.Number({ minimum: 0 }) }),
  Type.Object({ type: Type.Literal('refused'), legId: LegId, code: Type.String() }),
  Type.Object({ type: Type.Literal('probed'), legId: LegId, arrivals: ProbeArrivals }),
  Type.Object({ type: Type.Literal('counters'), process: ProcessCounters, legs: Type.Array(LegCounters) }),
  /** A line for the log. */
  Type.Object({
    type: Type.Literal('log'),
    level: Type.Union([Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')]),
    text: Type.String({ maxLength: 2_000 }),
  }),
  Type.Object({ type: Type.Literal('pong'), n: Type.Integer() }),
]);
export type FromMedia = Static<typeof FromMedia>;
