import type { QuicheConnection } from './native.ts';

/** After so many round trips and ms the bytes before it are acknowledged, unless they were lost as well. */
const WAIT_ROUND_TRIPS = 2;
const WAIT_MS = 30;
const REPEATS_MAX = 4;
const NO_CAPACITY_MS = 5;
const NOTHING = Buffer.alloc(0);

interface LateFin {
  dueAtMs: number;
  sent: number;
}

/**
 * FINs that had no bytes left to ride on. quiche 0.18 forgets a stream once all its bytes are
 * acknowledged, also while a FIN sent alone after them is still under way: if that is lost, it is never
 * sent again, and the peer waits for the stream's end for good. So such a FIN goes out when the bytes
 * before it are surely acknowledged (then quiche does repeat it), and again until quiche lets go of the
 * stream. Holding back a stream's last byte until its end would be simpler, but delays each frame of a
 * picture until the next one comes.
 */
export class LateFins {
  readonly #quiche: QuicheConnection;
  readonly #waiting = new Map<number, LateFin>();

  constructor(quiche: QuicheConnection) {
    this.#quiche = quiche;
  }

  /** @param lastBytesAtMs when quiche took the stream's last bytes */
  add(streamId: number, lastBytesAtMs: number, rttMs: number): void {
    this.#waiting.set(streamId, { dueAtMs: lastBytesAtMs + pauseMs(rttMs), sent: 0 });
  }

  delete(streamId: number): void {
    this.#waiting.delete(streamId);
  }

  get nextAtMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#waiting.values()) if (dueAtMs < next) next = dueAtMs;
    return next;
  }

  sendDue(nowMs: number, rttMs: number): void {
    for (const [streamId, fin] of this.#waiting) {
      if (fin.dueAtMs > nowMs) continue;
      if (fin.sent > REPEATS_MAX || !this.#isKnown(streamId)) {
        this.#waiting.delete(streamId);
      } else if (this.#send(streamId)) {
        fin.sent += 1;
        fin.dueAtMs = nowMs + pauseMs(rttMs);
      } else {
        fin.dueAtMs = nowMs + NO_CAPACITY_MS;
      }
    }
  }

  #isKnown(streamId: number): boolean {
    try {
      this.#quiche.streamCapacity(streamId);
      return true;
    } catch {
      return false;
    }
  }

  /** @returns false when the congestion window is full */
  #send(streamId: number): boolean {
    try {
      return this.#quiche.streamSend(streamId, NOTHING, true) !== null;
    } catch {
      // Stopped by the peer, who no longer waits for an end.
      return true;
    }
  }
}

const pauseMs = (rttMs: number) => WAIT_ROUND_TRIPS * rttMs + WAIT_MS;
