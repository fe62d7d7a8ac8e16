import type { ProbeArrivals } from '../../contract/index.ts';
import type { ProbeCounter } from './probe-arrivals.ts';

export type ProbeEvent = { readonly type: 'probed'; readonly arrivals: ProbeArrivals };

/** A queue holds no packet for longer: what the page has sent of a burst by then is in. */
const DRAIN_MS = 250;

/** The burst that a leg counts: one that comes over it, or one that its page sends over another beside its media. */
export class ProbeSlot {
  readonly #notify: (notice: ProbeEvent) => void;
  #counter: ProbeCounter | null = null;

  constructor(notify: (notice: ProbeEvent) => void) {
    this.#notify = notify;
  }

  get counter(): ProbeCounter | null {
    return this.#counter;
  }

  /** Counts from now on, in place of one that was being counted. */
  count(counter: ProbeCounter): void {
    this.#counter = counter;
  }

  /** The page has sent its burst: what is still under way is waited for, then the arrivals are told. */
  sent(probeId: number): void {
    const counter = this.#counter;
    if (counter?.probeId !== probeId) return;
    setTimeout(() => {
      if (this.#counter !== counter) return;
      this.close();
      this.#notify({ type: 'probed', arrivals: counter.finish() });
    }, DRAIN_MS);
  }

  close(): void {
    this.#counter?.end();
    this.#counter = null;
  }
}
