import type { MeterLogEntry } from '../meter/index.ts';
import { ranToMs, stretchesOf } from './stretches.ts';

/** What the budget of unpaid media lets pass beyond the law: notice takes a moment at each end of a pause. */
export const BEYOND_MS_MAX = 5_000;

/** Pauses in which the law lets media flow to the client (charging rules, "When the meter does not run"). */
const FREE_REASONS: ReadonlySet<unknown> = new Set(['slow_link', 'no_media', 'model_waived']);

export interface MediaBudget {
  /** How long media was forwarded to the client while the call was live, in ms. */
  readonly forwardedMs: number;
  /** Billable time, and the pauses in which media may flow. */
  readonly lawfulMs: number;
  /** More than the law lets pass and more than notice takes; 0 when it is within. */
  readonly beyondMs: number;
}

/** Holds what reached the client against what was paid and what was free by the law. */
export function mediaBudget(forwardedMs: number, billableMs: number, entries: readonly MeterLogEntry[]): MediaBudget {
  const lawfulMs = Math.round(billableMs + freeMs(entries));
  const beyondMs = Math.round(forwardedMs) - lawfulMs;
  return {
    forwardedMs: Math.round(forwardedMs),
    lawfulMs,
    beyondMs: beyondMs > BEYOND_MS_MAX ? beyondMs : 0,
  };
}

/** Time in pauses that are free, in which nothing else kept media from the client; overlaps count once. */
function freeMs(entries: readonly MeterLogEntry[]): number {
  let sum = 0;
  for (const stretch of stretchesOf(entries)) {
    const { to, ms, reasons, isSuspended } = stretch;
    const isFree = !isSuspended && reasons.size > 0 && [...reasons].every((reason) => FREE_REASONS.has(reason));
    if (isFree) sum += ms;
    // What ran until the fault was noticed has been taken out of billable time and was forwarded.
    if (to.kind === 'paused' && FREE_REASONS.has(to.detail.reason))
      sum += Math.max(0, ranToMs(stretch) - to.billableMs);
  }
  return sum;
}
