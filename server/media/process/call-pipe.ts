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
  /** Two fields and no map: `other` is asked for every packet. */
  readonly #legs: Record<Side, End | undefined> = { client: undefined, model: undefined };
  readonly #closedGates = new Set<Side>();
  #leaseUntilMs = 0;

  constructor(callId: number) {
    this.callId = callId;
  }

  get isEmpty(): boolean {
    return !this.#legs.client && !this.#legs.model;
  }

  isOpen(nowMs: number): boolean {
    return nowMs < this.#leaseUntilMs;
  }

  /** Whether media of this end passes: while the lease runs, and its side's gate is open. */
  isOpenFor(leg: PipeEnd, nowMs: number): boolean {
    return nowMs < this.#leaseUntilMs && (this.#closedGates.size === 0 || !this.#closedGates.has(leg.side));
  }

  gate(side: Side, isOpen: boolean): void {
    const wasClosed = this.#closedGates.has(side);
    if (isOpen) this.#closedGates.delete(side);
    else this.#closedGates.add(side);
    if (isOpen && wasClosed) this.#legs[side]?.askForPicture();
  }

  /** Sets the end of the lease, later or earlier. When media passes again, both senders are asked for a whole picture. */
  lease(untilMs: number, nowMs: number): void {
    const wasOpen = this.isOpen(nowMs);
    this.#leaseUntilMs = untilMs;
    if (wasOpen || !this.isOpen(nowMs)) return;
    this.#legs.client?.askForPicture();
    this.#legs.model?.askForPicture();
  }

  /** Puts a leg in its side's place. @returns the leg that was there */
  place(leg: End): End | undefined {
    const before = this.#legs[leg.side];
    this.#legs[leg.side] = leg;
    return before;
  }

  remove(leg: End): void {
    if (this.#legs[leg.side] === leg) this.#legs[leg.side] = undefined;
  }

  other(leg: PipeEnd): End | undefined {
    return leg.side === 'client' ? this.#legs.model : this.#legs.client;
  }
}
