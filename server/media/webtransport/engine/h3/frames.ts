// HTTP/3 frame types (RFC 9114 section 7.2) and which of them are wrong where.
import { H3, H3ConnectionError } from './errors.ts';

export const FRAME = {
  DATA: 0x0,
  HEADERS: 0x1,
  CANCEL_PUSH: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  GOAWAY: 0x7,
  MAX_PUSH_ID: 0xd,
  /** draft-ietf-webtrans-http3 section 4.2: begins a bidirectional stream and is no frame. */
  WEBTRANSPORT_STREAM: 0x41,
} as const;

/** Frames of HTTP/2 that HTTP/3 has not: receiving one is an error (RFC 9114 section 7.2.8). */
const HTTP2_FRAMES: ReadonlySet<number> = new Set([0x2, 0x6, 0x8, 0x9]);
const ONLY_ON_REQUESTS: ReadonlySet<number> = new Set([FRAME.DATA, FRAME.HEADERS, FRAME.PUSH_PROMISE]);
const ONLY_ON_CONTROL: ReadonlySet<number> = new Set([
  FRAME.CANCEL_PUSH,
  FRAME.SETTINGS,
  FRAME.GOAWAY,
  FRAME.MAX_PUSH_ID,
]);

/** @throws H3ConnectionError for a frame that must not stand on this kind of stream */
export function checkPlace(type: number, place: 'control' | 'request'): void {
  const wrong = place === 'control' ? ONLY_ON_REQUESTS : ONLY_ON_CONTROL;
  const isPush = type === FRAME.PUSH_PROMISE;
  if (wrong.has(type) || HTTP2_FRAMES.has(type) || isPush) {
    throw new H3ConnectionError(H3.FRAME_UNEXPECTED, `frame 0x${type.toString(16)} on a ${place} stream`);
  }
  // draft-ietf-webtrans-http3 section 4.2: anywhere but at the start of a stream.
  if (type === FRAME.WEBTRANSPORT_STREAM)
    throw new H3ConnectionError(H3.FRAME_ERROR, 'WEBTRANSPORT_STREAM in a stream');
}
