import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Person } from '../../server/accounts/index.ts';
import { CallHistory } from '../../server/calls/index.ts';
import { type MeterLogFile, type ReceiptFile, toMinor } from '../../server/contract/index.ts';
import { verifyFiles } from '../../server/receipt/index.ts';
import { honestCall, played } from '../receipt/honest.ts';
import type { MeteredCall } from '../receipt/metered-call.ts';
import { temporaryFolder } from '../support/store.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/server/parlour-verify.mjs');
const HONEST_CALLS = 60;
const SEED = 40_000;

const operator: Person = {
  personId: 3,
  role: 'operator',
  username: 'boss',
  displayName: 'Boss',
  createdAt: new Date(0),
  hasPassword: true,
  verifiedAt: null,
  isStaff: false,
  suspendedAt: null,
  suspendedWhy: null,
  deletedAt: null,
  pictureDigest: null,
  sharePercent: null,
};

function historyOf(call: MeteredCall): CallHistory {
  const record = { ...call.record, agrees: true };
  return new CallHistory(
    { read: async () => record, ofPerson: async () => [record] },
    { read: async () => [...call.log] },
    {
      transfersOfCall: async () => [...call.transfers],
      releasedOfCall: async () => [...call.releases],
      earningsOfCalls: async () => new Map(),
      tipsOfCalls: async () => [],
      refundedOfCalls: async () => new Map(),
      studioPartOf: async () => toMinor(0),
    },
  );
}

interface Files {
  log: MeterLogFile;
  receipt: ReceiptFile;
}

async function filesOf(call: MeteredCall): Promise<Files> {
  const history = historyOf(call);
  const receipt = await history.receiptFile(operator, call.terms.callId, { code: 'EUR', minorDigits: 2 });
  const log = await history.logFile(operator, call.terms.callId);
  return JSON.parse(JSON.stringify({ log, receipt }));
}

/** The ledger takes 3 ms over the first unit; three minutes and a bit with a pause that was noticed late; the client leaves, and two of five minutes are due. */
const call = await played(
  { rateMinor: 200, minimumMin: 5, tariff: 'per_minute', sharePercent: 60 },
  100_000,
  async (one) => {
    one.start();
    await one.pass(100_000);
    one.pause('no_media', 2_000);
    await one.pass(60_000);
    one.resume('no_media');
    await one.pass(60_000);
    one.end('client');
    await one.settle();
  },
);

t.test('the files of every honest call agree, and carry what the receipt page shows', async (t) => {
  for (let seed = SEED; seed < SEED + HONEST_CALLS; seed++) {
    const { log, receipt } = await filesOf(await honestCall(seed));
    t.same(verifyFiles(log, receipt).faults, [], `seed ${seed}`);
    t.equal(receipt.receipt.agrees, true, `seed ${seed}`);
  }
  t.match((await filesOf(call)).receipt.receipt, {
    units: { length: 4 },
    minimum: { why: 'due', amountMinor: 400 },
    chargedMinor: 1_000,
    sharePercent: 60,
    refusedAttempts: 0,
    downtimeMs: 0,
    pauses: [{ reason: 'no_media', billableMs: 97_997, cutBackMs: 2_000, unitsChargedBeforeNoticed: 0 }],
    faults: [],
  });
});

