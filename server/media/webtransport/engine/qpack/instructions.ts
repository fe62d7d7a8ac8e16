// The instruction streams of a peer that may not use the dynamic table (RFC 9204 sections 4.3 and 4.4).

/**
 * Encoder stream: with a capacity of 0, all that can be said is that the capacity is 0.
 * @returns false for anything else (QPACK_ENCODER_STREAM_ERROR)
 */
export const areEncoderInstructions = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20);

/** Longest instruction in bytes: a stream id is a varint of 62 bits. */
const INSTRUCTION_BYTES_MAX = 10;

/** Decoder stream: only Stream Cancellation (01xxxxxx and more bytes) can be said of sections without references. */
export class DecoderInstructions {
  #bytesInInstruction = 0;

  /** @returns false for anything else (QPACK_DECODER_STREAM_ERROR) */
  push(bytes: Buffer): boolean {
    for (const byte of bytes) {
      if (this.#bytesInInstruction === 0) {
        if ((byte & 0xc0) !== 0x40) return false;
        this.#bytesInInstruction = (byte & 0x3f) === 0x3f ? 1 : 0;
      } else {
        this.#bytesInInstruction = (byte & 0x80) === 0 ? 0 : this.#bytesInInstruction + 1;
        if (this.#bytesInInstruction > INSTRUCTION_BYTES_MAX) return false;
      }
    }
    return true;
  }
}
