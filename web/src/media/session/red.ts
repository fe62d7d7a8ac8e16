// Redundant audio data, RFC 2198 section 3, with times in samples of Opus' clock: a packet carries those before it
// once more, so that a lost one is there 20 ms later and not after a round trip.

/** One encoded piece of sound. */
export type SoundPacket = { readonly capturedUs: number; readonly payload: Uint8Array };

const CLOCK_PER_MS = 48;
/** Of the header's 14 bits for the distance in time and 10 for the length. */
const OFFSET_MAX = (1 << 14) - 1;
const LENGTH_MAX = (1 << 10) - 1;
const BLOCK_HEADER_BYTES = 4;
const PAYLOAD_TYPE = 111;
const MORE = 0x80;

const offsetOf = (packet: SoundPacket, newest: SoundPacket) =>
  Math.round(((newest.capturedUs - packet.capturedUs) / 1_000) * CLOCK_PER_MS);

/**
 * @param before older packets, oldest first; one that is too long or too old to be said stays out, with all before it
 * @param bytesMax so much in all; the newest is in it in any case
 */
export function packRed(newest: SoundPacket, before: readonly SoundPacket[], bytesMax: number): Uint8Array {
  const isSayable = (packet: SoundPacket) => {
    const offset = offsetOf(packet, newest);
    return packet.payload.length <= LENGTH_MAX && offset >= 0 && offset <= OFFSET_MAX;
  };
  let left = bytesMax - newest.payload.length - 1;
  const isTooMuch = (packet: SoundPacket) => {
    left -= packet.payload.length + BLOCK_HEADER_BYTES;
    return left < 0 || !isSayable(packet);
  };
  const repeated = before.slice(before.findLastIndex(isTooMuch) + 1);
  const headerBytes = repeated.length * BLOCK_HEADER_BYTES + 1;
  const all = [...repeated, newest];
  const packed = new Uint8Array(headerBytes + all.reduce((sum, { payload }) => sum + payload.length, 0));
  const view = new DataView(packed.buffer);
  repeated.forEach((packet, i) => {
    const fields = (offsetOf(packet, newest) << 10) | packet.payload.length;
    view.setUint8(i * BLOCK_HEADER_BYTES, MORE | PAYLOAD_TYPE);
    view.setUint8(i * BLOCK_HEADER_BYTES + 1, fields >>> 16);
    view.setUint16(i * BLOCK_HEADER_BYTES + 2, fields & 0xffff);
  });
  view.setUint8(headerBytes - 1, PAYLOAD_TYPE);
  let at = headerBytes;
  for (const { payload } of all) {
    packed.set(payload, at);
    at += payload.length;
  }
  return packed;
}

/** @returns what is in it, oldest first; nothing when it is malformed */
export function readRed(packed: Uint8Array, capturedUs: number): SoundPacket[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const heads: { capturedUs: number; length: number }[] = [];
  let at = 0;
  for (; at < packed.length && view.getUint8(at) & MORE; at += BLOCK_HEADER_BYTES) {
    if (at + BLOCK_HEADER_BYTES > packed.length) return [];
    const fields = (view.getUint8(at + 1) << 16) | view.getUint16(at + 2);
    heads.push({
      capturedUs: capturedUs - Math.round(((fields >>> 10) * 1_000) / CLOCK_PER_MS),
      length: fields & LENGTH_MAX,
    });
  }
  at += 1;
  const packets: SoundPacket[] = [];
  for (const head of heads) {
    packets.push({ capturedUs: head.capturedUs, payload: packed.subarray(at, at + head.length) });
    at += head.length;
  }
  if (at >= packed.length) return []; // the newest must have something in it
  return [...packets, { capturedUs, payload: packed.subarray(at) }];
}
