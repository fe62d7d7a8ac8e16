import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

// The one question of STUN that is needed: from which address do others see us? RFC 8489.

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const MAGIC_COOKIE = 0x2112a442;
const MAPPED_ADDRESS = 0x0001;
const XOR_MAPPED_ADDRESS = 0x0020;
const HEADER_BYTES = 20;
const IPV4 = 1;
/** Sent again at these times (RFC 8489 section 6.2.1, shortened: an operator waits for it). */
const RETRANSMIT_MS = [0, 500, 1_000, 1_500] as const;
const DEFAULT_PORT = 3_478;

/** `host` or `host:port`. */
export function stunServerOf(text: string): { host: string; port: number } {
  const [host, port] = text.split(':') as [string, string | undefined];
  return { host, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

/** The address and port of ours that an answer names; null when it is no answer to `transaction`. */
export function readMappedAddress(answer: Buffer, transaction: Buffer): { address: string; port: number } | null {
  if (answer.length < HEADER_BYTES || answer.readUInt16BE(0) !== BINDING_SUCCESS) return null;
  if (answer.readUInt32BE(4) !== MAGIC_COOKIE || !answer.subarray(8, HEADER_BYTES).equals(transaction)) return null;
  const end = Math.min(answer.length, HEADER_BYTES + answer.readUInt16BE(2));
  for (let at = HEADER_BYTES; at + 4 <= end; ) {
    const type = answer.readUInt16BE(at);
    const length = answer.readUInt16BE(at + 2);
    const isAddress = type === XOR_MAPPED_ADDRESS || type === MAPPED_ADDRESS;
    if (isAddress && length >= 8 && at + 12 <= end && answer[at + 5] === IPV4) {
      const mask = type === XOR_MAPPED_ADDRESS ? MAGIC_COOKIE : 0;
      const bits = (answer.readUInt32BE(at + 8) ^ mask) >>> 0;
      const port = answer.readUInt16BE(at + 6) ^ (mask >>> 16);
      return { address: [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.'), port };
    }
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return null;
}

/**
 * Asks a STUN server which address of ours it sees.
 * @returns null when it does not answer
 */
export async function askStun(server: string): Promise<{ address: string; port: number } | null> {
  const { host, port } = stunServerOf(server);
  const transaction = randomBytes(12);
  const request = Buffer.alloc(HEADER_BYTES);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(MAGIC_COOKIE, 4);
  transaction.copy(request, 8);
  const socket = dgram.createSocket('udp4');
  try {
    const answered = new Promise<{ address: string; port: number }>((resolve) => {
      socket.on('message', (answer) => {
        const found = readMappedAddress(answer, transaction);
        if (found) resolve(found);
      });
    });
    socket.on('error', () => {}); // an unknown name or no network is an answer that does not come
    for (const ms of RETRANSMIT_MS) {
      socket.send(request, port, host, () => {});
      const found = await Promise.race([answered, sleep(ms + 500, null)]);
      if (found) return found;
    }
    return null;
  } finally {
    socket.close();
  }
}
