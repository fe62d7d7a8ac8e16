// Error codes that the peer is told.

/** RFC 9114 section 8.1, RFC 9204 section 6, RFC 9297 section 5.2, draft-ietf-webtrans-http3 section 9.5. */
export const H3 = {
  DATAGRAM_ERROR: 0x33,
  NO_ERROR: 0x100,
  GENERAL_PROTOCOL_ERROR: 0x101,
  INTERNAL_ERROR: 0x102,
  STREAM_CREATION_ERROR: 0x103,
  CLOSED_CRITICAL_STREAM: 0x104,
  FRAME_UNEXPECTED: 0x105,
  FRAME_ERROR: 0x106,
  EXCESSIVE_LOAD: 0x107,
  ID_ERROR: 0x108,
  SETTINGS_ERROR: 0x109,
  MISSING_SETTINGS: 0x10a,
  REQUEST_REJECTED: 0x10b,
  REQUEST_INCOMPLETE: 0x10d,
  MESSAGE_ERROR: 0x10e,
  QPACK_DECOMPRESSION_FAILED: 0x200,
  QPACK_ENCODER_STREAM_ERROR: 0x201,
  QPACK_DECODER_STREAM_ERROR: 0x202,
  WT_BUFFERED_STREAM_REJECTED: 0x3994_bd84,
  WT_SESSION_GONE: 0x170d_7b68,
} as const;

/** The peer broke the protocol in a way that ends the connection. Caught where its packets come in. */
export class H3ConnectionError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The peer broke the protocol in a way that ends one stream. */
export class H3StreamError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

// draft-ietf-webtrans-http3 section 4.3: the codes of applications in HTTP/3's space, where every
// 31st value is left out.
const FIRST = 0x52e4_a40f_a8db;
const LAST = 0x52e5_ac98_3162;
const GAP = 0x1e;
export const WT_CODE_MAX = 2 ** 32 - 1;

/** @param code of the application, 0 to 2^32 - 1 */
export const toHttpCode = (code: number): number => FIRST + code + Math.floor(code / GAP);

/** @returns null when the code is none of an application's */
export function toApplicationCode(httpCode: number): number | null {
  if (httpCode < FIRST || httpCode > LAST) return null;
  const shifted = httpCode - FIRST;
  const isReserved = shifted % (GAP + 1) === GAP;
  return isReserved ? null : shifted - Math.floor(shifted / (GAP + 1));
}
