import type { QuicStream } from '../quic/stream.ts';

export interface EarlyStream {
  readonly stream: QuicStream;
  readonly rest: Buffer;
  readonly isLast: boolean;
}

/** Streams that came before the request that opens their session: packets change places on their way. */
export class EarlyStreams {
  readonly #countMax: number;
  #held: (EarlyStream & { readonly sessionId: number })[] = [];

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** @returns false when too many are held */
  hold(sessionId: number, early: EarlyStream): boolean {
    if (this.#held.length >= this.#countMax) return false;
    this.#held.push({ ...early, sessionId });
    return true;
  }

  take(sessionId: number): EarlyStream[] {
    const taken = this.#held.filter((early) => early.sessionId === sessionId);
    this.#held = this.#held.filter((early) => early.sessionId !== sessionId);
    return taken;
  }
}
