// The test command: builds what is stale, makes sure of a browser, checks style and types, then runs
// tap. Usage: npm test [-- files of tests]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { buildStale, root } from './build.mjs';

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
];
const bin = (name) => path.join(root, 'node_modules/.bin', name);

function run(file, args) {
  const { status } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function ensureBrowser() {
  if (BROWSERS.some((file) => fs.existsSync(file))) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !fs.existsSync('/usr/bin/apt-get')) {
    console.error(
      'The browser tests need Chromium. Install it (on Debian: apt-get install chromium) and run npm test again.',
    );
    process.exit(1);
  }
  console.error('installing Chromium …');
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}

/** Runs tap, shows what it prints, and closes with its totals in plain words. */
async function runTap(files) {
  const tap = spawn(bin('tap'), ['--reporter=terse', ...files], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let tail = '';
  tap.stdout.on('data', (text) => {
    process.stdout.write(text);
    tail = (tail + text).slice(-2_000);
  });
  const [code] = await once(tap, 'close');
  const totals = /# \{ total: (\d+), pass: (\d+)/.exec(tail);
  if (totals) console.log(`${totals[2]} passed, ${Number(totals[1]) - Number(totals[2])} failed`);
  return code ?? 1;
}

const files = process.argv.slice(2);
try {
  await buildStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
ensureBrowser();
if (files.length === 0) {
  console.error('checking style and types …');
  run(bin('biome'), ['check', '--error-on-warnings', '.']);
  run(bin('tsc'), ['-p', '.']);
  run(bin('tsc'), ['-p', 'web']);
}
process.exitCode = await runTap(files);
