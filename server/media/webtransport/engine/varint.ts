// Variable-length integers of QUIC (RFC 9000 section 16).

export interface Varint {
  /** Above 2^53 the value is rounded: only ids that mean nothing to us are so large. */
  readonly value: number;
  /** Where the next byte stands. */
  readonly end: number;
}

const TWO_32 = 2 ** 32;

/** @returns null while bytes are missing */
export function readVarint(bytes: Buffer, at: number): Varint | null {
  const first = bytes[at];
  if (first === undefined) return null;
  const length = 1 << (first >> 6);
  const end = at + length;
  if (end > bytes.length) return null;
  if (length === 1) return { value: first & 0x3f, end };
  if (length === 2) return { value: bytes.readUInt16BE(at) & 0x3fff, end };
  if (length === 4) return { value: bytes.readUInt32BE(at) & 0x3fff_ffff, end };
  return { value: (bytes.readUInt32BE(at) & 0x3fff_ffff) * TWO_32 + bytes.readUInt32BE(at + 4), end };
}

/** @param value 0 to 2^53 - 1 */
export function varint(value: number): Buffer {
  if (value < 0x40) return Buffer.from([value]);
  if (value < 0x4000) return Buffer.from([0x40 | (value >> 8), value & 0xff]);
  const isLong = value >= 0x4000_0000;
  const bytes = Buffer.alloc(isLong ? 8 : 4);
  if (isLong) bytes.writeUInt32BE(Math.floor(value / TWO_32), 0);
  bytes.writeUInt32BE(value % TWO_32, isLong ? 4 : 0);
  bytes[0] = (bytes[0] as number) | (isLong ? 0xc0 : 0x80);
  return bytes;
}
