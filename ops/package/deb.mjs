// The tree as a package of Debian, and as a repository for apt.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../build/build.mjs';
import { DEBIAN_PACKAGES } from './closure.mjs';
import { ARCHITECTURES, copyTree } from './tree.mjs';

/** The oldest C library that the native parts load on: Debian 12's. */
const GLIBC = '2.36';
const HOME = 'usr/lib/parlour';
const here = import.meta.dirname;

const control = ({ version, arch, kilobytes }) => `Package: parlour
Version: ${version}
Architecture: ${ARCHITECTURES[arch].debian}
Maintainer: Parlour <parlour@localhost>
Installed-Size: ${kilobytes}
Depends: ${DEBIAN_PACKAGES.map((name) => (name === 'libc6' ? `libc6 (>= ${GLIBC})` : name)).join(', ')}, adduser, ca-certificates
Recommends: systemd
Section: net
Priority: optional
Description: appliance for paid one-to-one video calls
 Models take calls in a web page on the studio's network, clients call from the
 internet, and every call is charged per minute with second accuracy. Signalling,
 media, metering and ledger in one service, with its own Node and PostgreSQL.
`;

/**
 * @param {{ tree: string, arch: 'x64' | 'arm64', version: string, date: Date, out: string }} what
 * @returns {string} the file's path
 */
export function writeDeb({ tree, arch, version, date, out }) {
  const stage = path.join(path.dirname(tree), 'deb');
  fs.rmSync(stage, { recursive: true, force: true });
  const put = (file, text, mode = 0o644) => {
    fs.mkdirSync(path.dirname(path.join(stage, file)), { recursive: true });
    fs.writeFileSync(path.join(stage, file), text, { mode });
  };
  fs.mkdirSync(path.join(stage, 'usr/bin'), { recursive: true });
  fs.symlinkSync('../lib/parlour/bin/parlour', path.join(stage, 'usr/bin/parlour'));
  put('usr/lib/systemd/system/parlour.service', fs.readFileSync(path.join(root, 'ops/systemd/parlour.service')));
  put('etc/parlour/parlour.toml', fs.readFileSync(path.join(here, 'debian/parlour.toml')));
  put('usr/share/doc/parlour/copyright', fs.readFileSync(path.join(here, 'debian/copyright')));
  copyTree(tree, path.join(stage, HOME));
  put('DEBIAN/control', control({ version, arch, kilobytes: kilobytesOf(stage) }));
  put('DEBIAN/conffiles', '/etc/parlour/parlour.toml\n');
  for (const script of ['postinst', 'prerm', 'postrm']) {
    put(`DEBIAN/${script}`, fs.readFileSync(path.join(here, 'debian', script)), 0o755);
  }
  settle(stage, date);
  const file = path.join(out, `parlour_${version}_${ARCHITECTURES[arch].debian}.deb`);
  // One thread: how the work is divided would show in the bytes.
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '-z3', '--threads-max=1', '--build', stage, file], {
    SOURCE_DATE_EPOCH: String(date.getTime() / 1_000),
  });
  fs.rmSync(stage, { recursive: true });
  return file;
}

function kilobytesOf(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).map((file) => fs.lstatSync(path.join(folder, file)));
  return Math.ceil(files.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0) / 1_024);
}

function settle(folder, date) {
  for (const file of fs.readdirSync(folder, { recursive: true })) {
    const full = path.join(folder, file);
    const stat = fs.lstatSync(full);
    if (stat.isDirectory()) fs.chmodSync(full, 0o755);
    else if (stat.isFile()) fs.chmodSync(full, stat.mode & 0o100 ? 0o755 : 0o644);
    fs.lutimesSync(full, date, date);
  }
  fs.chmodSync(folder, 0o755);
}

/**
 * Takes packages into a repository that apt can read, and signs it.
 * @param {string[]} files of packages
 * @param {string} repository a folder; what is in it already stays
 * @param {string} key of GnuPG
 */
export function addToRepository(files, repository, key) {
  const architectures = Object.values(ARCHITECTURES).map(({ debian }) => debian);
  const lines = { Codename: 'stable', Components: 'main', Architectures: architectures.join(' '), SignWith: key };
  fs.mkdirSync(path.join(repository, 'conf'), { recursive: true });
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`);
  fs.writeFileSync(path.join(repository, 'conf/distributions'), text.join(''));
  for (const file of files) run('reprepro', ['--silent', '-b', repository, 'includedeb', 'stable', file]);
}

function run(program, args, environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (error?.code === 'ENOENT')
    throw new Error(`${program} is needed; on Debian: apt-get install ${packageOf(program)}`);
  if (status !== 0) throw new Error(`${program} failed:\n${stdout}${stderr}`);
}

const packageOf = (program) => (program === 'dpkg-deb' ? 'dpkg' : program);
