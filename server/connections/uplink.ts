import type { LegCounters, ProbeEvidence } from '../contract/index.ts';
import { UNANSWERED_DECIDING } from './unanswered-probes.ts';

// When the uplink of a call's model is probed (charging rules: rarely, and at once every 5 s when loss,
// falling rate or a failed probe make it suspect). It decides and does nothing.

/** First probe, after both pages have begun to send. */
export const FIRST_MS = 1_500;
/** From one probe to the next while all is well; the actual time is anywhere between. */
const RARELY_MS_MIN = 60_000;
const RARELY_MS_MAX = 120_000;
const SUSPECT_MS = 5_000;
/** Between the end of one and the next, for the sake of the call. */
const PAUSE_MS_MIN = 2_000;
/** A link that has been slow for this many probes in a row is asked less often: each burst costs it something. */
const SLOW_PROBES_OFTEN = 12;
const SLOW_MS = 15_000;
/** Inconclusive probes in a row after which the page is left alone for the usual time. */
const INCONCLUSIVE_MAX = 3;
/** The same before the first conclusive one; then it is asked less often, and not left alone. */
const INCONCLUSIVE_FIRST_MAX = 6;
/** What makes a link suspect: so much loss among so many packets, or so much less than it usually sends. */
const LOSS_SUSPECT = 0.03;
const LOSS_PACKETS_MIN = 100;
const FALL_RATIO = 0.5;
/** Below this a fall means nothing: somebody sits still. */
const USUAL_KBPS_MIN = 600;
const USUAL_WEIGHT = 0.05;
/** Seconds over which loss and rate are looked at. */
const LOOK_S = 4;
/** A suspicion that a probe did not confirm is not raised again for so long. */
const TRUST_MS = 60_000;

export class Uplink {
  readonly #chance: () => number;
  /** When the next probe is due, on the monotonic clock. */
  dueAtMs: number;
  #slowInARow = 0;
  #passesInARow = 0;
  #inconclusiveInARow = 0;
  #unansweredInARow = 0;
  #wasSlow = false;
  /** There was a conclusive probe. */
  #isKnown = false;
  #trustedUntilMs = 0;
  #usualKbps = 0;
  readonly #seen: { atMs: number; packets: number; lost: number; bytes: number }[] = [];

  /** @param chance a number from 0 to 1 */
  constructor(nowMs: number, chance: () => number = Math.random) {
    this.#chance = chance;
    this.dueAtMs = nowMs + FIRST_MS;
  }

  /** A new leg: what was seen of the old one says nothing of it. */
  restarted(nowMs: number): void {
    this.#seen.length = 0;
    this.#usualKbps = 0;
    this.dueAtMs = Math.min(this.dueAtMs, nowMs + SUSPECT_MS);
  }

  /** A probe has ended that began at `startedAtMs`. */
  probed({ verdict, doubt }: Pick<ProbeEvidence, 'verdict' | 'doubt'>, startedAtMs: number, nowMs: number): void {
    this.#unansweredInARow = doubt === 'no_report' ? this.#unansweredInARow + 1 : 0;
    if (verdict === 'inconclusive') this.#inconclusiveInARow += 1;
    else {
      this.#inconclusiveInARow = 0;
      this.#isKnown = true;
    }
    if (verdict === 'fail') {
      this.#slowInARow += 1;
      this.#passesInARow = 0;
      this.#wasSlow = true;
    }
    if (verdict === 'pass') {
      this.#slowInARow = 0;
      this.#passesInARow += 1;
      // Two of three: only then has the link proven itself.
      if (this.#passesInARow >= 2) this.#wasSlow = false;
    }
    if (!this.#wasSlow) this.#trustedUntilMs = nowMs + TRUST_MS;
    this.dueAtMs = Math.max(nowMs + PAUSE_MS_MIN, startedAtMs + this.#waitMs());
  }

  /** The leg's counters, once a second. A suspicion brings the next probe forward. */
  counted(counters: LegCounters, nowMs: number): void {
    const { packets, bytes, audio, video } = counters;
    this.#seen.push({ atMs: nowMs, packets, bytes, lost: audio.lost + video.lost });
    if (this.#seen.length <= LOOK_S) return;
    const before = this.#seen.shift();
    const now = this.#seen.at(-1);
    if (!before || !now) return;
    const came = now.packets - before.packets;
    const lost = Math.max(0, now.lost - before.lost);
    const kbps = ((now.bytes - before.bytes) * 8) / Math.max(1, now.atMs - before.atMs);
    const isLosing = came + lost >= LOSS_PACKETS_MIN && lost / (came + lost) > LOSS_SUSPECT;
    const isFalling = this.#usualKbps > USUAL_KBPS_MIN && kbps < this.#usualKbps * FALL_RATIO;
    this.#usualKbps += (kbps - this.#usualKbps) * (this.#usualKbps === 0 ? 1 : USUAL_WEIGHT);
    if ((isLosing || isFalling) && nowMs >= this.#trustedUntilMs) this.dueAtMs = Math.min(this.dueAtMs, nowMs);
  }

  #waitMs(): number {
    // Whether the page answers at all has to be known soon: five in a row count as slow.
    if (this.#unansweredInARow > 0 && this.#unansweredInARow < UNANSWERED_DECIDING) return SUSPECT_MS;
    if (this.#wasSlow && this.#inconclusiveInARow < INCONCLUSIVE_MAX)
      return this.#slowInARow >= SLOW_PROBES_OFTEN ? SLOW_MS : SUSPECT_MS;
    // Of a link that nothing is known of yet, something has to be known soon.
    if (!this.#isKnown) return this.#inconclusiveInARow < INCONCLUSIVE_FIRST_MAX ? SUSPECT_MS : SLOW_MS;
    if (this.#wasSlow) return SLOW_MS;
    if (this.#inconclusiveInARow > 0 && this.#inconclusiveInARow < INCONCLUSIVE_MAX) return SUSPECT_MS;
    return RARELY_MS_MIN + (RARELY_MS_MAX - RARELY_MS_MIN) * this.#chance();
  }
}
