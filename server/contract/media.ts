import Type, { type Static } from 'typebox';
import { SDP_LENGTH_MAX } from './limits.ts';

// The control protocol between main and a media process. Times are on the machine's monotonic clock
// (CLOCK_MONOTONIC in ms), which both processes read: a lease is a point in time, so it ends on time
// however late main is.

/** Exit code of a media process that did not get its UDP port. */
export const MEDIA_EXIT_PORT_IN_USE = 3;

const CallId = Type.Integer({ minimum: 1 });
const LegId = Type.Integer({ minimum: 1 });

/** From main to the media process. */
export const ToMedia = Type.Union([
  /** Makes a leg and answers with `offer`. The two legs of a call forward to each other. */
  Type.Object({ type: Type.Literal('open'), callId: CallId, legId: LegId, side: Type.String() }),
  Type.Object({ type: Type.Literal('answer'), legId: LegId, sdp: Type.String({ maxLength: SDP_LENGTH_MAX }) }),
  Type.Object({ type: Type.Literal('candidate'), legId: LegId, candidate: Type.String() }),
  /** Media of the call passes until then, and not after; a time in the past closes the gate at once. */
  Type.Object({ type: Type.Literal('lease'), callId: CallId, untilMs: Type.Number() }),
  Type.Object({ type: Type.Literal('close'), legId: LegId }),
  Type.Object({ type: Type.Literal('ping'), n: Type.Integer() }),
]);
export type ToMedia = Static<typeof ToMedia>;

/** What one leg has carried so far. Bytes and packets are RTP, as received from the page. */
export const LegCounters = Type.Object({
  legId: LegId,
  callId: CallId,
  packets: Type.Integer(),
  bytes: Type.Integer(),
  /** Packets of this leg that reached the other one. */
  forwarded: Type.Integer(),
  /** Packets that the lease held back. */
  held: Type.Integer(),
  lastPacketMs: Type.Union([Type.Number(), Type.Null()]),
  lastForwardedMs: Type.Union([Type.Number(), Type.Null()]),
});
export type LegCounters = Static<typeof LegCounters>;

/** From the media process to main. */
export const FromMedia = Type.Union([
  Type.Object({ type: Type.Literal('ready'), udpPort: Type.Integer() }),
  Type.Object({ type: Type.Literal('offer'), legId: LegId, sdp: Type.String() }),
  Type.Object({ type: Type.Literal('candidates'), legId: LegId, candidates: Type.Array(Type.String()) }),
  /** ICE and DTLS are done. */
  Type.Object({ type: Type.Literal('up'), legId: LegId }),
  /** First packet, or packets again after silence. */
  Type.Object({ type: Type.Literal('flowing'), legId: LegId, atMs: Type.Number() }),
  /** No packet for the silence limit; `sinceMs` is the last one's time. */
  Type.Object({ type: Type.Literal('silent'), legId: LegId, sinceMs: Type.Number() }),
  Type.Object({ type: Type.Literal('down'), legId: LegId, why: Type.String() }),
  Type.Object({ type: Type.Literal('refused'), legId: LegId, code: Type.String() }),
  Type.Object({ type: Type.Literal('counters'), legs: Type.Array(LegCounters) }),
  Type.Object({ type: Type.Literal('pong'), n: Type.Integer() }),
]);
export type FromMedia = Static<typeof FromMedia>;
