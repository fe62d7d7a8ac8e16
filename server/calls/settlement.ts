import { setTimeout as sleep } from 'node:timers/promises';
import type { Minor } from '../contract/index.ts';
import type { CallTransfer, Ledger } from '../ledger/index.ts';
import { type LogReceipt, type Meter, type MeterLog, receiptFromLog } from '../meter/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { CallRecord, CallRecords } from './records.ts';

const RETRY_MS = 500;

/** How the core closed a call. */
export interface ClosedMeter {
  readonly billableMs: number;
  readonly unitsCharged: number;
  readonly chargedMinor: number;
  /** The rest of the minimum (charging rule 5), to be taken as far as the balance covers it. */
  readonly minimumDueMinor: Minor;
}

export interface SettlementRooms {
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly meterLog: MeterLog;
  readonly records: CallRecords;
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
      await sleep(RETRY_MS);
    }
  }
}

async function settleOnce(record: CallRecord, closed: ClosedMeter, rooms: SettlementRooms): Promise<Minor> {
  const { ledger, meter, meterLog, records, log, metrics } = rooms;
  const { callId } = record;
  if (closed.minimumDueMinor > 0) {
    const taken = await ledger.postMinimum({ ...record, unit: 0, amountMinor: closed.minimumDueMinor });
    const isWritten = (await meterLog.read(callId)).some((entry) => entry.kind === 'minimum');
    if (taken.transferId !== null && !isWritten) {
      meter.writeMinimum(callId, closed.billableMs, { amountMinor: taken.amountMinor, transferId: taken.transferId });
    }
  }
  await meterLog.flush();
  const receipt = receiptFromLog(await meterLog.read(callId), record);
  const faults = [...receipt.faults, ...differences(receipt, await ledger.transfersOfCall(callId), closed)];
  await records.settle(callId, {
    billableMs: closed.billableMs,
    chargedMinor: receipt.chargedMinor,
    agrees: faults.length === 0,
  });
  meterLog.forget(callId);
  if (faults.length > 0) {
    metrics.disagreements.inc();
    log.error({ callId, faults }, 'ALARM: receipt, ledger and meter log of a call disagree');
  }
  return receipt.chargedMinor as Minor;
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
