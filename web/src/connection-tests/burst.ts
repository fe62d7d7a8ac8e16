// What bursts have in common, whatever they go over: how long they warm up, and how they are paced.

/** What the appliance asks for: `kbps` for `measureMs`, after `warmUpMs` and some round trips. */
type BurstOrder = {
  readonly legId: number;
  readonly probeId: number;
  readonly kbps: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
};
/** What a page says of a burst that it has sent. */
export type Burst = {
  readonly legId: number;
  readonly probeId: number;
  readonly sentPackets: number;
  readonly heldMs: number;
  readonly offeredKbps: number;
};

/** Timers of a page come every 4 ms at best. */
export const BURST_TICK_MS = 2;
/** Before the burst, media alone: its usual delay is what a queue is told by. */
export const BURST_QUIET_MS = 250;
/** What may be made up for after a late timer; more would be a burst of its own, and was not offered. */
const CREDIT_BYTES_MAX = 48_000;
/** Where the way is long, the congestion window takes longer to open. */
const WARM_UP_ROUND_TRIPS = 8;
const WARM_UP_MS_MAX = 1_200;

export const warmUpMs = (order: Pick<BurstOrder, 'warmUpMs'>, rttMs: number | null): number =>
  Math.min(WARM_UP_MS_MAX, order.warmUpMs + WARM_UP_ROUND_TRIPS * (rttMs ?? 0));

/**
 * Says how many packets of a burst are due: first to warm up, then of the part that is measured. It holds while
 * what it goes over is full.
 */
export class BurstPace {
  readonly #order: BurstOrder;
  readonly #packetBytes: number;
  readonly #bytesPerMs: number;
  readonly #measuredFromMs: number;
  readonly #endsMs: number;
  #lastMs: number;
  #credit = 0;
  #sentPackets = 0;
  #heldMs = 0;
  /** Of the measured part: what should have been ready to go, and what was not. */
  #due = 0;
  #missed = 0;

  /** @param packetBytes what one weighs on the wire */
  constructor(order: BurstOrder, packetBytes: number, warmUpMs: number, nowMs: number) {
    this.#order = order;
    this.#packetBytes = packetBytes;
    this.#bytesPerMs = order.kbps / 8;
    this.#lastMs = nowMs;
    this.#measuredFromMs = nowMs + warmUpMs;
    this.#endsMs = this.#measuredFromMs + order.measureMs;
  }

  get isMeasured(): boolean {
    return this.#lastMs >= this.#measuredFromMs;
  }

  get isOver(): boolean {
    return this.#lastMs >= this.#endsMs;
  }

  get sentPackets(): number {
    return this.#sentPackets;
  }

  /** Packets that may go now. */
  get ready(): number {
    return Math.floor(this.#credit / this.#packetBytes);
  }

  advance(nowMs: number, isFull: boolean): void {
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    const earned = passedMs * this.#bytesPerMs;
    if (isFull) this.#heldMs += passedMs;
    this.#credit = Math.min(this.#credit + earned, CREDIT_BYTES_MAX);
    if (!this.isMeasured) return;
    this.#due += earned;
    // What a full way does not take was offered; what a late timer cannot make up for was not.
    this.#missed += Math.max(0, earned - CREDIT_BYTES_MAX);
  }

  sent(packets: number): void {
    this.#sentPackets += packets;
    this.#credit -= packets * this.#packetBytes;
  }

  /** `offeredKbps` is what was sent or stood ready while the way was full; time in which the page was late is not. */
  get burst(): Burst {
    const { legId, probeId, kbps } = this.#order;
    const offeredKbps = this.#due === 0 ? 0 : Math.round(kbps * (1 - this.#missed / this.#due));
    return { legId, probeId, sentPackets: this.#sentPackets, heldMs: Math.round(this.#heldMs), offeredKbps };
  }
}
