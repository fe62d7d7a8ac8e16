import type { EndedBy } from '../../core-wasm/index.ts';
import { CONFIRM_MS, type Outcome, RING_MS, type Side, toMinor } from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { MeterLog, MeterLogEntry, RecoveredMeter } from '../meter/index.ts';
import { type TimerName, whoseDoing } from './machine.ts';
import type { CallRecord } from './records.ts';
import type { ClosedMeter } from './settlement.ts';

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
  /** Its people had ended it, but its meter had not closed durably. */
  | { readonly kind: 'unclosed'; readonly meter: RecoveredMeter; readonly by: EndedBy }
  /** Its meter had closed: only the settlement is missing, and the outcome if the row has none. */
  | {
      readonly kind: 'unsettled';
      readonly closed: ClosedMeter;
      readonly outcome: Outcome;
      readonly endedBy: Side | null;
    };

const OUTCOME_BY: Record<EndedBy, Outcome> = { client: 'client_ended', model: 'model_ended', appliance: 'failed' };
const UNIT_MS = { per_minute: 60_000, per_second: 1_000 } as const;

/**
 * Works out from row, meter log and ledger how a call goes on. The client is never charged for time in
 * which the appliance was down: billable time is that of the last durable record.
 */
export async function findAgain(
  record: CallRecord,
  rooms: { ledger: Ledger; meterLog: MeterLog },
  graceMs: number,
): Promise<Found> {
  const sinceMs = (at: Date | null) => (at ? Date.now() - at.getTime() : 0);
  // A wall clock that was set back meanwhile must not make the rest longer than the whole.
  const left = (ms: number, at: Date | null) => Math.min(ms, Math.max(0, ms - sinceMs(at)));
  if (record.state === 'ringing') {
    return { kind: 'waiting', state: 'ringing', timer: 'ring', ms: left(RING_MS, record.rangAt) };
  }
  if (record.state === 'confirming') {
    return { kind: 'waiting', state: 'confirming', timer: 'confirm', ms: left(CONFIRM_MS, record.acceptedAt) };
  }
  const entries = await completeLog(record, rooms);
  const closed = entries.find((entry) => entry.kind === 'closed');
  if (closed) return { kind: 'unsettled', ...fromClosed(closed, entries) };
  const suspension = entries.filter(({ kind }) => kind === 'suspended' || kind === 'restarted').at(-1);
  const graceLeftMs = suspension?.kind === 'suspended' ? left(graceMs, suspension.at) : null;
  const meter = recoveredFrom(entries, graceLeftMs);
  if (record.state === 'ended' && record.outcome) {
    return { kind: 'unclosed', meter, by: whoseDoing(record.outcome, record.endedBy) };
  }
  return { kind: 'live', state: graceLeftMs === null ? 'live' : 'suspended', meter };
}

function recoveredFrom(entries: readonly MeterLogEntry[], graceLeftMs: number | null): RecoveredMeter {
  const slow = entries.filter(
    ({ kind, detail }) => (kind === 'paused' || kind === 'resumed') && detail.reason === 'slow_link',
  );
  return {
    billableMs: entries.at(-1)?.billableMs ?? 0,
    unitsCharged: Math.max(
      0,
      ...entries.filter(({ kind }) => kind === 'charged').map(({ detail }) => Number(detail.unit)),
    ),
    isWaived: entries.some(({ kind, detail }) => kind === 'paused' && detail.reason === 'model_waived'),
    isSlow: slow.at(-1)?.kind === 'paused',
    graceLeftMs,
    lastSeq: entries.at(-1)?.seq ?? 0,
  };
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

/** The log, with a line for each charge that the ledger has and the log had not yet. */
async function completeLog(
  record: CallRecord,
  rooms: { ledger: Ledger; meterLog: MeterLog },
): Promise<MeterLogEntry[]> {
  const { callId, tariff } = record;
  const entries = await rooms.meterLog.read(callId);
  rooms.meterLog.resume(callId, entries.at(-1)?.seq ?? 0);
  const written = new Set(entries.filter(({ kind }) => kind === 'charged').map(({ detail }) => detail.transferId));
  for (const transfer of await rooms.ledger.transfersOfCall(callId)) {
    if (transfer.kind !== 'charge' || written.has(transfer.transferId)) continue;
    rooms.meterLog.append({
      callId,
      kind: 'charged',
      at: transfer.at,
      billableMs: (transfer.unit - 1) * UNIT_MS[tariff] + 1,
      detail: { unit: transfer.unit, amountMinor: transfer.amountMinor, transferId: transfer.transferId },
    });
  }
  await rooms.meterLog.flush();
  return rooms.meterLog.read(callId);
}
