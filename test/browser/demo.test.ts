import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';

const program = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');

/** Plays `parlour demo --auto --json` as a newcomer would. @returns its exit code and its last line */
async function demo(...args: string[]): Promise<{ code: number | null; report: Record<string, unknown> }> {
  const child = spawn(process.execPath, [program, 'demo', '--auto', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/tmp' },
  });
  let out = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, report: JSON.parse(out.trim().split('\n').at(-1) ?? '{}') };
}

// Rules 1 and 2 by the minute, on the clock: a minute of credit, its end, a top-up, the call going on.
t.test('a minute of credit: charged in the first second, suspended at its end, on again after a top-up', async (t) => {
  const { code, report } = await demo('--seconds', '70', '--credit-minutes', '1', '--top-up-at', '64');
  t.equal(code, 0, JSON.stringify(report));
  t.match(report, {
    charges: [
      { unit: 1, amountMinor: 200, atMs: 1 },
      { unit: 2, amountMinor: 200, atMs: 60_001 },
    ],
    audio: { model: true, client: true },
    ledgerBalanced: true,
    receiptAgrees: true,
    outcome: 'client_ended',
    suspendedAtMs: 60_000,
    wentOn: true,
  });
  t.ok((report.lastPacketAfterMs as number) <= 500, `${report.lastPacketAfterMs} ms`);
});
