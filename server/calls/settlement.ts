import { type Minor, toMinor, UserError } from '../contract/index.ts';
import type { Meter } from '../meter/index.ts';
import type { Fault, RecomputedReceipt } from '../receipt/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { checkCall } from './checked-call.ts';
import type { CallLedger, CallMeterLog, CallRows } from './deps.ts';
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

export interface SettlementDeps {
  readonly ledger: Pick<CallLedger, 'transfersOfCall' | 'releasedOfCall' | 'release' | 'postMinimum'>;
  readonly meter: Pick<Meter, 'writeLine'>;
  readonly meterLog: Pick<CallMeterLog, 'read' | 'flush' | 'forget'>;
  readonly records: Pick<CallRows, 'settle'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The end of a call's money: takes the rest of the minimum, then compares the three accounts of the
 * call. A disagreement is an alarm, never a silent fix. Tries until the database answers.
 */
export async function settle(record: CallRecord, closed: ClosedMeter, deps: SettlementDeps): Promise<Minor> {
  for (;;) {
    try {
      return await settleOnce(record, closed, deps);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      deps.log.warn({ err: error, callId: record.callId }, 'a call could not be settled yet; trying again');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function settleOnce(record: CallRecord, closed: ClosedMeter, deps: SettlementDeps): Promise<Minor> {
  const { meterLog, records, log, metrics } = deps;
  const { callId } = record;
  await meterLog.flush();
  await releaseUnits(record, closed.unitsCharged + 1, Number.POSITIVE_INFINITY, deps);
  await takeMinimum(record, closed, deps);
  const budget = await writeBudget(record, closed, deps);
  await meterLog.flush();
  const { lines, receipt, ...checked } = await checkCall(record, deps);
  const faults = [...checked.faults, ...coreFaults(receipt, closed)];
  await records.settle(callId, {
    billableMs: closed.billableMs,
    chargedMinor: receipt.chargedMinor,
    agrees: faults.length === 0,
    endedAt: lines.find(({ kind }) => kind === 'closed')?.at ?? null,
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
  { ledger, meter, meterLog, log }: Pick<SettlementDeps, 'ledger' | 'meterLog' | 'log' | 'meter'>,
): Promise<void> {
  const ahead = (await ledger.transfersOfCall(callId)).filter(
    ({ kind, unit }) => kind === 'charge' && unit >= first && unit <= last,
  );
  for (const { unit } of ahead) {
    try {
      await ledger.release({ callId, unit });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.error({ err: error, callId, unit }, 'ALARM: a unit that never fell due could not be given back');
    }
  }
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
async function takeMinimum(record: CallRecord, closed: ClosedMeter, deps: SettlementDeps): Promise<void> {
  const { ledger, meter, meterLog } = deps;
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
  { meter, meterLog, log, metrics }: SettlementDeps,
): Promise<MediaBudget | null> {
  if (forwardedMs === undefined) return null;
  await meterLog.flush();
  const lines = await meterLog.read(callId);
  const budget = mediaBudget(forwardedMs, billableMs, lines);
  metrics.unpaidMedia.observe(Math.max(0, budget.forwardedMs - budget.lawfulMs) / 1_000);
  if (budget.beyondMs > 0) log.error({ callId, ...budget }, 'ALARM: more media reached a client than was paid for');
  if (!lines.some(({ kind }) => kind === 'media')) meter.writeLine(callId, 'media', billableMs, { ...budget });
  return budget;
}

/** Where the core counted otherwise than its log says. */
function coreFaults({ units }: RecomputedReceipt, closed: ClosedMeter): Fault[] {
  const faults: Fault[] = [];
  const fault = (sentence: string) => faults.push({ code: 'core_differs', sentence, seq: null });
  const charged = units.filter(({ unit }) => unit > 0).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (charged !== closed.chargedMinor) fault(`the core counted ${closed.chargedMinor}, the log ${charged}`);
  return faults;
}
