import type { QuicheConnection } from './native.ts';

/** From the first two packets with the FIN to its next repeat in ms; each further pause is so many times longer. */
const REPEAT_MS = 3;
const REPEAT_FACTOR = 3;
const REPEATS_MAX = 3;
/** What a packet with nothing but a FIN takes of the congestion window. */
const PACKET_BYTES = 80;
const NO_WINDOW_MS = 3;
const NOTHING = Buffer.alloc(0);

interface LateFin {
  dueAtMs: number;
  sent: number;
}

/**
 * FINs that had no bytes left to ride on. quiche 0.18 forgets a stream once all its bytes are
 * acknowledged, also while a FIN sent alone after them is still under way: if that is lost then, it is
 * never sent again, and the peer waits for the stream's end, and keeps its credit, for good; now and then
 * also when all was acknowledged before. So such a
 * FIN goes out in two packets, and again for as long as quiche knows the stream: one of them arrives.
 * Holding back a stream's last byte until its end would be surer, but delays each picture until the next.
 */
export class LateFins {
  readonly #quiche: QuicheConnection;
  readonly #flush: () => void;
  readonly #waiting = new Map<number, LateFin>();

  /** @param flush sends the packets that quiche has */
  constructor(quiche: QuicheConnection, flush: () => void) {
    this.#quiche = quiche;
    this.#flush = flush;
  }

  add(streamId: number): void {
    this.#waiting.set(streamId, { dueAtMs: 0, sent: 0 });
  }

  /** On the clock of `performance`; Infinity: nothing is waited for. */
  get nextAtMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#waiting.values()) if (dueAtMs < next) next = dueAtMs;
    return next;
  }

  /**
   * What quiche could not send at once would be forgotten with its stream: no more than the window takes.
   * @param windowBytes what is left of the congestion window
   */
  sendDue(nowMs: number, windowBytes: number): void {
    let room = Math.floor(windowBytes / PACKET_BYTES);
    const again: number[] = [];
    for (const [streamId, fin] of this.#waiting) {
      if (fin.dueAtMs > nowMs) continue;
      if (room <= 1) {
        fin.dueAtMs = nowMs + NO_WINDOW_MS;
        continue;
      }
      const isKnown = this.#send(streamId);
      if (isKnown && fin.sent === 0) again.push(streamId);
      room -= 2;
      if (!isKnown || fin.sent >= REPEATS_MAX) this.#waiting.delete(streamId);
      fin.dueAtMs = nowMs + REPEAT_MS * REPEAT_FACTOR ** fin.sent;
      fin.sent += 1;
    }
    if (again.length === 0) return;
    this.#flush();
    for (const streamId of again) this.#send(streamId);
  }

  /** @returns false when quiche has let go of the stream */
  #send(streamId: number): boolean {
    try {
      // Throws when there is no such stream any more, or the peer has stopped it.
      this.#quiche.streamCapacity(streamId);
      this.#quiche.streamSend(streamId, NOTHING, true);
      return true;
    } catch {
      return false;
    }
  }
}
