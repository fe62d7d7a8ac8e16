// The tests that need no browser, no database and no machine to themselves: rules, server, structure, texts, documents.
// Usage: npm run test:fast   or   npm run test:watch, which runs again what a change reaches
import './runtime.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildStale, root } from './build.mjs';

const FOLDERS = ['test/core', 'test/server', 'test/receipt', 'test'];
/** These take minutes, for good reasons; `npm test` has them. */
const SLOW = [
  'test/core/scenarios.test.ts',
  'test/receipt/fuzz.test.ts',
  'test/server/media.test.ts',
  'test/server/recovery-matrix.test.ts',
  'test/server/start.test.ts',
  'test/server/webtransport-engine.test.ts',
];
const GATHER_MS = 300;

const tests = FOLDERS.flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
).filter((file) => !SLOW.includes(file));

async function run(files) {
  await buildStale();
  const tap = spawn(
    path.join(root, 'node_modules/.bin/tap'),
    ['run', '--reporter=terse', `--jobs=${os.availableParallelism()}`, ...files],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  const [code] = await once(tap, 'close');
  return code ?? 1;
}

/** What a file imports of ours, all the way down. */
function reachedBy(file, known = new Set()) {
  if (known.has(file) || !fs.existsSync(path.join(root, file))) return known;
  known.add(file);
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  for (const [, target] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
    reachedBy(path.join(path.dirname(file), target), known);
  return known;
}

async function watch() {
  const changed = new Set();
  let timer = null;
  let running = run(tests).catch((error) => console.error(error.message));
  for (const folder of ['server', 'core-wasm', 'test', 'docs']) {
    fs.watch(path.join(root, folder), { recursive: true }, (_event, name) => {
      if (!name || name.startsWith('build')) return;
      changed.add(path.join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(() => {
        const files = tests.filter((test) => [...reachedBy(test)].some((file) => changed.has(file)));
        changed.clear();
        if (files.length === 0) return;
        running = running.then(() => run(files)).catch((error) => console.error(error.message));
      }, GATHER_MS);
    });
  }
  console.error('watching; Ctrl-C ends it');
}

if (process.argv.includes('--watch')) await watch();
else process.exitCode = await run(tests);
