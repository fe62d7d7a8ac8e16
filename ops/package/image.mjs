// The tree as an OCI image: Debian's smallest system, made here by debootstrap, with the tree in it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../build/build.mjs';
import { ARCHITECTURES, copyTree } from './tree.mjs';

const SUITE = 'trixie';
/** Beside the smallest system: what names and certificates need. */
const INCLUDED = ['ca-certificates', 'libstdc++6', 'tzdata'];
/** What only installing more would need. */
const LEFT_OUT = [
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
];
const USER = 'parlour:x:970:970::/var/lib/parlour:/usr/sbin/nologin';
const STORAGE = ['--storage-driver', 'vfs'];

/**
 * @param {{ tree: string, arch: 'x64' | 'arm64', version: string, date: Date, out: string, mirror?: string }} what
 * @returns {string} path of the image, an archive in OCI's form
 */
export function writeImage({ tree, arch, version, date, out, mirror }) {
  const system = path.join(path.dirname(tree), 'system');
  fs.rmSync(system, { recursive: true, force: true });
  const { debian } = ARCHITECTURES[arch];
  run('debootstrap', [
    '--variant=minbase',
    `--arch=${debian}`,
    `--include=${INCLUDED}`,
    SUITE,
    system,
    ...(mirror ? [mirror] : []),
  ]);
  for (const folder of LEFT_OUT) {
    fs.rmSync(path.join(system, folder), { recursive: true, force: true });
    fs.mkdirSync(path.join(system, folder), { recursive: true });
  }
  fs.appendFileSync(path.join(system, 'etc/passwd'), `${USER}\n`);
  fs.appendFileSync(path.join(system, 'etc/group'), 'parlour:x:970:\n');
  fs.mkdirSync(path.join(system, 'etc/parlour'));
  fs.copyFileSync(path.join(import.meta.dirname, 'debian/parlour.toml'), path.join(system, 'etc/parlour/parlour.toml'));
  copyTree(tree, path.join(system, 'usr/lib/parlour'));
  fs.symlinkSync('../lib/parlour/bin/parlour', path.join(system, 'usr/bin/parlour'));

  const file = path.join(out, `parlour-${version}-linux-${arch}.oci.tar`);
  const timestamp = String(date.getTime() / 1_000);
  const name = run('buildah', [...STORAGE, 'from', '--arch', debian, 'scratch']).trim();
  try {
    run('buildah', [...STORAGE, 'copy', '--quiet', name, system, '/']);
    // What is copied belongs to root; this is the one folder that does not.
    const owned = ['install', '-d', '-o', 'parlour', '-g', 'parlour', '/var/lib/parlour'];
    run('buildah', [...STORAGE, 'run', '--isolation', 'chroot', name, '--', ...owned]);
    run('buildah', [...STORAGE, 'config', ...CONFIG, '--label', `org.opencontainers.image.version=${version}`, name]);
    fs.rmSync(file, { force: true });
    run('buildah', [
      ...STORAGE,
      'commit',
      '--quiet',
      '--timestamp',
      timestamp,
      name,
      `oci-archive:${file}:parlour:${version}`,
    ]);
  } finally {
    run('buildah', [...STORAGE, 'rm', name]);
    fs.rmSync(system, { recursive: true, force: true });
  }
  fs.copyFileSync(path.join(root, 'ops/package/compose.yaml'), path.join(out, 'compose.yaml'));
  return file;
}

const CONFIG = [
  ['--user', 'parlour'],
  ['--workingdir', '/var/lib/parlour'],
  ['--volume', '/var/lib/parlour'],
  ['--entrypoint', '["/usr/bin/parlour"]'],
  ['--cmd', 'start'],
  ['--stop-signal', 'SIGTERM'],
  ['--port', '8443/tcp'],
  ['--port', '8444/udp'],
  ['--port', '8445/udp'],
  ['--label', 'org.opencontainers.image.title=Parlour'],
  ['--label', 'org.opencontainers.image.licenses=Apache-2.0'],
].flat();

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1_024 * 1_024,
  });
  if (error?.code === 'ENOENT') throw new Error(`${program} is needed; on Debian: apt-get install ${program}`);
  if (status !== 0) throw new Error(`${program} ${args[0]} failed:\n${stdout}${stderr}`);
  return stdout;
}
