import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';

// A few rounds of `npm run sim -- ledger`, each time with other seeds; the line printed plays a failure again.
const ROUNDS = 4;

t.test('killed and cut off at random, the ledger keeps what it acknowledged, once', async (t) => {
  const root = path.resolve(import.meta.dirname, '../..');
  const seed = String(1 + Math.floor(Math.random() * 1_000_000));
  const args = ['ops/build/run-dev.mjs', 'test/sim/index.ts', 'ledger', '--rounds', String(ROUNDS), '--seed', seed];
  // Without tap's own loader, which the simulation's processes would inherit.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const sim = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [sim.stdout, sim.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  const [code] = await once(sim, 'exit');
  t.equal(code, 0, `seed ${seed}\n${text}`);
  t.match(text, /posters: \d+ rounds, \d+ acknowledged;.*appliance: \d+ rounds, \d+ acknowledged;.*ledger: 0 faults/s);
});
