// The Node that Parlour runs on, and the native files that are loaded into it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import t, { type Test } from 'tap';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const { forOldGlibc } = require('../vendor/uws/old-glibc.cjs') as { forOldGlibc(original: Buffer): Buffer };
const runtime = path.join(root, 'ops/build/runtime.mjs');
const shipped = path.join(root, 'node_modules/.bin/node');
const whereShipped = { skip: fs.existsSync(shipped) ? false : 'no package brings Node for this platform' };

/** Another Node of the machine, and a command that starts as all of ours do. */
function otherNode(t: Test, command: string): [node: string, args: string[]] {
  const folder = t.testdir({ 'command.mjs': `import ${JSON.stringify(runtime)};\n${command}` });
  const node = path.join(folder, 'other-node');
  fs.linkSync(fs.realpathSync(shipped), node);
  return [node, [path.join(folder, 'command.mjs'), 'an argument']];
}

t.test('a command that another Node starts runs on the one that came with the packages', whereShipped, async (t) => {
  const said = "console.log(process.execPath, process.argv.at(-1), process.env.PATH.split(':')[0]); process.exit(3);";
  const { status, stdout } = spawnSync(...otherNode(t, said), { encoding: 'utf8' });
  t.equal(
    stdout,
    `${fs.realpathSync(shipped)} an argument ${path.dirname(shipped)}\n`,
    'with its arguments and programs',
  );
  t.equal(status, 3, 'and its exit code');
});

t.test('a command that was handed over gets the signals of the one that was started', whereShipped, async (t) => {
  const waits = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1_000); console.log('ready');";
  const child = spawn(...otherNode(t, waits), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  t.same(await ended, [7, null]);
});

t.test('what a command starts by the name of node is the one that came with the packages', whereShipped, async (t) => {
  const [, [command = '']] = otherNode(
    t,
    "import { execFileSync } from 'node:child_process'; process.stdout.write(execFileSync('node', ['-p', 'process.execPath']));",
  );
  const { stdout } = spawnSync(shipped, [command], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  t.equal(stdout, `${fs.realpathSync(shipped)}\n`, 'also where no other Node started it');
});

t.test('the tests run on the Node that Parlour runs on', async (t) => {
  t.match(process.versions, { modules: '137' });
});

const natives = path.dirname(require.resolve('@btc-vision/uwebsockets.js'));

t.test('for a glibc before 2.38 a native file is changed in a few bytes, and once', async (t) => {
  for (const name of ['uws_linux_x64_137.node', 'uws_linux_arm64_137.node']) {
    const original = fs.readFileSync(path.join(natives, name));
    const changed = forOldGlibc(original);
    const places = changed.reduce((count, byte, at) => count + (byte === original[at] ? 0 : 1), 0);
    t.ok(places > 0 && places <= 16, `${name}: ${places} bytes`);
    t.ok(forOldGlibc(changed).equals(changed), 'nothing is left to change');
  }
});

t.test('another native file than the one that was tested is not loaded', async (t) => {
  const name = `uws_${process.platform}_${process.arch}_137.node`;
  const changed = fs.readFileSync(path.join(natives, name));
  changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
  const folder = t.testdir({
    'index.cjs': t.fixture('symlink', path.join(root, 'vendor/uws/index.cjs')),
    node_modules: {
      '@btc-vision': { 'uwebsockets.js': { 'uws.js': '', [name]: changed, 'package.json': '{"main":"uws.js"}' } },
    },
  });
  const load = ['--preserve-symlinks', '--preserve-symlinks-main', path.join(folder, 'index.cjs')];
  fs.copyFileSync(path.join(root, 'vendor/uws/old-glibc.cjs'), path.join(folder, 'old-glibc.cjs'));
  const { status, stderr } = spawnSync(process.execPath, load, { encoding: 'utf8' });
  t.equal(status, 1);
  t.match(stderr, `its SHA-256 is ${createHash('sha256').update(changed).digest('hex')}. Run npm ci again.`);
});
