import type { KindCounters } from '../../contract/index.ts';

/** A sequence that jumps further is a sender that has begun anew. */
const JUMP_MAX = 3_000;

/** What one track of a leg has carried: frames, bytes, and groups or datagrams of which nothing ever came. */
export class TrackCounter {
  #frames = 0;
  #bytes = 0;
  #lastFrameMs: number | null = null;
  #first = 0;
  #highest = -1;
  #groups = 0;
  #lostBefore = 0;

  /** A group or datagram has come. */
  take(sequence: number): void {
    if (this.#highest < 0 || Math.abs(sequence - this.#highest) > JUMP_MAX) {
      this.#lostBefore = this.#lost;
      this.#first = this.#highest = sequence;
      this.#groups = 1;
      return;
    }
    this.#highest = Math.max(this.#highest, sequence);
    this.#groups += 1;
  }

  takeFrame(bytes: number, nowMs: number): void {
    this.#frames += 1;
    this.#bytes += bytes;
    this.#lastFrameMs = nowMs;
  }

  get counters(): KindCounters {
    return { packets: this.#frames, bytes: this.#bytes, lost: this.#lost, lastPacketMs: this.#lastFrameMs };
  }

  get #lost(): number {
    const missing = this.#highest < 0 ? 0 : this.#highest - this.#first + 1 - this.#groups;
    return this.#lostBefore + Math.max(0, missing);
  }
}
