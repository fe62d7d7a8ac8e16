/** What a played call came to; printed by `parlour demo --auto --json`. */
export interface DemoReport {
  readonly charges: { readonly unit: number; readonly amountMinor: number; readonly atMs: number }[];
  readonly billableMs: number;
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

/** What of a report is not as the charging rules say; empty when all is well. */
export function judge(
  report: DemoReport,
  asked: { rateMs: number; seconds: number; creditMinutes: number; topUpAt?: number },
): string[] {
  const faults: string[] = [];
  const check = (isTrue: boolean, fault: string) => void (isTrue || faults.push(fault));
  const isInterrupted = asked.seconds > asked.creditMinutes * 60;
  const liveMs = isInterrupted ? asked.creditMinutes * asked.rateMs : asked.seconds * 1_000;
  const chargesDue = Math.ceil(liveMs / asked.rateMs);
  check(report.charges.length >= chargesDue, `${report.charges.length} charges fell, not ${chargesDue}`);
  check(
    report.charges.every(({ unit, atMs }, index) => {
      const isAfterRestart = isInterrupted && unit === asked.creditMinutes + 1;
      return unit === index + 1 && atMs === index * asked.rateMs + (isAfterRestart ? 0 : 1);
    }),
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