const FORGERIES: { readonly [name: string]: readonly [string, (files: Files) => void] } = {
  'a unit dearer than in the log': ['receipt_differs', ({ receipt }) => first(receipt.receipt.units).amountMinor++],
  'a unit more for the model': ['receipt_differs', ({ receipt }) => first(receipt.receipt.units).modelMinor++],
  'a unit at another time': ['receipt_differs', ({ receipt }) => first(receipt.receipt.units).billableMs++],
  'a unit given back that was not': ['receipt_differs', ({ receipt }) => receipt.receipt.releasedUnits.push(9)],
  'another amount of the minimum': ['receipt_differs', ({ receipt }) => receipt.receipt.minimum.amountMinor++],
  'another total': ['receipt_differs', ({ receipt }) => receipt.receipt.chargedMinor++],
  'a longer time': ['receipt_differs', ({ receipt }) => receipt.receipt.billableMs++],
  'a pause left out': ['receipt_differs', ({ receipt }) => receipt.receipt.pauses.pop()],
  'another reason for the minimum': [
    'receipt_differs',
    ({ receipt }) => Object.assign(receipt.receipt.minimum, { why: 'none' }),
  ],
  'downtime that was none': ['receipt_differs', ({ receipt }) => receipt.receipt.downtimeMs++],
  'a refusal that was none': ['receipt_differs', ({ receipt }) => receipt.receipt.refusedAttempts++],
  'a cheaper rate': ['wrong_amount', ({ receipt }) => receipt.receipt.rateMinor--],
  'a shorter minimum': ['minimum_due_wrong', ({ receipt }) => receipt.receipt.minimumMin--],
  'another share': ['share_differs', ({ receipt }) => receipt.receipt.sharePercent--],
  'a transfer left out': ['not_in_ledger', ({ receipt }) => receipt.ledger.transfers.shift()],
  'a transfer of another amount': [
    'booked_amount_differs',
    ({ receipt }) => first(receipt.ledger.transfers).amountMinor++,
  ],
  'a line of the log left out': ['line_missing', ({ log }) => log.lines.splice(2, 1)],
};

function first<T>(list: T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error('the list is empty');
  return one;
}

t.test('a receipt that was changed does not agree with its log', async (t) => {
  for (const [name, [code, forge]] of Object.entries(FORGERIES)) {
    const files = await filesOf(call);
    forge(files);
    const codes = verifyFiles(files.log, files.receipt).faults.map((fault) => fault.code);
    t.ok(codes.includes(code as (typeof codes)[number]), `${name}: ${codes.join(', ')}`);
  }
});

t.test('only the two files of one call are read', async (t) => {
  const { log, receipt } = await filesOf(call);
  t.throws(() => verifyFiles(receipt, log), /no meter log/);
  t.throws(() => verifyFiles(log, log), /no receipt/);
  t.throws(() => verifyFiles({ ...log, callId: 9 }, receipt), /of two calls/);
});

t.test('a ledger that was changed after the closing shows on the receipt that is read then', async (t) => {
  const history = historyOf(call);
  call.transfers.pop();
  t.teardown(() => call.transfers.push(gone));
  const gone = { ...first(call.transfers), unit: 0, transferId: 0 };
  const receipt = await history.receipt(operator, call.terms.callId);
  t.match(receipt, { agrees: false, faults: [{ code: 'not_in_ledger' }] });
});

t.test('parlour-verify: the files are read without the appliance, and the exit code says what was found', async (t) => {
  const honest = await filesOf(await honestCall(SEED));
  const folder = temporaryFolder('verify');
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  fs.copyFileSync(PROGRAM, path.join(folder, 'parlour-verify.mjs'));
  const write = (name: string, content: unknown) => fs.writeFileSync(path.join(folder, name), JSON.stringify(content));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['parlour-verify.mjs', ...args], { cwd: folder, encoding: 'utf8' });
  write('log.json', honest.log);
  write('receipt.json', honest.receipt);
  t.match(run('log.json', 'receipt.json'), { status: 0, stdout: /agrees to the unit/, stderr: '' });
  t.match(JSON.parse(run('--json', 'log.json', 'receipt.json').stdout), { agrees: true, faults: [] });

  honest.receipt.receipt.chargedMinor++;
  write('forged.json', honest.receipt);
  t.match(run('log.json', 'forged.json'), { status: 1, stdout: /receipt_differs: .*charged[\s\S]*DISAGREES: 1 fault/ });

  t.match(run('receipt.json', 'log.json'), { status: 2, stderr: /no meter log/ }, 'the wrong way round');
  t.match(run('log.json', 'log.json'), { status: 2, stderr: /no receipt/ });
  write('other.json', { ...honest.log, callId: 9 });
  t.match(run('other.json', 'receipt.json'), { status: 2, stderr: /of two calls/ });
  fs.writeFileSync(path.join(folder, 'torn.json'), '{"format":');
  t.match(run('torn.json', 'receipt.json'), { status: 2, stderr: /torn\.json cannot be read/ });
  t.match(run('absent.json', 'receipt.json'), { status: 2, stderr: /absent\.json cannot be read/ });
  t.match(run('log.json'), { status: 2, stderr: /Usage/ });
  t.match(run('--help'), { status: 0, stderr: /Usage/ });
});
