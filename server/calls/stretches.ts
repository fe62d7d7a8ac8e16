import type { MeterLogEntry } from '../meter/index.ts';

/** The time between a line of a meter log and the next, with what was in force in it. */
export interface Stretch {
  /** Null for the first line. */
  readonly from: MeterLogEntry | null;
  readonly to: MeterLogEntry;
  readonly ms: number;
  /** Of pauses. */
  readonly reasons: ReadonlySet<unknown>;
  readonly isSuspended: boolean;
  /** The meter ran in it, as far as was known then. */
  readonly isRunning: boolean;
}

/** Pauses that a restart of the appliance does not end; the others are named anew. */
const OUTLIVING: ReadonlySet<unknown> = new Set(['slow_link', 'model_waived']);

const timeOf = ({ monoMs, at }: MeterLogEntry): number => monoMs ?? at.getTime();

/** Each line of a meter log with the stretch that it ends, until the call closes. */
export function* stretchesOf(entries: readonly MeterLogEntry[]): Generator<Stretch> {
  const reasons = new Set<unknown>();
  let isStarted = false;
  let isSuspended = false;
  let from: MeterLogEntry | null = null;
  for (const to of entries) {
    const { kind, detail } = to;
    // Over a restart the machine's clock may have begun anew, and nothing ran.
    const ms = from && kind !== 'recovered' ? Math.max(0, timeOf(to) - timeOf(from)) : 0;
    const isRunning = isStarted && !isSuspended && reasons.size === 0;
    yield { from, to, ms, reasons: new Set(reasons), isSuspended, isRunning };
    if (kind === 'closed') return;
    if (kind === 'started') isStarted = true;
    if (kind === 'paused') reasons.add(detail.reason);
    if (kind === 'resumed') reasons.delete(detail.reason);
    if (kind === 'suspended') isSuspended = true;
    if (kind === 'restarted') isSuspended = false;
    if (kind === 'recovered') {
      isStarted = false;
      for (const reason of reasons) if (!OUTLIVING.has(reason)) reasons.delete(reason);
    }
    from = to;
  }
}

/** The billable time that a stretch had come to when its last line was written, before that cut anything back. */
export const ranToMs = ({ from, ms, isRunning }: Stretch): number => (from?.billableMs ?? 0) + (isRunning ? ms : 0);
