import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A client comes back with its token within a round trip; longer only makes tokens worth stealing. */
const TOKEN_MS = 10_000;
const KEY_BYTES = 32;
const MAC_BYTES = 16;
const TIME_BYTES = 6;
const CONNECTION_ID_BYTES_MAX = 20;

/**
 * Tokens of Retry packets (RFC 9000 section 8.1.4). They hold the client's first connection id, which
 * the handshake must name again, and are bound to address, port and the connection id that we gave.
 */
export class RetryTokens {
  readonly #key = randomBytes(KEY_BYTES);

  mint(firstId: Uint8Array, ourId: Uint8Array, peer: string, nowMs: number): Buffer {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeUIntBE(Math.floor(nowMs) + TOKEN_MS, 0, TIME_BYTES);
    const body = Buffer.concat([time, firstId]);
    return Buffer.concat([this.#mac(body, ourId, peer), body]);
  }

  /** @returns the client's first connection id, or null for a token that is not ours, not its, or too old */
  open(token: Uint8Array, ourId: Uint8Array, peer: string, nowMs: number): Buffer | null {
    const bytes = Buffer.from(token);
    const body = bytes.subarray(MAC_BYTES);
    const idBytes = body.length - TIME_BYTES;
    if (idBytes < 0 || idBytes > CONNECTION_ID_BYTES_MAX) return null;
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.#mac(body, ourId, peer))) return null;
    return body.readUIntBE(0, TIME_BYTES) >= nowMs ? body.subarray(TIME_BYTES) : null;
  }

  #mac(body: Buffer, ourId: Uint8Array, peer: string): Buffer {
    const mac = createHmac('sha256', this.#key).update(body).update('\0').update(ourId).update('\0').update(peer);
    return mac.digest().subarray(0, MAC_BYTES);
  }
}
