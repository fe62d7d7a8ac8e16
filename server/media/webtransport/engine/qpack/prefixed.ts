// Integers and strings of QPACK (RFC 9204 section 4.1, RFC 7541 section 5).
import { huffmanDecode } from './huffman.ts';

/** Reads one field section after another part; throws Error where it is cut short or too large. */
export class PrefixedReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte, which stays where it is. */
  get first(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('the field section is cut short');
    return byte;
  }

  /** @param bits of the first byte that belong to the integer, 1 to 8. @returns at most 2^32 - 1 */
  integer(bits: number): number {
    const max = 2 ** bits - 1;
    let value = this.first & max;
    this.#at += 1;
    if (value < max) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.first;
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (value >= 2 ** 32) throw new Error('an integer over 2^32');
      if ((byte & 0x80) === 0) return value;
      if (scale >= 2 ** 35) throw new Error('an integer of too many bytes');
    }
  }

  /** @param bits of the length's prefix; the bit above them tells Huffman code */
  string(bits: number): string {
    const isHuffman = (this.first & (1 << bits)) !== 0;
    const length = this.integer(bits);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('a string is cut short');
    const text = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return isHuffman ? huffmanDecode(text) : text.toString('latin1');
  }
}

/** @param flags the bits above the prefix */
export function encodeInteger(value: number, bits: number, flags: number): number[] {
  const max = 2 ** bits - 1;
  if (value < max) return [flags | value];
  const out = [flags | max];
  let rest = value - max;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

export function encodeString(text: string, bits: number, flags: number): number[] {
  const bytes = Buffer.from(text, 'latin1');
  return [...encodeInteger(bytes.length, bits, flags), ...bytes];
}
