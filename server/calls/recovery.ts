import { AHEAD_MS, type EndedBy } from '../../core-wasm/index.ts';
import { bootId, monotonicMs } from '../clock/index.ts';
import { CONFIRM_MS, type Minor, type Outcome, RING_MS, type Side, toMinor } from '../contract/index.ts';
import type { CallTransfer } from '../ledger/index.ts';
import type { MeterLogEntry, RecoveredMeter } from '../meter/index.ts';
import type { CallLedger, CallMeterLog } from './deps.ts';
import { type TimerName, whoseDoing } from './machine.ts';
import type { CallRecord } from './records.ts';
import type { ClosedMeter } from './settlement.ts';
import { ranToMs, stretchesOf } from './stretches.ts';

/** How a call that an earlier run of the appliance left unfinished goes on. */
export type Found =
  /** It had not been live: its timer goes on where it stood. */
  | {
      readonly kind: 'waiting';
      readonly state: 'ringing' | 'confirming';
      readonly timer: TimerName;
      readonly ms: number;
    }
  /** It was live: its people have a minute to come back. */
  | { readonly kind: 'live'; readonly state: 'live' | 'suspended'; readonly meter: RecoveredMeter }
  /** Its people had ended it, but its meter had not closed durably; `balanceMinor` is what the client had then. */
  | {
      readonly kind: 'unclosed';
      readonly meter: RecoveredMeter;
      readonly by: EndedBy;
      readonly balanceMinor: Minor | null;
    }
  /** Its meter had closed: only the settlement is missing, and the outcome if the row has none. */
  | {
      readonly kind: 'unsettled';
      readonly closed: ClosedMeter;
      readonly outcome: Outcome;
      readonly endedBy: Side | null;
    };

const OUTCOME_BY: Record<EndedBy, Outcome> = { client: 'client_ended', model: 'model_ended', appliance: 'failed' };
const UNIT_MS = { per_minute: 60_000, per_second: 1_000 } as const;
/** After a restart of the appliance so much of a grace is left at least (charging rules, "When the money runs out"). */
const GRACE_LEFT_MS_MIN = 60_000;

/**
 * Works out from row, meter log and ledger how a call goes on. The client is never charged for time in
 * which the appliance was down: billable time is that of the last durable record.
 */
export async function findAgain(
  record: CallRecord,
  deps: { ledger: Pick<CallLedger, 'transfersOfCall'>; meterLog: Pick<CallMeterLog, 'read' | 'resume'> },
  graceMs: number,
): Promise<Found> {
  if (record.state === 'ringing') {
    const ms = leftMs(RING_MS, record.rangMonoMs, record);
    return { kind: 'waiting', state: 'ringing', timer: 'ring', ms };
  }
  if (record.state === 'confirming') {
    const ms = leftMs(CONFIRM_MS, record.acceptedMonoMs, record);
    return { kind: 'waiting', state: 'confirming', timer: 'confirm', ms };
  }
  const entries = await deps.meterLog.read(record.callId);
  deps.meterLog.resume(record.callId, entries.at(-1)?.seq ?? 0);
  const closed = entries.find((entry) => entry.kind === 'closed');
  if (closed) return { kind: 'unsettled', ...fromClosed(closed, entries) };
  const transfers = (await deps.ledger.transfersOfCall(record.callId)).filter(({ kind }) => kind === 'charge');
  const meter = recoveredFrom(record, entries, transfers, graceMs);
  if (record.state === 'ended' && record.outcome) {
    const balanceMinor = record.endBalanceMinor === null ? null : toMinor(record.endBalanceMinor);
    return { kind: 'unclosed', meter, by: whoseDoing(record.outcome, record.endedBy), balanceMinor };
  }
  return { kind: 'live', state: meter.graceLeftMs === null ? 'live' : 'suspended', meter };
}

/** What is left of a length that began then, on the machine's own clock: a wall clock that jumps changes nothing. */
function leftMs(ms: number, fromMonoMs: number | null, { bootId: of }: CallRecord): number {
  // Another start of the machine: how long it was off is not known, and nobody waits for a ring that long ago.
  if (fromMonoMs === null || of !== bootId) return 0;
  return Math.min(ms, Math.max(0, ms - (monotonicMs() - fromMonoMs)));
}

