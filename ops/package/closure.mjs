// Whether everything that native code of the tree needs is in the tree, or in every Debian: a file that is missing is
// found here and not at the first call.
import fs from 'node:fs';
import path from 'node:path';
import { ARCHITECTURES } from './tree.mjs';

/** Packages of Debian that the tree may rely on, and what they bring. */
const OF_DEBIAN = {
  libc6: ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'librt.so.1', 'libpthread.so.0'],
  'libgcc-s1': ['libgcc_s.so.1'],
  'libstdc++6': ['libstdc++.so.6'],
};
export const DEBIAN_PACKAGES = Object.keys(OF_DEBIAN);
/** Languages for functions in the database, other ways to sign in to it: modules that nothing of ours loads. */
const NEVER_LOADED = /\/native\/lib\/postgresql\//;
const [DYNAMIC, NEEDED] = [6, 1n];

/** Machine and needed libraries of a 64-bit little-endian ELF file; null for any other. See elf(5). */
export function elfOf(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return null;
  const [table, each, count] = [
    Number(bytes.readBigUInt64LE(0x28)),
    bytes.readUInt16LE(0x3a),
    bytes.readUInt16LE(0x3c),
  ];
  const sections = Array.from({ length: count }, (_, index) => {
    const at = table + index * each;
    const [start, length] = [0x18, 0x20].map((field) => Number(bytes.readBigUInt64LE(at + field)));
    return { type: bytes.readUInt32LE(at + 4), start, length, link: bytes.readUInt32LE(at + 0x28) };
  });
  const dynamic = sections.find(({ type }) => type === DYNAMIC);
  const needed = [];
  for (let at = dynamic?.start ?? 0; dynamic && at < dynamic.start + dynamic.length; at += 16) {
    const tag = bytes.readBigUInt64LE(at);
    if (tag !== NEEDED) continue;
    const from = sections[dynamic.link].start + Number(bytes.readBigUInt64LE(at + 8));
    needed.push(bytes.toString('latin1', from, bytes.indexOf(0, from)));
  }
  return { machine: bytes.readUInt16LE(18), needed };
}

/**
 * @returns {string[]} a sentence for each file that is for another machine or needs a library that nothing brings
 */
export function gapsIn(tree, arch) {
  const { machine, loader } = ARCHITECTURES[arch];
  const files = fs
    .readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const links = fs.readdirSync(tree, { recursive: true }).map((file) => path.basename(file));
  const had = new Set([...Object.values(OF_DEBIAN).flat(), loader, ...links]);
  return files.flatMap((file) => {
    const elf = NEVER_LOADED.test(file) ? null : elfOf(file);
    if (!elf) return [];
    const name = path.relative(tree, file);
    if (elf.machine !== machine) return [`${name} is for another machine`];
    return elf.needed.filter((library) => !had.has(library)).map((library) => `${name} needs ${library}`);
  });
}
