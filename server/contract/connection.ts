import Type, { type Static, type TProperties } from 'typebox';
import { MediaTransport } from './media.ts';
import { nullable } from './nullable.ts';

// What is known of the connections between pages and the appliance: bandwidth probes and their evidence,
// what pages say of their media, what both sides of a call read of each other's connection.

const request = <P extends TProperties>(properties: P) =>
  Type.Object(
    { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), ...properties },
    { additionalProperties: false },
  );
const LegId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const ProbeId = Type.Integer({ minimum: 1, maximum: 0xffff_ffff });

export const ProbeVerdict = Type.Union([
  Type.Literal('pass'),
  Type.Literal('fail'),
  /** Counts for nothing: the load was not offered, or the path and not the link was what held it up. */
  Type.Literal('inconclusive'),
]);
export type ProbeVerdict = Static<typeof ProbeVerdict>;

/** Why a probe is inconclusive. */
export const ProbeDoubt = Type.Union([
  /** The page was too busy, or hidden, to send at the rate that was asked for. */
  Type.Literal('not_offered'),
  /** Packets were held up, and no queue built up: the path's loss or delay slowed the sender, not the link. */
  Type.Literal('no_queue'),
  /** Packets came in bunches, some of them faster than the limit: the machine and not the link made it uneven. */
  Type.Literal('uneven'),
  /** Too few packets came. */
  Type.Literal('too_few'),
  /** The page did not answer. */
  Type.Literal('no_report'),
]);
export type ProbeDoubt = Static<typeof ProbeDoubt>;

/** One probe of an uplink with all its numbers, as it is kept with the call. Rates are those on the wire. */
export const ProbeEvidence = Type.Object({
  at: Type.String(),
  verdict: ProbeVerdict,
  doubt: nullable(ProbeDoubt),
  /** What came through, media included. */
  kbps: Type.Integer(),
  thresholdKbps: Type.Integer(),
  /** What the page offered, or tried to. */
  offeredKbps: Type.Integer(),
  /** Length of the part that was measured. */
  measuredMs: Type.Integer(),
  probeBytes: Type.Integer(),
  mediaBytes: Type.Integer(),
  sentPackets: Type.Integer(),
  receivedPackets: Type.Integer(),
  lossPct: Type.Number(),
  /** How long the page's channel was full. */
  heldMs: Type.Integer(),
  /** How much longer media packets were under way than without the load; null when there were none. */
  queueMs: nullable(Type.Integer()),
  rttMs: nullable(Type.Integer()),
});
export type ProbeEvidence = Static<typeof ProbeEvidence>;

/** What one person's connection is like, for both to read. Null where it is not known yet. */
export const ConnectionView = Type.Object({
  rttMs: nullable(Type.Integer()),
  /** Of the media that this side sends, on its way to the appliance. */
  lossPct: nullable(Type.Number()),
  /** Media that this side sends. */
  sendingKbps: Type.Integer(),
  /** By the last conclusive probe; the model's only. */
  uplinkKbps: nullable(Type.Integer()),
  uplinkVerdict: nullable(ProbeVerdict),
  /** What gets through to this side while more is waiting for it; null when nothing waits, or nobody can tell. */
  downlinkKbps: nullable(Type.Integer()),
  /** Of the picture that this side sends, as its page says. */
  width: nullable(Type.Integer()),
  height: nullable(Type.Integer()),
  framesPerSecond: nullable(Type.Integer()),
});
export type ConnectionView = Static<typeof ConnectionView>;

const Picture = Type.Object(
  {
    width: Type.Integer({ minimum: 0, maximum: 16_384 }),
    height: Type.Integer({ minimum: 0, maximum: 16_384 }),
    framesPerSecond: Type.Integer({ minimum: 0, maximum: 1_000 }),
  },
  { additionalProperties: false },
);
/** Of the words of a page on what failed. */
const MEDIA_FAILED_WHY_MAX = 200;
const Ms = Type.Integer({ minimum: 0, maximum: 600_000 });

