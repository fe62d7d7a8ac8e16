import type { MediaTransport, ProbeEvidence, TransportChoice } from '../../contract/index.ts';

/** What a played call came to; printed by `parlour demo --auto --json`. */
export interface DemoReport {
  /** The way that media took at the end; null when the two pages did not say the same. */
  readonly transport: MediaTransport | null;
  readonly charges: { readonly unit: number; readonly amountMinor: number; readonly atMs: number }[];
  readonly billableMs: number;
  /** When the meter did not run, in ms since the call was live, and what was measured then. */
  readonly pauses: readonly {
    readonly reason: string;
    readonly fromMs: number;
    readonly toMs: number | null;
    readonly evidence: readonly ProbeEvidence[];
  }[];
  /** Whether each page said "Not charging" at some time. */
  readonly notChargingShown: { readonly model: boolean; readonly client: boolean };
  readonly framesDecoded: { readonly model: number; readonly client: number };
  readonly audio: { readonly model: boolean; readonly client: boolean };
  readonly ledgerBalanced: boolean;
  readonly receiptAgrees: boolean;
  readonly outcome: string | null;
  /** Billable time at which media was stopped for want of funds. */
  readonly suspendedAtMs?: number;
  /** From that moment to the last packet that reached the other side. */
  readonly lastPacketAfterMs?: number;
  /** After the restart pictures moved again at both ends. */
  readonly wentOn?: boolean;
}

/** Allowed distance of the suspension from the end of the paid time, in billable ms. */
const SUSPENSION_MS_MAX = 250;
/** Allowed distance of the last packet from the suspension. */
const LAST_PACKET_MS_MAX = 500;
/** Fewest frames a second that count as a moving picture. */
const FRAMES_PER_SECOND_MIN = 5;

/** A link this much under or over the limit has to be told apart; between them the bursts may say either. */
const SLOW_RATIO = 0.95;
const FAST_RATIO = 1.15;
/** So soon after the call is live a slow link must show. */
const SLOW_SHOWN_MS_MAX = 20_000;

/** What of a report is not as the charging rules say; empty when all is well. */
export function judge(
  report: DemoReport,
  asked: {
    rateMs: number;
    slowLinkKbps: number;
    seconds: number;
    creditMinutes: number;
    topUpAt?: number;
    uplinkMbps?: number;
    liftAt?: number;
    transport?: TransportChoice;
  },
): string[] {
  const faults: string[] = [];
  const check = (isTrue: boolean, fault: string) => void (isTrue || faults.push(fault));
  const isInterrupted = asked.seconds > asked.creditMinutes * 60;
  const liveMs = isInterrupted ? asked.creditMinutes * asked.rateMs : asked.seconds * 1_000;
  const slow = report.pauses.find(({ reason }) => reason === 'slow_link');
  const uplinkKbps = (asked.uplinkMbps ?? Number.POSITIVE_INFINITY) * 1_000;
  // With a slow link only what was billable is due; else all of the call is.
  const chargesDue = Math.ceil((slow ? report.billableMs : liveMs) / asked.rateMs);
  if (uplinkKbps < asked.slowLinkKbps * SLOW_RATIO) {
    check(slow !== undefined && slow.fromMs <= SLOW_SHOWN_MS_MAX, 'a slow link was not noticed in time');
    check((slow?.evidence.length ?? 0) >= 2, 'the pause has no evidence');
    check(report.notChargingShown.model && report.notChargingShown.client, 'a page did not say "Not charging"');
    check(report.charges.length <= Math.max(1, chargesDue), `${report.charges.length} charges fell, not ${chargesDue}`);
  }
  if (asked.transport !== undefined && asked.transport !== 'auto')
    check(report.transport === asked.transport, `media went over ${report.transport}`);
  if (uplinkKbps > asked.slowLinkKbps * FAST_RATIO) check(slow === undefined, 'a fast link was taken for a slow one');
  if (asked.liftAt !== undefined)
    check(slow?.toMs != null && slow.toMs < asked.seconds * 1_000, 'the pause did not end');
  check(report.charges.length >= chargesDue, `${report.charges.length} charges fell, not ${chargesDue}`);
  check(
    // A unit counts when it falls due; that of a restart is posted before it (charging rule 4).
    report.charges.every(({ unit, atMs }, index) => unit === index + 1 && atMs === index * asked.rateMs + 1),
    'charges fell at other times than the rules say',
  );
  for (const side of ['model', 'client'] as const) {
    check(report.framesDecoded[side] > (liveMs / 1_000) * FRAMES_PER_SECOND_MIN, `the ${side}'s picture hardly moved`);
    check(report.audio[side], `the ${side} heard nothing`);
  }
  check(report.ledgerBalanced, 'the ledger is not balanced');
  check(report.receiptAgrees, 'receipt, ledger and log disagree');
  check(report.outcome === 'client_ended', `the outcome is ${report.outcome}`);
  if (!isInterrupted) return faults;
  const suspendedAtMs = report.suspendedAtMs ?? Number.NaN;
  check(Math.abs(suspendedAtMs - liveMs) <= SUSPENSION_MS_MAX, `suspended at ${suspendedAtMs}, not at ${liveMs}`);
  check(
    (report.lastPacketAfterMs ?? Number.NaN) <= LAST_PACKET_MS_MAX,
    `media ran on for ${report.lastPacketAfterMs} ms`,
  );
  if (asked.topUpAt !== undefined) check(report.wentOn === true, 'the call did not go on after the top-up');
  return faults;
}
