import type { MediaStats } from './stats.ts';

/** Packets that come and nothing that is decoded of them for so long: the leg is of no use (charging rules: `reconnecting`). */
export const STALL_MS = 5_000;

/** Finds a picture that stands although its packets come. */
type StallWatch = {
  /** Called about once a second while a picture should be seen. @returns whether new legs are wanted */
  look(stats: Pick<MediaStats, 'framesDecoded' | 'pictureBytes'>, nowMs: number): boolean;
  /** Another leg, or nothing to be seen for a while: what was noticed before says nothing. */
  reset(): void;
};

export function createStallWatch(): StallWatch {
  let framesDecoded = -1;
  let bytes = 0;
  /** Since when bytes have come at every look and no frame was decoded. */
  let sinceMs: number | null = null;
  const reset = () => {
    framesDecoded = -1;
    sinceMs = null;
  };
  return {
    reset,
    look(stats, nowMs) {
      const isStanding = stats.framesDecoded === framesDecoded && stats.pictureBytes > bytes;
      framesDecoded = stats.framesDecoded;
      bytes = stats.pictureBytes;
      if (!isStanding) sinceMs = nowMs;
      if (sinceMs === null || nowMs - sinceMs < STALL_MS) return false;
      reset();
      return true;
    },
  };
}