function recoveredFrom(
  record: CallRecord,
  entries: readonly MeterLogEntry[],
  transfers: readonly CallTransfer[],
  graceMs: number,
): RecoveredMeter {
  const unitMs = UNIT_MS[record.tariff];
  const unitsOf = (kind: MeterLogEntry['kind']) =>
    entries.filter((entry) => entry.kind === kind).map(({ detail }) => Number(detail.unit));
  const unitsCharged = largestOf(unitsOf('charged'));
  const unitsPosted = Math.max(unitsCharged, largestOf(transfers.map(({ unit }) => unit)));
  const last = entries.at(-1);
  const slow = entries.filter(
    ({ kind, detail }) => (kind === 'paused' || kind === 'resumed') && detail.reason === 'slow_link',
  );
  const suspension = entries.filter(({ kind }) => kind === 'suspended' || kind === 'restarted').at(-1);
  // A restart whose charge was posted, and whose answer nobody heard, has restarted the call.
  const isSuspended = suspension?.kind === 'suspended' && unitsPosted < Number(suspension.detail.unit);
  const isSameBoot = record.bootId === bootId && last?.monoMs != null;
  // A unit is asked for at most a second before it falls due: that it is posted shows how far the meter had run. Where
  // the log has come so far already, it was posted before, and what was cut back since stays so.
  const askedFromMs = suspension?.kind === 'suspended' ? 0 : (unitsPosted - 1) * unitMs - AHEAD_MS + 1;
  const reachedMs = largestOf([...stretchesOf(entries)].map(ranToMs));
  const isPostedLater = unitsPosted > unitsCharged && askedFromMs > reachedMs;
  return {
    billableMs: isPostedLater ? askedFromMs : (last?.billableMs ?? 0),
    unitsCharged,
    unitsPosted,
    postedAhead: new Map(
      transfers.filter(({ unit }) => unit > unitsCharged).map(({ unit, transferId }) => [unit, transferId]),
    ),
    isWaived: entries.some(({ kind, detail }) => kind === 'paused' && detail.reason === 'model_waived'),
    isSlow: slow.at(-1)?.kind === 'paused',
    graceLeftMs: isSuspended ? graceLeftMs(entries, graceMs) : null,
    downMs: isSameBoot ? Math.max(0, Math.round(monotonicMs() - (last?.monoMs ?? 0))) : null,
  };
}

/** 0 where there is none. As arguments of one call, the lines of a day and a half by the second are too many. */
const largestOf = (numbers: readonly number[]): number => numbers.reduce((most, one) => Math.max(most, one), 0);

/**
 * The grace runs only while the appliance does, and a minute of it is left at least. How long the appliance went on
 * after its last durable line is not known: that time counts for the client.
 */
function graceLeftMs(entries: readonly MeterLogEntry[], graceMs: number): number {
  let left = graceMs;
  let fromMs: number | null = null;
  for (const { kind, monoMs, detail } of entries) {
    if (fromMs !== null && monoMs !== null && kind !== 'recovered') left -= Math.max(0, monoMs - fromMs);
    if (kind === 'suspended') left = graceMs;
    if (kind === 'recovered' && typeof detail.graceLeftMs === 'number') left = detail.graceLeftMs;
    fromMs = monoMs;
  }
  return Math.min(graceMs, Math.max(left, GRACE_LEFT_MS_MIN));
}

function fromClosed(closed: MeterLogEntry, entries: readonly MeterLogEntry[]) {
  const { endedBy, outOfFunds, unitsCharged, minimumDueMinor } = closed.detail;
  const charges = entries.filter(({ kind }) => kind === 'charged');
  const outcome: Outcome = outOfFunds ? 'out_of_funds' : (OUTCOME_BY[endedBy as EndedBy] ?? 'failed');
  return {
    closed: {
      billableMs: closed.billableMs,
      unitsCharged: Number(unitsCharged),
      chargedMinor: charges.reduce((sum, { detail }) => sum + Number(detail.amountMinor), 0),
      minimumDueMinor: toMinor(Number(minimumDueMinor)),
    },
    outcome,
    endedBy: outOfFunds || endedBy === 'appliance' ? null : (endedBy as Side),
  };
}
