import type { EngineLimits } from '../limits.ts';
import { decodeFieldSection } from '../qpack/decode.ts';
import { H3, H3ConnectionError, H3StreamError } from './errors.ts';
import { type RequestHead, readRequest } from './fields.ts';
import { checkPlace, FRAME } from './frames.ts';
import { type PayloadUse, TlvReader, type TlvSink } from './tlv-reader.ts';

export interface RequestBody {
  onData(bytes: Buffer): void;
  /** The peer will send no more. */
  onEnd(): void;
}

export interface RequestHandler {
  /** @returns who takes the rest of the stream; null: nobody */
  onRequest(head: RequestHead): RequestBody | null;
  onTooLarge(): void;
}

/** A request of the peer's (RFC 9114 section 4.1): one HEADERS, then DATA. */
export class RequestStream implements TlvSink {
  readonly #limits: EngineLimits;
  readonly #handler: RequestHandler;
  readonly #reader = new TlvReader(this);
  #hasHead = false;
  #body: RequestBody | null = null;

  constructor(limits: EngineLimits, handler: RequestHandler) {
    this.#limits = limits;
    this.#handler = handler;
  }

  /** @throws H3ConnectionError, H3StreamError */
  push(bytes: Buffer, isLast: boolean): void {
    this.#reader.push(bytes);
    if (!isLast) return;
    // Section 7.1.
    if (!this.#reader.isBetween) throw new H3ConnectionError(H3.FRAME_ERROR, 'the stream ends in a frame');
    if (!this.#hasHead) throw new H3StreamError(H3.REQUEST_INCOMPLETE, 'a request without HEADERS');
    this.#body?.onEnd();
  }

  onHeader(type: number, length: number): PayloadUse {
    checkPlace(type, 'request');
    if (type === FRAME.DATA) {
      if (!this.#hasHead) throw new H3ConnectionError(H3.FRAME_UNEXPECTED, 'DATA before HEADERS');
      return this.#body ? 'stream' : 'skip';
    }
    if (type !== FRAME.HEADERS) return 'skip';
    // Section 4.4: after a CONNECT there is only DATA. Of other requests the trailers say nothing to us.
    if (this.#body) throw new H3ConnectionError(H3.FRAME_UNEXPECTED, 'HEADERS after CONNECT');
    if (length > this.#limits.frameBytesMax) {
      throw new H3ConnectionError(H3.EXCESSIVE_LOAD, `HEADERS of ${length} bytes`);
    }
    return this.#hasHead ? 'skip' : 'whole';
  }

  onPayload(type: number, payload: Buffer): void {
    if (type === FRAME.DATA) return this.#body?.onData(payload);
    this.#hasHead = true;
    const section = decodeFieldSection(payload, this.#limits.fieldSectionBytesMax);
    if ('fields' in section) this.#body = this.#handler.onRequest(readRequest(section.fields));
    else if (section.problem === 'too_large') this.#handler.onTooLarge();
    else throw new H3ConnectionError(H3.QPACK_DECOMPRESSION_FAILED, section.why);
  }
}
