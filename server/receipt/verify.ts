import { Compile } from 'typebox/compile';
import { MeterLogFile, ReceiptFile } from '../contract/index.ts';
import { type CheckedReceipt, checkReceipt } from './compare.ts';

const logFile = Compile(MeterLogFile);
const receiptFile = Compile(ReceiptFile);

/**
 * Checks the two files of a call as they are downloaded: recomputes it from its log, and compares that with what
 * the receipt says and with what the receipt says that the ledger has.
 * @throws Error with a sentence when a file is none of these
 */
export function verifyFiles(log: unknown, file: unknown): CheckedReceipt {
  if (!logFile.Check(log)) throw new Error(`The first file is no meter log: ${firstError(logFile.Errors(log))}`);
  if (!receiptFile.Check(file))
    throw new Error(`The second file is no receipt: ${firstError(receiptFile.Errors(file))}`);
  const { receipt: said, ledger } = file;
  if (said.callId !== log.callId)
    throw new Error(
      `The files are of two calls: the log is of call ${log.callId}, the receipt of call ${said.callId}.`,
    );
  const { receipt, faults: found } = checkReceipt(log.lines, said, ledger);
  const faults = [...found];
  const compare = (what: string, says: unknown, is: unknown) => {
    if (JSON.stringify(says) !== JSON.stringify(is))
      faults.push({
        code: 'receipt_differs',
        sentence: `the receipt says ${what} ${words(says)}; by the log it is ${words(is)}`,
        seq: null,
      });
  };
  compare('billable time', said.billableMs, receipt.billableMs);
  compare('charged', said.chargedMinor, receipt.chargedMinor);
  compare('time down', said.downtimeMs, receipt.downtimeMs);
  compare('units', unitsOf(said.units), unitsOf(receipt.units));
  compare(
    'given back',
    said.releasedUnits,
    receipt.released.map(({ unit }) => unit),
  );
  compare('refused attempts', said.refusedAttempts, receipt.refusedAttempts);
  compare('minimum', [said.minimum.why, said.minimum.amountMinor], [receipt.minimum.why, receipt.minimum.amountMinor]);
  compare(
    'pauses',
    said.pauses.map(({ reason, billableMs, cutBackMs }) => [reason, billableMs, cutBackMs]),
    receipt.pauses.map(({ reason, billableMs, cutBackMs }) => [reason, billableMs, cutBackMs]),
  );
  return { receipt, faults };
}

const unitsOf = (units: readonly { unit: number; amountMinor: number; modelMinor: number; billableMs: number }[]) =>
  units.map(({ unit, amountMinor, modelMinor, billableMs }) => [unit, amountMinor, modelMinor, billableMs]);

const LONG = 60;

function words(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

function firstError(errors: readonly { instancePath: string; message: string }[]): string {
  const [error] = errors;
  return error ? `${error.instancePath || 'it'} ${error.message}` : 'it cannot be read';
}
