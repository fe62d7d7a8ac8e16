import { type Minor, toMinor } from '../contract/index.ts';
import type { CallTransfer } from '../ledger/index.ts';
import { type LogReceipt, type Meter, type MeterLogEntry, receiptFromLog } from '../meter/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { CallLedger, CallMeterLog, CallRows } from './dependencies.ts';
import { type MediaBudget, mediaBudget } from './media-budget.ts';
import type { CallRecord } from './records.ts';

const RETRY_MS = 500;

/** How the core closed a call. */
export interface ClosedMeter {
  readonly billableMs: number;
  readonly unitsCharged: number;
  readonly chargedMinor: number;
  /** The rest of the minimum (charging rule 5), to be taken as far as the balance covers it. */
  readonly minimumDueMinor: Minor;
  /** How long media reached the client while the call was live, in ms; unknown of a call found again. */
  readonly forwardedMs?: number;
}

export interface SettlementRooms {
  readonly ledger: CallLedger;
  readonly meter: Meter;
  readonly meterLog: CallMeterLog;
  readonly records: CallRows;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The end of a call's money: takes the rest of the minimum, then compares the three accounts of the
 * call. A disagreement is an alarm, never a silent fix. Tries until the database answers.
 */
export async function settle(record: CallRecord, closed: ClosedMeter, rooms: SettlementRooms): Promise<Minor> {
  for (;;) {
    try {
      return await settleOnce(record, closed, rooms);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      rooms.log.warn({ err: error, callId: record.callId }, 'a call could not be settled yet; trying again');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function settleOnce(record: CallRecord, closed: ClosedMeter, rooms: SettlementRooms): Promise<Minor> {
  const { ledger, meterLog, records, log, metrics } = rooms;
  const { callId } = record;
  await meterLog.flush();
  await releaseUnits(record, closed.unitsCharged + 1, Number.POSITIVE_INFINITY, rooms);
  await takeMinimum(record, closed, rooms);
  await meterLog.flush();
  const entries = await meterLog.read(callId);
  const receipt = receiptFromLog(entries, record);
  const faults = [...receipt.faults, ...differences(receipt, await ledger.transfersOfCall(callId), closed)];
  const budget = await writeBudget(record, closed, entries, rooms);
  await records.settle(callId, {
    billableMs: closed.billableMs,
    chargedMinor: receipt.chargedMinor,
    agrees: faults.length === 0,
    endedAt: entries.find(({ kind }) => kind === 'closed')?.at ?? null,
    mediaBeyondMs: budget?.beyondMs ?? null,
  });
  meterLog.forget(callId);
  if (faults.length > 0) {
    metrics.disagreements.inc();
    log.error({ callId, faults }, 'ALARM: receipt, ledger and meter log of a call disagree');
  }
  return receipt.chargedMinor as Minor;
}

/**
 * Gives back units that were posted ahead and never fell due (charging rule 4), each once.
 * @throws StoreUnavailable when it is unknown what was given back: do it again
 */
export async function releaseUnits(
  { callId }: CallRecord,
  first: number,
  last: number,
  { ledger, meter, meterLog }: Pick<SettlementRooms, 'ledger' | 'meterLog'> & { meter: Pick<Meter, 'writeLine'> },
): Promise<void> {
  const ahead = (await ledger.transfersOfCall(callId)).filter(
    ({ kind, unit }) => kind === 'charge' && unit >= first && unit <= last,
  );
  for (const { unit } of ahead) await ledger.release({ callId, unit });
  const released = await ledger.releasedOfCall(callId);
  if (released.length === 0) return;
  // Lines follow from what the ledger has: one that a crash had kept from the log is written by the next try.
  await meterLog.flush();
  const entries = await meterLog.read(callId);
  const written = new Set(entries.filter(({ kind }) => kind === 'released').map(({ detail }) => detail.unit));
  const billableMs = entries.at(-1)?.billableMs ?? 0;
  for (const { unit, amountMinor, transferId, releaseId } of released) {
    if (written.has(unit)) continue;
    meter.writeLine(callId, 'released', billableMs, { unit, amountMinor, transferId, releaseId });
  }
  await meterLog.flush();
}

/** The rest of the minimum, as far as the balance covered it when the call ended (charging rule 5). */
async function takeMinimum(record: CallRecord, closed: ClosedMeter, rooms: SettlementRooms): Promise<void> {
  const { ledger, meter, meterLog } = rooms;
  const { callId } = record;
  if (closed.minimumDueMinor <= 0) return;
  const taken = await ledger.postMinimum({
    ...record,
    unit: 0,
    amountMinor: closed.minimumDueMinor,
    chargedBeforeMinor: toMinor(closed.chargedMinor),
  });
  const isWritten = (await meterLog.read(callId)).some((entry) => entry.kind === 'minimum');
  if (taken.transferId === null || isWritten) return;
  const { amountMinor, transferId } = taken;
  meter.writeLine(callId, 'minimum', closed.billableMs, { amountMinor, transferId });
}

/** The budget of what is unpaid: media that reached the client beyond what is paid and what the law lets pass. */
async function writeBudget(
  { callId }: CallRecord,
  { forwardedMs, billableMs }: ClosedMeter,
  entries: readonly MeterLogEntry[],
  { meter, meterLog, log, metrics }: SettlementRooms,
): Promise<MediaBudget | null> {
  if (forwardedMs === undefined) return null;
  const budget = mediaBudget(forwardedMs, billableMs, entries);
  metrics.unpaidMedia.observe(Math.max(0, budget.forwardedMs - budget.lawfulMs) / 1_000);
  if (budget.beyondMs > 0) log.error({ callId, ...budget }, 'ALARM: more media reached a client than was paid for');
  if (!entries.some(({ kind }) => kind === 'media')) {
    meter.writeLine(callId, 'media', billableMs, { ...budget });
    await meterLog.flush();
  }
  return budget;
}

/** Where log, ledger and core do not say the same, to the unit. */
export function differences(receipt: LogReceipt, transfers: readonly CallTransfer[], closed: ClosedMeter): string[] {
  const faults: string[] = [];
  const inLedger = new Map(transfers.map((transfer) => [transfer.unit, transfer]));
  for (const { unit, amountMinor, transferId } of receipt.units) {
    const transfer = inLedger.get(unit);
    if (!transfer) faults.push(`unit ${unit} stands in the log and not in the ledger`);
    else if (transfer.amountMinor !== amountMinor || transfer.transferId !== transferId) {
      faults.push(`unit ${unit} is ${amountMinor} in the log and ${transfer.amountMinor} in the ledger`);
    }
    inLedger.delete(unit);
  }
  for (const unit of inLedger.keys()) faults.push(`unit ${unit} stands in the ledger and not in the log`);
  const charged = receipt.units.filter(({ unit }) => unit > 0).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (charged !== closed.chargedMinor) faults.push(`the core counted ${closed.chargedMinor}, the log ${charged}`);
  return faults;
}
