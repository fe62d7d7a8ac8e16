import type { CallTransfer, ReleasedUnit } from '../ledger/index.ts';
import type { MeterLogEntry } from '../meter/index.ts';
import {
  compareWithLedger,
  type Fault,
  type ReceiptTerms,
  type RecomputedReceipt,
  recompute,
} from '../receipt/index.ts';
import type { CallLedger, CallMeterLog } from './dependencies.ts';

/** A call's meter log and what the ledger has of it, recomputed and compared. */
export interface CheckedCall {
  readonly lines: readonly MeterLogEntry[];
  readonly transfers: readonly CallTransfer[];
  readonly releases: readonly ReleasedUnit[];
  readonly receipt: RecomputedReceipt;
  /** Where log, recomputation and ledger do not say the same; none when all is well. */
  readonly faults: readonly Fault[];
}

/** Reads only, and anyone may do it at any time. Of a call that goes on it says what is known so far. */
export async function checkCall(
  { callId, ...terms }: ReceiptTerms & { readonly callId: number },
  {
    ledger,
    meterLog,
  }: { ledger: Pick<CallLedger, 'transfersOfCall' | 'releasedOfCall'>; meterLog: Pick<CallMeterLog, 'read'> },
): Promise<CheckedCall> {
  const [lines, transfers, releases] = await Promise.all([
    meterLog.read(callId),
    ledger.transfersOfCall(callId),
    ledger.releasedOfCall(callId),
  ]);
  const receipt = recompute(lines, terms);
  const faults = [...receipt.faults, ...compareWithLedger(receipt, transfers, releases, terms)];
  return { lines, transfers, releases, receipt, faults };
}
