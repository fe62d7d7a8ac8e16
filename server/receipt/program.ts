#!/usr/bin/env node
// parlour-verify: checks the meter log and the receipt of a call, as they are downloaded from an appliance, without
// it. One file without dependencies, for anyone with Node. It works by the written charging rules and shares no
// line with the program that charged.
import fs from 'node:fs';
import type { ReceiptFile } from '../contract/index.ts';
import type { CheckedReceipt } from './compare.ts';
import { verifyFiles } from './verify.ts';

const USAGE = `Usage: node parlour-verify.mjs [--json] <meter log> <receipt>

Recomputes a call from its meter log and says whether receipt and ledger agree with it to the unit.
Exit code 0: they agree; 1: they do not; 2: the files cannot be read.`;

const AGREE = 0;
const DISAGREE = 1;
const UNREADABLE = 2;

function main(args: readonly string[]): number {
  const isJson = args.includes('--json');
  const files = args.filter((each) => !each.startsWith('--'));
  const isUnknown = args.some((each) => each.startsWith('--') && each !== '--json');
  const [logPath, receiptPath] = files;
  if (logPath === undefined || receiptPath === undefined || files.length > 2 || isUnknown) {
    console.error(USAGE);
    return args.includes('--help') ? AGREE : UNREADABLE;
  }
  try {
    const file = read(receiptPath);
    const verified = verifyFiles(read(logPath), file);
    if (isJson) console.log(JSON.stringify(asJson(verified)));
    else print(verified, file as ReceiptFile);
    return verified.faults.length === 0 ? AGREE : DISAGREE;
  } catch (error) {
    console.error((error as Error).message);
    return UNREADABLE;
  }
}

function read(path: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}

const asJson = ({ receipt, faults }: CheckedReceipt) => ({ agrees: faults.length === 0, faults, recomputed: receipt });

function print({ receipt, faults }: CheckedReceipt, { receipt: said, currency, minorDigits }: ReceiptFile): void {
  const money = (minor: number) => `${(minor / 10 ** minorDigits).toFixed(minorDigits)} ${currency}`;
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(3)} s`;
  const charges = receipt.units.filter(({ unit }) => unit > 0);
  console.log(`call ${said.callId}: ${money(said.rateMinor)} a minute, ${said.tariff}, minimum ${said.minimumMin} min`);
  console.log(`billable time ${seconds(receipt.billableMs)}, down ${seconds(receipt.downtimeMs)}`);
  console.log(`units ${charges.length}, given back ${receipt.released.length}, refused ${receipt.refusedAttempts}`);
  console.log(`minimum ${money(receipt.minimum.amountMinor)} (${receipt.minimum.why})`);
  console.log(
    `charged ${money(receipt.chargedMinor)}: model ${money(receipt.modelMinor)} (${said.sharePercent} %), studio ${money(receipt.studioMinor)}`,
  );
  for (const { code, sentence, seq } of faults)
    console.log(`${code}${seq === null ? '' : ` (line ${seq})`}: ${sentence}`);
  if (faults.length > 0) console.log(`DISAGREES: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`);
  else console.log(receipt.endedBy === null ? 'agrees so far: the call goes on' : 'agrees to the unit');
}

process.exitCode = main(process.argv.slice(2));
