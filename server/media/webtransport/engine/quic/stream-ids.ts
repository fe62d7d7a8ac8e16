import type { QuicheConnection } from './native.ts';

/** RFC 9000 section 2.1: the two lowest bits tell who opened a stream and which way it goes. */
const FIRST_UNI = 3;
const FIRST_BIDI = 1;
const STEP = 4;

export const isUniId = (streamId: number): boolean => (streamId & 2) !== 0;
export const isOurId = (streamId: number): boolean => (streamId & 1) !== 0;

/**
 * Ids of the streams that we open, of one kind, and how many more the peer allows. quiche counts a
 * stream when its first bytes are sent; those that were promised and not yet sent are counted here.
 */
export class StreamIds {
  readonly #left: () => number;
  #next: number;
  /** Ids of streams that were given up before a byte was sent; a gap would stay open at the peer for good. */
  #returned: number[] = [];
  #promised = 0;

  constructor(quiche: QuicheConnection, isUni: boolean) {
    this.#left = () => (isUni ? quiche.peerStreamsLeftUni() : quiche.peerStreamsLeftBidi());
    this.#next = isUni ? FIRST_UNI : FIRST_BIDI;
  }

  get left(): number {
    return this.#left() - this.#promised;
  }

  promise(): void {
    this.#promised += 1;
  }

  take(): number {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    this.#next += STEP;
    return this.#next - STEP;
  }

  /** @param unusedId the id of a stream that was given up, if it had one already */
  settle(unusedId: number | null): void {
    this.#promised -= 1;
    if (unusedId === null) return;
    this.#returned.push(unusedId);
    this.#returned.sort((a, b) => a - b);
  }
}
