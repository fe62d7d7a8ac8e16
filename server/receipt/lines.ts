import { Compile } from 'typebox/compile';
import { MeterLogLine, type MeterLogLine as WireLine } from '../contract/index.ts';
import type { Fault } from './faults.ts';

/** A line as it stands in the appliance's own log, or in a download. */
export type LogLine = Omit<WireLine, 'at' | 'detail'> & {
  readonly at: Date | string;
  readonly detail: { readonly [key: string]: unknown };
};

export interface Line {
  readonly seq: number;
  readonly kind: WireLine['kind'];
  readonly at: Date;
  readonly monoMs: number | null;
  /** The clock that lengths are taken from. */
  readonly atMs: number;
  readonly billableMs: number;
  readonly detail: { readonly [key: string]: unknown };
}

/** What is written when the meter does something, in the order in which it does it. */
const IN_ORDER = new Set(['charged', 'paused', 'resumed', 'restarted', 'grace_over', 'low_on', 'low_off']);
/** What became of the money beside the meter: written when it is known. */
const BESIDE = new Set(['released', 'minimum', 'media']);
const AFTER_CLOSE = new Set([...BESIDE, 'probed']);

export const isBeside = ({ kind }: Line): boolean => BESIDE.has(kind);

const validator = Compile(MeterLogLine);

export function readLines(log: readonly LogLine[], faults: Fault[]): Line[] {
  const lines: Line[] = [];
  for (const each of log) {
    const at = new Date(each.at);
    const isTime = !Number.isNaN(at.getTime());
    if (!isTime || !validator.Check({ ...each, at: isTime ? at.toISOString() : '' })) {
      faults.push({ code: 'line_malformed', sentence: `line ${each.seq} cannot be read`, seq: each.seq ?? null });
      continue;
    }
    const { seq, kind, monoMs, billableMs, detail } = each;
    lines.push({ seq, kind, at, monoMs, atMs: monoMs ?? at.getTime(), billableMs, detail });
  }
  judgeOrder(lines, faults);
  return lines;
}

function judgeOrder(lines: readonly Line[], faults: Fault[]): void {
  const seen = new Set<number>();
  let expected = 1;
  let clockMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  for (const { seq, kind, monoMs } of lines) {
    if (seen.has(seq)) faults.push({ code: 'line_doubled', sentence: `line ${seq} stands twice`, seq });
    else if (seq < expected) faults.push({ code: 'line_out_of_order', sentence: `line ${seq} stands too late`, seq });
    else if (seq > expected)
      faults.push({ code: 'line_missing', sentence: `line ${expected} is missing before line ${seq}`, seq });
    seen.add(seq);
    expected = Math.max(expected, seq + 1);
    if (kind === 'recovered') clockMs = Number.NEGATIVE_INFINITY;
    if (IN_ORDER.has(kind) && monoMs !== null) {
      if (monoMs < clockMs)
        faults.push({ code: 'clock_backwards', sentence: `the clock of line ${seq} goes back`, seq });
      clockMs = Math.max(clockMs, monoMs);
    }
    if (isClosed && kind === 'closed') faults.push({ code: 'closed_twice', sentence: 'the call closes twice', seq });
    else if (isClosed && !AFTER_CLOSE.has(kind))
      faults.push({ code: 'line_after_closed', sentence: `line ${seq} (${kind}) comes after the call closed`, seq });
    isClosed ||= kind === 'closed';
  }
}

/**
 * The lines of each run of the appliance, in the order of time. A line is written when it is known: the answer of the
 * ledger, or the end of the paid time, can have been a moment before what stands above it.
 */
export function runsOf(lines: readonly Line[]): Line[][] {
  const runs: Line[][] = [[]];
  for (const line of lines) {
    if (isBeside(line)) continue;
    if (line.kind === 'recovered') runs.push([]);
    runs.at(-1)?.push(line);
  }
  // Without a monotonic clock the order of the lines is all there is: a wall clock may have been set.
  return runs.map((run) =>
    run.some(({ monoMs }) => monoMs === null)
      ? run
      : run.toSorted((a, b) => rank(a) - rank(b) || a.atMs - b.atMs || a.seq - b.seq),
  );
}

/** A run found again begins with that line, whatever its clock says. */
const rank = ({ kind }: Line): number => (kind === 'recovered' ? 0 : 1);
