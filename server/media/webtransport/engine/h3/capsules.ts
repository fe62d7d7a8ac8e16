// Capsules on the CONNECT stream of a session (RFC 9297 section 3, draft-ietf-webtrans-http3 section 5).
import type { EngineLimits } from '../limits.ts';
import { H3, H3ConnectionError, H3StreamError } from './errors.ts';
import { type PayloadUse, TlvReader, type TlvSink, tlv } from './tlv-reader.ts';

const CAPSULE = { DATAGRAM: 0x0, CLOSE_WEBTRANSPORT_SESSION: 0x2843, DRAIN_WEBTRANSPORT_SESSION: 0x78ae } as const;
const KNOWN: ReadonlySet<number> = new Set(Object.values(CAPSULE));
const CLOSE_CODE_BYTES = 4;
export const CLOSE_REASON_BYTES_MAX = 1_024;

export interface CapsuleHandler {
  onClose(code: number, reason: string): void;
  onDrain(): void;
  onDatagram(payload: Buffer): void;
}

export class CapsuleReader implements TlvSink {
  readonly #limits: EngineLimits;
  readonly #handler: CapsuleHandler;
  readonly #reader = new TlvReader(this);
  #isClosed = false;

  constructor(limits: EngineLimits, handler: CapsuleHandler) {
    this.#limits = limits;
    this.#handler = handler;
  }

  /** @throws H3StreamError, H3ConnectionError */
  push(bytes: Buffer): void {
    // draft-ietf-webtrans-http3 section 5: nothing may follow the end.
    const isAfter = this.#isClosed && bytes.length > 0;
    if (!isAfter) this.#reader.push(bytes);
    if (isAfter || (this.#isClosed && !this.#reader.isBetween)) {
      throw new H3StreamError(H3.MESSAGE_ERROR, 'data after the close capsule');
    }
  }

  /** The stream has ended. @throws H3StreamError when it ended in a capsule (RFC 9297 section 3.3) */
  end(): void {
    if (!this.#reader.isBetween) throw new H3StreamError(H3.MESSAGE_ERROR, 'the stream ends in a capsule');
  }

  onHeader(type: number, length: number): PayloadUse {
    if (this.#isClosed) throw new H3StreamError(H3.MESSAGE_ERROR, 'data after the close capsule');
    if (length > this.#limits.capsuleBytesMax) {
      throw new H3ConnectionError(H3.EXCESSIVE_LOAD, `a capsule of ${length} bytes`);
    }
    const isCloseTooLong = type === CAPSULE.CLOSE_WEBTRANSPORT_SESSION && !isCloseLength(length);
    if (isCloseTooLong) throw new H3StreamError(H3.MESSAGE_ERROR, `a close capsule of ${length} bytes`);
    return KNOWN.has(type) ? 'whole' : 'skip';
  }

  onPayload(type: number, payload: Buffer): void {
    if (type === CAPSULE.DATAGRAM) return this.#handler.onDatagram(payload);
    if (type === CAPSULE.DRAIN_WEBTRANSPORT_SESSION) return this.#handler.onDrain();
    this.#isClosed = true;
    this.#handler.onClose(payload.readUInt32BE(0), payload.subarray(CLOSE_CODE_BYTES).toString());
  }
}

const isCloseLength = (length: number) =>
  length >= CLOSE_CODE_BYTES && length <= CLOSE_CODE_BYTES + CLOSE_REASON_BYTES_MAX;

/** @param reason of at most 1,024 bytes */
export function closeCapsule(code: number, reason: string): Buffer {
  const codeBytes = Buffer.alloc(CLOSE_CODE_BYTES);
  codeBytes.writeUInt32BE(code, 0);
  return tlv(CAPSULE.CLOSE_WEBTRANSPORT_SESSION, Buffer.concat([codeBytes, Buffer.from(reason)]));
}

/** The longest beginning of the text that fits, without half a character. */
export function cutReason(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= CLOSE_REASON_BYTES_MAX) return reason;
  let end = CLOSE_REASON_BYTES_MAX;
  // 0b10xxxxxx continues a character (RFC 3629).
  while (((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}
