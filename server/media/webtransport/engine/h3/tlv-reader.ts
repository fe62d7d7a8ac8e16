import { readVarint, varint } from '../varint.ts';
import { H3, H3ConnectionError } from './errors.ts';

/** What is done with an element's payload: given whole, given as it comes, or passed over. */
export type PayloadUse = 'whole' | 'stream' | 'skip';

export interface TlvSink {
  /** Called when type and length are known. */
  onHeader(type: number, length: number): PayloadUse;
  /** A payload of the use `whole`, or a part of one of the use `stream`. */
  onPayload(type: number, payload: Buffer): void;
}

/** Two varints of up to 8 bytes. */
const HEADER_BYTES_MAX = 16;
const EMPTY = Buffer.alloc(0);

/**
 * Reads type, length, value: the layout of HTTP/3 frames (RFC 9114 section 7.1) and of capsules
 * (RFC 9297 section 3.2), in pieces as they come. Holds no more than one header and one whole payload.
 */
export class TlvReader {
  readonly #sink: TlvSink;
  #header = EMPTY;
  #type = 0;
  #use: PayloadUse = 'skip';
  #isInPayload = false;
  #leftBytes = 0;
  #parts: Buffer[] = [];
  #isStopped = false;

  constructor(sink: TlvSink) {
    this.#sink = sink;
  }

  /** True between two elements: the only place where a stream may end. */
  get isBetween(): boolean {
    return !this.#isInPayload && this.#header.length === 0;
  }

  /** Nothing more is read, also of what was already pushed. */
  stop(): void {
    this.#isStopped = true;
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (!this.#isStopped && (rest.length > 0 || (this.#isInPayload && this.#leftBytes === 0))) {
      rest = this.#isInPayload ? this.#readPayload(rest) : this.#readHeader(rest);
    }
  }

  #readHeader(bytes: Buffer): Buffer {
    const before = this.#header.length;
    const head = Buffer.concat([this.#header, bytes.subarray(0, HEADER_BYTES_MAX - before)]);
    const type = readVarint(head, 0);
    const length = type && readVarint(head, type.end);
    if (!length) {
      this.#header = head;
      return bytes.subarray(head.length - before);
    }
    if (!Number.isSafeInteger(length.value)) throw new H3ConnectionError(H3.EXCESSIVE_LOAD, 'a length over 2^53');
    this.#header = EMPTY;
    this.#type = type.value;
    this.#leftBytes = length.value;
    this.#isInPayload = true;
    this.#parts = [];
    this.#use = this.#sink.onHeader(type.value, length.value);
    return bytes.subarray(length.end - before);
  }

  #readPayload(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.#leftBytes);
    this.#leftBytes -= part.length;
    const isLast = this.#leftBytes === 0;
    if (isLast) this.#isInPayload = false;
    if (this.#use === 'stream' && part.length > 0) this.#sink.onPayload(this.#type, part);
    if (this.#use === 'whole') {
      // Copied: what was pushed belongs to the caller.
      if (!isLast) this.#parts.push(Buffer.from(part));
      else this.#sink.onPayload(this.#type, this.#parts.length > 0 ? Buffer.concat([...this.#parts, part]) : part);
    }
    return bytes.subarray(part.length);
  }
}

export const tlv = (type: number, payload: Buffer): Buffer =>
  Buffer.concat([varint(type), varint(payload.length), payload]);
