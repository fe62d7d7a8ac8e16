import type { MeterLogEntry } from '../meter/index.ts';

/** What the budget of unpaid media lets pass beyond the law: notice takes a moment at each end of a pause. */
export const BEYOND_MS_MAX = 5_000;

/** Pauses in which the law lets media flow to the client (charging rules, "When the meter does not run"). */
const FREE_REASONS: ReadonlySet<unknown> = new Set(['slow_link', 'no_media', 'model_waived']);

const OUTLIVING: ReadonlySet<unknown> = new Set(['slow_link', 'model_waived']);

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

const timeOf = ({ monoMs, at }: MeterLogEntry): number => monoMs ?? at.getTime();

/** Time in pauses that are free, in which nothing else kept media from the client; overlaps count once. */
function freeMs(entries: readonly MeterLogEntry[]): number {
  const reasons = new Set<unknown>();
  let isSuspended = false;
  let before: MeterLogEntry | null = null;
  let way: 'runs' | 'free' | 'shut' = 'shut';
  let sum = 0;
  for (const entry of entries) {
    const { kind, detail } = entry;
    const passedMs = before ? Math.max(0, timeOf(entry) - timeOf(before)) : 0;
    if (way === 'free') sum += passedMs;
    if (kind === 'paused') {
      reasons.add(detail.reason);
      // What ran until the fault was noticed has been taken out of billable time and was forwarded.
      const ranMs = (before?.billableMs ?? 0) + (way === 'runs' ? passedMs : 0);
      if (FREE_REASONS.has(detail.reason)) sum += Math.max(0, ranMs - entry.billableMs);
    }
    if (kind === 'resumed') reasons.delete(detail.reason);
    if (kind === 'suspended') isSuspended = true;
    if (kind === 'restarted') isSuspended = false;
    // A slow link and a waiver outlive a restart; the other pauses are named anew.
    if (kind === 'recovered') for (const reason of reasons) if (!OUTLIVING.has(reason)) reasons.delete(reason);
    if (kind === 'closed') break;
    const isFree = [...reasons].every((reason) => FREE_REASONS.has(reason));
    way = isSuspended || !isFree ? 'shut' : reasons.size > 0 ? 'free' : 'runs';
    before = entry;
  }
  return sum;
}
