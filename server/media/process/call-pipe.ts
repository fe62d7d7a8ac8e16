import type { Side } from '../../contract/index.ts';

/** One end of a pipe: a page's leg. */
export interface PipeEnd {
  readonly legId: number;
  readonly side: Side;
  /** The page is asked for a picture that needs none before it. */
  askForPicture(): void;
}

/**
 * The two legs of a call and the lease under which media passes between them. The lease is a point in
 * time on the monotonic clock, asked for each packet: it ends on time whatever else stands still.
 */
export class CallPipe<End extends PipeEnd = PipeEnd> {
  readonly callId: number;
  readonly #legs = new Map<Side, End>();
  readonly #closedGates = new Set<Side>();
  #leaseUntilMs = 0;

  constructor(callId: number) {
    this.callId = callId;
  }

  get isEmpty(): boolean {
    return this.#legs.size === 0;
  }

  isOpen(nowMs: number): boolean {
    return nowMs < this.#leaseUntilMs;
  }

  /** Whether media of this end passes: while the lease runs, and its side's gate is open. */
  isOpenFor(leg: PipeEnd, nowMs: number): boolean {
    return this.isOpen(nowMs) && !this.#closedGates.has(leg.side);
  }

  gate(side: Side, isOpen: boolean): void {
    const wasClosed = this.#closedGates.has(side);
    if (isOpen) this.#closedGates.delete(side);
    else this.#closedGates.add(side);
    if (isOpen && wasClosed) this.#legs.get(side)?.askForPicture();
  }

  /** Sets the end of the lease, later or earlier. When media passes again, both senders are asked for a whole picture. */
  lease(untilMs: number, nowMs: number): void {
    const wasOpen = this.isOpen(nowMs);
    this.#leaseUntilMs = untilMs;
    if (!wasOpen && this.isOpen(nowMs)) for (const leg of this.#legs.values()) leg.askForPicture();
  }

  /** Puts a leg in its side's place. @returns the leg that was there */
  place(leg: End): End | undefined {
    const before = this.#legs.get(leg.side);
    this.#legs.set(leg.side, leg);
    return before;
  }

  remove(leg: End): void {
    if (this.#legs.get(leg.side) === leg) this.#legs.delete(leg.side);
  }

  other(leg: PipeEnd): End | undefined {
    for (const candidate of this.#legs.values()) if (candidate !== leg) return candidate;
    return undefined;
  }
}
