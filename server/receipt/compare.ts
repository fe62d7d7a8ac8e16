import type { Fault, FaultCode } from './faults.ts';
import type { LogLine } from './lines.ts';
import { type RecomputedReceipt, recompute } from './recompute.ts';
import type { ReceiptTerms } from './tariff.ts';

/** What the ledger holds of a call's charges and of the rest of its minimum; what was given back is left out. */
export interface LedgerTransfer {
  readonly transferId: number;
  readonly unit: number;
  readonly amountMinor: number;
  readonly shareMinor: number;
}

export interface LedgerRelease {
  readonly releaseId: number;
  /** The charge that it gives back. */
  readonly transferId: number;
  readonly unit: number;
  readonly amountMinor: number;
}

export interface CheckedReceipt {
  readonly receipt: RecomputedReceipt;
  /** Where log, recomputation and ledger do not say the same; none when all is well. */
  readonly faults: readonly Fault[];
}

/** Recomputes a call from its log and compares it with what the ledger has of it. */
export function checkReceipt(
  log: readonly LogLine[],
  terms: ReceiptTerms,
  ledger: { readonly transfers: readonly LedgerTransfer[]; readonly releases: readonly LedgerRelease[] },
): CheckedReceipt {
  const receipt = recompute(log, terms);
  const differences = compareWithLedger(receipt, ledger.transfers, ledger.releases, terms);
  return { receipt, faults: [...receipt.faults, ...differences] };
}

/**
 * Where the recomputed receipt and the ledger do not say the same, to the unit.
 * @param terms needed for calls of older versions, whose charges were split one by one
 */
export function compareWithLedger(
  receipt: RecomputedReceipt,
  transfers: readonly LedgerTransfer[],
  releases: readonly LedgerRelease[],
  terms?: ReceiptTerms,
): Fault[] {
  const faults: Fault[] = [];
  const fault = (code: FaultCode, sentence: string, seq: number | null = null) => faults.push({ code, sentence, seq });
  const inLedger = new Map<number, LedgerTransfer>();
  for (const transfer of transfers) {
    if (inLedger.has(transfer.unit)) fault('doubled_in_ledger', `unit ${transfer.unit} stands twice in the ledger`);
    inLedger.set(transfer.unit, transfer);
  }
  for (const { unit, amountMinor, modelMinor, transferId, seq } of receipt.units) {
    const transfer = inLedger.get(unit);
    inLedger.delete(unit);
    if (!transfer) {
      fault('not_in_ledger', `${name(unit)} stands in the log and not in the ledger`, seq);
      continue;
    }
    if (transfer.amountMinor !== amountMinor)
      fault('booked_amount_differs', `${name(unit)} is ${amountMinor} in the log, ${transfer.amountMinor} booked`, seq);
    if (transfer.transferId !== transferId)
      fault('transfer_differs', `${name(unit)} names transfer ${transferId}, not ${transfer.transferId}`, seq);
    const shares = [modelMinor];
    if (receipt.isOldFormat && terms) shares.push(Number((BigInt(amountMinor) * BigInt(terms.sharePercent)) / 100n));
    if (!shares.includes(transfer.shareMinor))
      fault('share_differs', `of ${name(unit)} the model has ${transfer.shareMinor}, not ${modelMinor}`, seq);
  }
  for (const { unit, transferId } of inLedger.values())
    fault('not_in_log', `${name(unit)} (transfer ${transferId}) stands in the ledger and not in the log`);
  compareReleases(receipt, releases, fault);
  return faults;
}

function compareReleases(
  receipt: RecomputedReceipt,
  releases: readonly LedgerRelease[],
  fault: (code: FaultCode, sentence: string, seq?: number | null) => void,
): void {
  const known = new Map(releases.map((release) => [release.unit, release]));
  for (const { unit, amountMinor, transferId, releaseId, seq } of receipt.released) {
    const release = known.get(unit);
    known.delete(unit);
    if (!release) fault('release_not_in_ledger', `unit ${unit} is given back in the log and not in the ledger`, seq);
    else if (
      release.amountMinor !== amountMinor ||
      release.transferId !== transferId ||
      release.releaseId !== releaseId
    )
      fault('release_differs', `unit ${unit} is given back otherwise in the ledger than in the log`, seq);
  }
  for (const unit of known.keys())
    fault('release_not_in_log', `unit ${unit} is given back in the ledger and not in the log`);
}

const name = (unit: number): string => (unit === 0 ? 'the rest of the minimum' : `unit ${unit}`);
