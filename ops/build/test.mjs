// The test command: builds what is stale, makes sure of a browser, checks style and types, then runs
// tap. Usage: npm test [-- files of tests]
import './runtime.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
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

/** Style and types: each on a core of its own. What any of them finds ends the command. */
async function checkSources() {
  const ends = [
    [bin('tsc'), '-p', 'web'],
    [bin('tsc'), '-p', '.'],
    [bin('biome'), 'check', '--error-on-warnings', '.'],
  ].map(([file, ...args]) => once(spawn(file, args, { cwd: root, stdio: 'inherit' }), 'close'));
  for (const [code] of await Promise.all(ends)) if (code !== 0) process.exit(code ?? 1);
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

/** Of tap's last lines, what it counted; null when it did not come to them. */
function totalsIn(text) {
  const counts = /^# \{ (total: \d+.*?) \}$/m.exec(text)?.[1];
  if (!counts) return null;
  const {
    total,
    pass = 0,
    skip = 0,
    todo = 0,
  } = Object.fromEntries(counts.split(', ').map((one) => [one.split(': ')[0], Number(one.split(': ')[1])]));
  return { passed: pass, failed: total - pass - skip - todo };
}

/** tap draws its counts anew at every step, which only a terminal can show. Elsewhere they are left out. */
function linePrinter() {
  let rest = '';
  let last = '';
  return (text) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the codes by which it draws
    const lines = (rest + text).replaceAll(/\x1b\[(2K|1A|G|\?25[hl])/g, '').split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (/^(Asserts|Suites): /.test(line) || (line === '' && last === '')) continue;
      console.log(line);
      last = line;
    }
  };
}

/**
 * Runs the tests, shows what tap prints of what failed, and closes with the totals in plain words. Which files run alone
 * is said in .taprc.
 * @returns the exit code
 */
async function runTests(files) {
  const tap = spawn(bin('tap'), ['--reporter=terse', `--jobs=${os.availableParallelism()}`, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let tail = '';
  const print = process.stdout.isTTY ? (text) => process.stdout.write(text) : linePrinter();
  tap.stdout.setEncoding('utf8').on('data', (text) => {
    tail = (tail + text).slice(-2_000);
    print(text);
  });
  const [code] = await once(tap, 'close');
  const totals = totalsIn(tail);
  if (totals) console.log(`${totals.passed} passed, ${totals.failed} failed`);
  else console.log('the tests were ended before they were through');
  return code === 0 && !totals ? 1 : (code ?? 1);
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
  await checkSources();
}
process.exitCode = await runTests(files);
