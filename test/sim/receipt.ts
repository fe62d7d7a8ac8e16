// The recomputation against law.py, which is written from the charging rules alone and in another language.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { type ReceiptTerms, recompute } from '../../server/receipt/index.ts';

const LAW = path.resolve('test/receipt/law.py');
const FAULTS_MAX = 5;

export const RECEIPT_SIM_DEFAULTS = { seed: 1, seeds: 100 };

export interface ReceiptSimResult {
  calls: number;
  events: number;
  readonly differences: string[];
}

interface Played {
  readonly seed: number;
  readonly terms: ReceiptTerms;
  readonly log: Parameters<typeof recompute>[0];
  readonly expected: object;
}

/** @throws when there is no Python 3 on the machine */
export async function simulateReceipt(options: { seed: number; seeds: number }): Promise<ReceiptSimResult> {
  const result: ReceiptSimResult = { calls: 0, events: 0, differences: [] };
  const law = spawn('python3', [LAW, String(options.seed), String(options.seeds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const isOver = new Promise<number | null>((resolve, reject) => law.once('error', reject).once('close', resolve));
  for await (const line of readline.createInterface({ input: law.stdout })) {
    const call = JSON.parse(line) as Played;
    result.calls += 1;
    result.events += call.log.length;
    const difference = differenceOf(call);
    if (difference && result.differences.length < FAULTS_MAX) result.differences.push(difference);
  }
  const code = await isOver;
  if (code !== 0) result.differences.push(`law.py ended with ${code}`);
  return result;
}

function differenceOf({ seed, terms, log, expected }: Played): string | null {
  const receipt = recompute(log, terms);
  const { billableMs, units, minimum, chargedMinor, modelMinor, refusedAttempts, faults } = receipt;
  const found = {
    billableMs,
    units: units.map(({ unit, amountMinor }) => [unit, amountMinor]),
    why: minimum.why,
    minimumMinor: minimum.amountMinor,
    chargedMinor,
    modelMinor,
    refusedAttempts,
  };
  if (faults.length > 0)
    return `seed ${seed}: ${faults.map(({ code, sentence }) => `${code}: ${sentence}`).join('; ')}`;
  if (JSON.stringify(found) === JSON.stringify(expected)) return null;
  return `seed ${seed}: recomputed ${JSON.stringify(found)}, by the law ${JSON.stringify(expected)}`;
}

export function describeReceiptSim({ calls, events, differences }: ReceiptSimResult): string {
  const lines = differences.map((difference) => `  DIFFERENCE ${difference}`);
  return [`${calls} calls, ${events} events: ${differences.length} differences`, ...lines].join('\n');
}
