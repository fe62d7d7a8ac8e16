import type { PathStats } from './engine/engine.ts';

/** So many looks in a row with a queue; a big picture alone makes none that long. */
const LOOKS_MIN = 3;
/** A queue that was there so long ago says nothing of now. */
const AGE_MS_MAX = 2_000;

/** What gets through to a page: known only while more is queued than goes. */
export class Downlink {
  #looks = 0;
  #seen: { readonly kbps: number; readonly atMs: number } | null = null;

  /** Called several times a second. */
  look({ queuedBytes, deliveryRateKbps }: Pick<PathStats, 'queuedBytes' | 'deliveryRateKbps'>, nowMs: number): void {
    this.#looks = queuedBytes > 0 ? this.#looks + 1 : 0;
    if (this.#looks >= LOOKS_MIN) this.#seen = { kbps: deliveryRateKbps, atMs: nowMs };
  }

  /** null when nothing has waited lately. */
  kbps(nowMs: number): number | null {
    return this.#seen && nowMs - this.#seen.atMs <= AGE_MS_MAX ? this.#seen.kbps : null;
  }
}