export const CONNECTION_FROM_PAGE = {
  /** What the page did at a `media.probe`. */
  'media.probed': request({
    type: Type.Literal('media.probed'),
    legId: LegId,
    probeId: ProbeId,
    sentPackets: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
    offeredKbps: Type.Integer({ minimum: 0, maximum: 100_000_000 }),
    heldMs: Ms,
    rttMs: nullable(Ms),
  }),
  /** What the page sends and sees. */
  'media.report': request({
    type: Type.Literal('media.report'),
    legId: LegId,
    rttMs: nullable(Ms),
    sent: nullable(Picture),
    received: nullable(Picture),
    /** The page is in the foreground: it can answer a probe. */
    isVisible: Type.Optional(Type.Boolean()),
  }),
  /** Whether this page can take media over WebTransport. Said once on each socket. */
  'media.able': request({ type: Type.Literal('media.able'), webTransport: Type.Boolean() }),
  /** The leg cannot be had, or not any more: UDP does not get through, the session broke, an encoder failed. */
  'media.failed': request({
    type: Type.Literal('media.failed'),
    legId: LegId,
    why: Type.String({ minLength: 1, maxLength: MEDIA_FAILED_WHY_MAX }),
  }),
  /** Nothing of the other side was decoded for 5 s although packets came: the page asks for new legs. */
  'media.stalled': request({ type: Type.Literal('media.stalled'), legId: LegId }),
  /** A test of this page's connection, outside of any call: `connection.offer` follows, and in the end `connection.result`. */
  'connection.test': request({
    type: Type.Literal('connection.test'),
    /** Through a TURN server only: whether a call would be possible that way. */
    isRelayOnly: Type.Optional(Type.Boolean()),
  }),
} as const;

export const IceServers = Type.Array(
  Type.Object({
    urls: Type.Array(Type.String()),
    username: Type.Optional(Type.String()),
    credential: Type.Optional(Type.String()),
  }),
);
export type IceServers = Static<typeof IceServers>;

export const CONNECTION_TO_PAGE = {
  /**
   * The page's new leg is a WebTransport session, to be opened now at `https://<host of the page>:port` + path,
   * with a certificate of one of these SHA-256 hashes (base64). Any older leg of the call is gone.
   */
  'media.session': Type.Object({
    type: Type.Literal('media.session'),
    callId: Type.Integer(),
    legId: Type.Integer(),
    /** Of the page: the name of its broadcast. */
    side: Type.Union([Type.Literal('client'), Type.Literal('model')]),
    port: Type.Integer(),
    path: Type.String(),
    hashes: Type.Array(Type.String()),
  }),
  /**
   * Send a burst over the leg's data channel at `kbps` on the wire: `warmUpMs`, and longer where the way is
   * long, then `measureMs`.
   */
  'media.probe': Type.Object({
    type: Type.Literal('media.probe'),
    legId: Type.Integer(),
    probeId: Type.Integer(),
    kbps: Type.Integer(),
    warmUpMs: Type.Integer(),
    measureMs: Type.Integer(),
    /** As the appliance measures it, for a page that cannot. */
    rttMs: nullable(Type.Integer()),
  }),
  /** A leg for one probe; `media.candidates`, `media.probe` and `media.closed` of it follow. */
  'connection.offer': Type.Object({
    type: Type.Literal('connection.offer'),
    legId: Type.Integer(),
    /** The page's leg in a call that is going on; null in a test that the page has asked for. */
    besideLegId: nullable(Type.Integer()),
    sdp: Type.String(),
    iceServers: IceServers,
  }),
  'connection.result': Type.Object({
    type: Type.Literal('connection.result'),
    /** Two of the last three conclusive probes; `inconclusive` when there were no two. */
    verdict: ProbeVerdict,
    /** Middle one of the conclusive probes; 0 when there were none. */
    kbps: Type.Integer(),
    rttMs: nullable(Type.Integer()),
    lossPct: Type.Number(),
    samples: Type.Array(ProbeEvidence),
  }),
  /** What both connections of a call are like; sent again when it changes. */
  'call.connections': Type.Object({
    type: Type.Literal('call.connections'),
    callId: Type.Integer(),
    /** The way that media takes now. */
    transport: nullable(MediaTransport),
    me: nullable(ConnectionView),
    them: nullable(ConnectionView),
  }),
} as const;
