import type { EngineLimits } from '../limits.ts';
import { readVarint } from '../varint.ts';
import { H3, H3ConnectionError } from './errors.ts';
import { checkPlace, FRAME } from './frames.ts';
import { parseSettings, type Settings } from './settings.ts';
import { type PayloadUse, TlvReader, type TlvSink } from './tlv-reader.ts';

/** Frames whose payload is one varint. */
const IDS: ReadonlySet<number> = new Set([FRAME.CANCEL_PUSH, FRAME.GOAWAY, FRAME.MAX_PUSH_ID]);

/** The peer's control stream (RFC 9114 section 6.2.1): SETTINGS first, and it never ends. */
export class ControlStream implements TlvSink {
  readonly #limits: EngineLimits;
  readonly #onSettings: (settings: Settings) => void;
  readonly #reader = new TlvReader(this);
  #hasSettings = false;
  #maxPushId = -1;
  #goawayId = Number.POSITIVE_INFINITY;

  constructor(limits: EngineLimits, onSettings: (settings: Settings) => void) {
    this.#limits = limits;
    this.#onSettings = onSettings;
  }

  /** @throws H3ConnectionError */
  push(bytes: Buffer, isLast: boolean): void {
    this.#reader.push(bytes);
    if (isLast) throw new H3ConnectionError(H3.CLOSED_CRITICAL_STREAM, 'the control stream was closed');
  }

  onHeader(type: number, length: number): PayloadUse {
    if (!this.#hasSettings && type !== FRAME.SETTINGS) {
      throw new H3ConnectionError(H3.MISSING_SETTINGS, 'the control stream does not begin with SETTINGS');
    }
    checkPlace(type, 'control');
    if (type === FRAME.SETTINGS && this.#hasSettings)
      throw new H3ConnectionError(H3.FRAME_UNEXPECTED, 'SETTINGS twice');
    if (length > this.#limits.frameBytesMax) {
      throw new H3ConnectionError(H3.EXCESSIVE_LOAD, `a control frame of ${length} bytes`);
    }
    this.#hasSettings = true;
    return type === FRAME.SETTINGS || IDS.has(type) ? 'whole' : 'skip';
  }

  onPayload(type: number, payload: Buffer): void {
    if (type === FRAME.SETTINGS) return this.#onSettings(parseSettings(payload));
    const id = readVarint(payload, 0);
    if (id?.end !== payload.length) throw new H3ConnectionError(H3.FRAME_ERROR, 'a frame that is not one id long');
    this.#takeId(type, id.value);
  }

  #takeId(type: number, id: number): void {
    // Section 7.2.3: we promised no push that could be canceled.
    if (type === FRAME.CANCEL_PUSH) throw new H3ConnectionError(H3.ID_ERROR, 'CANCEL_PUSH of an unknown push');
    if (type === FRAME.MAX_PUSH_ID) {
      if (id < this.#maxPushId) throw new H3ConnectionError(H3.ID_ERROR, 'MAX_PUSH_ID went down');
      this.#maxPushId = id;
    }
    if (type === FRAME.GOAWAY) {
      if (id > this.#goawayId) throw new H3ConnectionError(H3.ID_ERROR, 'the id of GOAWAY went up');
      this.#goawayId = id;
    }
  }
}
