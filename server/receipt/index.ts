// Module: receipt. Works out again what a call cost, from the events of its meter log alone, and holds the answer
// against the ledger. In: a log, the terms copied when the call rang, the ledger's transfers. Out: units, amounts,
// split, and what is wrong, as sentences. It is the check: it shares no rule with the metering core.
export {
  type CheckedReceipt,
  checkReceipt,
  compareWithLedger,
  type LedgerRelease,
  type LedgerTransfer,
} from './compare.ts';
export type { Fault, FaultCode } from './faults.ts';
export { type RecomputedPause, type RecomputedReceipt, recompute } from './recompute.ts';
export type { ReceiptTerms } from './tariff.ts';
export { verifyFiles } from './verify.ts';
