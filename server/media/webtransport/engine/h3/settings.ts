// SETTINGS (RFC 9114 section 7.2.4).
import { readVarint, varint } from '../varint.ts';
import { H3, H3ConnectionError } from './errors.ts';

export const SETTING = {
  QPACK_MAX_TABLE_CAPACITY: 0x1,
  MAX_FIELD_SECTION_SIZE: 0x6,
  QPACK_BLOCKED_STREAMS: 0x7,
  ENABLE_CONNECT_PROTOCOL: 0x8,
  H3_DATAGRAM: 0x33,
  /** draft-ietf-webtrans-http3-02, what Chromium speaks. */
  ENABLE_WEBTRANSPORT: 0x2b60_3742,
} as const;

/** Settings of HTTP/2 that have none in HTTP/3 (RFC 9114 sections 7.2.4.1 and 11.2.2). */
const HTTP2_SETTINGS: ReadonlySet<number> = new Set([0x0, 0x2, 0x3, 0x4, 0x5]);
/** Settings that are either 0 or 1 (RFC 9297 section 2.1.1, RFC 8441 section 3). */
const SWITCHES: ReadonlySet<number> = new Set([SETTING.ENABLE_CONNECT_PROTOCOL, SETTING.H3_DATAGRAM]);

export type Settings = ReadonlyMap<number, number>;

/** What we say. Chromium opens no session without the last two. */
export const ourSettings = (fieldSectionBytesMax: number): Settings =>
  new Map([
    [SETTING.QPACK_MAX_TABLE_CAPACITY, 0],
    [SETTING.QPACK_BLOCKED_STREAMS, 0],
    [SETTING.MAX_FIELD_SECTION_SIZE, fieldSectionBytesMax],
    [SETTING.ENABLE_CONNECT_PROTOCOL, 1],
    [SETTING.H3_DATAGRAM, 1],
    [SETTING.ENABLE_WEBTRANSPORT, 1],
  ]);

export const encodeSettings = (settings: Settings): Buffer =>
  Buffer.concat([...settings].flatMap(([id, value]) => [varint(id), varint(value)]));

/** @throws H3ConnectionError */
export function parseSettings(payload: Buffer): Settings {
  const settings = new Map<number, number>();
  for (let at = 0; at < payload.length; ) {
    const id = readVarint(payload, at);
    const value = id && readVarint(payload, id.end);
    if (!value) throw new H3ConnectionError(H3.FRAME_ERROR, 'SETTINGS ends in a setting');
    checkSetting(id.value, value.value);
    // Ids over 2^53 are rounded, so that two of them may look alike.
    if (settings.has(id.value) && Number.isSafeInteger(id.value)) {
      throw new H3ConnectionError(H3.SETTINGS_ERROR, `setting 0x${id.value.toString(16)} twice`);
    }
    settings.set(id.value, value.value);
    at = value.end;
  }
  return settings;
}

function checkSetting(id: number, value: number): void {
  if (HTTP2_SETTINGS.has(id)) {
    throw new H3ConnectionError(H3.SETTINGS_ERROR, `setting 0x${id.toString(16)} is of HTTP/2`);
  }
  if (SWITCHES.has(id) && value > 1) {
    throw new H3ConnectionError(H3.SETTINGS_ERROR, `setting 0x${id.toString(16)} is ${value}`);
  }
}
