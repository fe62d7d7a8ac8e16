import type { QuicheConnection } from './native.ts';

/** After so many round trips and ms the bytes before it are acknowledged, also when they had to be sent twice. */
const WAIT_ROUND_TRIPS = 3;
const WAIT_MS = 60;
/** How often it is waited once more, because packets were lost meanwhile and the bytes may have been among them. */
const POSTPONED_MAX = 4;
const REPEATS_MAX = 6;
/** Where packets are lost, repeats come this close, so that one arrives before the bytes are acknowledged. */
const HURRY_MS = 5;
const NO_CAPACITY_MS = 5;
const NOTHING = Buffer.alloc(0);

interface LateFin {
  readonly lastBytesAtMs: number;
  /** Packets that the connection had lost when it was last looked at. */
  lostBefore: number;
  dueAtMs: number;
  /** The bytes before it may have been lost. */
  isSuspect: boolean;
  postponed: number;
  sent: number;
}

/** How the connection is when its FINs are looked at. */
export interface PathNow {
  readonly rttMs: number;
  /** Packets lost so far. */
  readonly lost: number;
  /** All that was sent is acknowledged. */
  readonly isIdle: boolean;
  /** When the last packet came. */
  readonly heardAtMs: number;
}

/**
 * FINs that had no bytes left to ride on. quiche 0.18 forgets a stream once all its bytes are
 * acknowledged, also while a FIN sent alone after them is still under way: if that is lost, it is never
 * sent again, and the peer waits for the stream's end for good. So such a FIN goes out when the bytes
 * before it are acknowledged (then quiche does repeat it), as far as can be told from here, and again
 * until quiche lets go of the stream. Holding back a stream's last byte until its end would be simpler,
 * but delays each frame of a picture until the next one comes.
 */
export class LateFins {
  readonly #quiche: QuicheConnection;
  readonly #waiting = new Map<number, LateFin>();

  constructor(quiche: QuicheConnection) {
    this.#quiche = quiche;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @param lastBytesAtMs when quiche took the stream's last bytes */
  add(streamId: number, lastBytesAtMs: number, path: PathNow): void {
    const dueAtMs = lastBytesAtMs + pauseMs(path);
    const begun = { isSuspect: false, postponed: 0, sent: 0 };
    this.#waiting.set(streamId, { lastBytesAtMs, lostBefore: path.lost, dueAtMs, ...begun });
  }

  get nextAtMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#waiting.values()) if (dueAtMs < next) next = dueAtMs;
    return next;
  }

  sendDue(nowMs: number, path: PathNow): void {
    for (const [streamId, fin] of this.#waiting) {
      const isSafe = path.isIdle && fin.sent === 0;
      if (!isSafe && fin.dueAtMs > nowMs) continue;
      if (fin.sent > REPEATS_MAX || !this.#isKnown(streamId)) this.#waiting.delete(streamId);
      else if (!isSafe && this.#mustWait(fin, path)) fin.dueAtMs = nowMs + pauseMs(path);
      else this.#sendOne(streamId, fin, nowMs, path);
    }
  }

  /** Whether packets were lost since, or nothing was heard that could have acknowledged the bytes. */
  #mustWait(fin: LateFin, path: PathNow): boolean {
    if (fin.sent > 0) return false;
    const isSuspect = path.lost > fin.lostBefore || path.heardAtMs < fin.lastBytesAtMs + pauseMs(path) / 2;
    fin.lostBefore = path.lost;
    fin.isSuspect ||= isSuspect;
    fin.postponed += 1;
    return isSuspect && fin.postponed <= POSTPONED_MAX;
  }

  #sendOne(streamId: number, fin: LateFin, nowMs: number, path: PathNow): void {
    if (!this.#send(streamId)) {
      fin.dueAtMs = nowMs + NO_CAPACITY_MS;
      return;
    }
    fin.sent += 1;
    fin.dueAtMs = nowMs + (fin.isSuspect ? HURRY_MS * 2 ** fin.sent : pauseMs(path));
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

const pauseMs = ({ rttMs }: PathNow) => WAIT_ROUND_TRIPS * rttMs + WAIT_MS;
