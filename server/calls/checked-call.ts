import type { CallTransfer, ReleasedUnit } from '../ledger/index.ts';
import type { MeterLogEntry } from '../meter/index.ts';
import { type CheckedReceipt, checkReceipt, type ReceiptTerms } from '../receipt/index.ts';
import type { CallLedger, CallMeterLog } from './deps.ts';

/** A call's meter log and what the ledger has of it, recomputed and compared. */
export interface CheckedCall extends CheckedReceipt {
  readonly lines: readonly MeterLogEntry[];
  readonly transfers: readonly CallTransfer[];
  readonly releases: readonly ReleasedUnit[];
}

interface Deps {
  readonly ledger: Pick<CallLedger, 'transfersOfCall' | 'releasedOfCall'>;
  readonly meterLog: Pick<CallMeterLog, 'read'>;
}

/** Reads only, and anyone may do it at any time. Of a call that goes on it says what is known so far. */
export async function checkCall(
  { callId, ...terms }: ReceiptTerms & { readonly callId: number },
  { ledger, meterLog }: Deps,
): Promise<CheckedCall> {
  const [lines, transfers, releases] = await Promise.all([
    meterLog.read(callId),
    ledger.transfersOfCall(callId),
    ledger.releasedOfCall(callId),
  ]);
  return { lines, transfers, releases, ...checkReceipt(lines, terms, { transfers, releases }) };
}
