// What the pipe reads of a packet, and no more. RFC 3550 section 5.1, RFC 5761 section 4, RFC 8285.

const RTP_HEADER_BYTES = 12;
const HAS_EXTENSION = 0x10;
const HAS_PADDING = 0x20;
/** One-byte header extensions (RFC 8285 section 4.2). */
const ONE_BYTE_PROFILE = 0xbede;
/** abs-send-time: seconds as 6.18 bits fixed point; it comes round after 64 s. */
const SEND_TIME_UNITS_PER_MS = 2 ** 18 / 1_000;

/** RTP and RTCP share one flow; RTCP's packet types lie where RTP's payload types never do. */
export function isRtcp(packet: Uint8Array): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

export function isRtp(packet: Uint8Array): boolean {
  return packet.length >= RTP_HEADER_BYTES && (packet[0] as number) >> 6 === 2 && !isRtcp(packet);
}

export const payloadTypeOf = (packet: Uint8Array): number => (packet[1] as number) & 0x7f;

export const sequenceOf = (packet: Buffer): number => packet.readUInt16BE(2);

export const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8);

/** Whether anything but headers and padding is in the packet (RFC 3550 section 5.1). */
export function carriesPayload(packet: Uint8Array): boolean {
  const first = packet[0] as number;
  let at = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & HAS_EXTENSION) {
    if (at + 4 > packet.length) return false;
    at += 4 + (((packet[at + 2] as number) << 8) | (packet[at + 3] as number)) * 4;
  }
  const padding = first & HAS_PADDING ? (packet[packet.length - 1] as number) : 0;
  return packet.length - padding > at;
}

/** When the page sent the packet, in ms that come round after 64 s; null when it does not say. */
export function sendTimeMs(packet: Buffer, extensionId: number): number | null {
  const first = packet[0] as number;
  if (!(first & HAS_EXTENSION)) return null;
  let at = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (at + 4 > packet.length || packet.readUInt16BE(at) !== ONE_BYTE_PROFILE) return null;
  const end = Math.min(packet.length, at + 4 + packet.readUInt16BE(at + 2) * 4);
  at += 4;
  while (at < end) {
    const head = packet[at] as number;
    const id = head >> 4;
    if (head === 0) {
      at += 1; // padding
      continue;
    }
    if (id === 15) return null;
    const length = (head & 0x0f) + 1;
    if (id === extensionId && length === 3 && at + 4 <= end)
      return packet.readUIntBE(at + 1, 3) / SEND_TIME_UNITS_PER_MS;
    at += 1 + length;
  }
  return null;
}

/** Asks the sender of `mediaSsrc` for a whole picture: Picture Loss Indication, RFC 4585 section 6.3.1. */
export function pictureLossIndication(mediaSsrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet[0] = 0x81; // version 2, format 1
  packet[1] = 206; // payload-specific feedback
  packet.writeUInt16BE(2, 2); // length in words, less one
  packet.writeUInt32BE(1, 4); // our own ssrc: any, we send no media
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}
