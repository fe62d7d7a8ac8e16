// What the pipe reads of a packet. RFC 3550 section 5.1, RFC 5761 section 4.

const RTP_HEADER_BYTES = 12;

/** RTP and RTCP share one flow; RTCP's packet types lie where RTP's payload types never do. */
export function isRtcp(packet: Uint8Array): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

export function isRtp(packet: Uint8Array): boolean {
  return packet.length >= RTP_HEADER_BYTES && (packet[0] as number) >> 6 === 2 && !isRtcp(packet);
}

export const payloadTypeOf = (packet: Uint8Array): number => (packet[1] as number) & 0x7f;

export const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8);

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
