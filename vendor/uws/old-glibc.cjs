// The native build asks for glibc 2.38, Debian 12 has 2.36. All it wants of the newer one are three functions that
// read numbers, under the names that C23 gave them; the names of before are older than any glibc in use. So a copy
// that names those, and does not insist on the version, runs there. See the ELF specification, "Symbol Table", and
// the Linux Standard Base, "Symbol Versioning".
'use strict';

const NEEDED_VERSION = 'GLIBC_2.38';
const C23_PREFIX = '__isoc23_';
/** The version that every function of the first glibc of a machine carries; by ELF's number of the machine. */
const FIRST_VERSION = { 62: 'GLIBC_2.2.5', 183: 'GLIBC_2.17' };
const DYNAMIC_SYMBOLS = 11;
const VERSION_OF_SYMBOLS = 0x6fffffff;
const VERSIONS_NEEDED = 0x6ffffffe;
const SYMBOL_BYTES = 24;
const WEAK = 2;

/** The sections of a 64-bit little-endian ELF file, as far as they matter here. */
function sectionsOf(file) {
  const table = Number(file.readBigUInt64LE(0x28));
  const [bytesEach, count] = [file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)];
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * bytesEach;
    return {
      type: file.readUInt32LE(at + 4),
      start: Number(file.readBigUInt64LE(at + 0x18)),
      bytes: Number(file.readBigUInt64LE(at + 0x20)),
      link: file.readUInt32LE(at + 0x28),
      info: file.readUInt32LE(at + 0x2c),
    };
  });
}

/** What versions of what libraries the file needs: each with its number in the file and where its flags lie. */
function versionsNeeded(file, section, text) {
  const versions = [];
  let library = section.start;
  for (let i = 0; i < section.info; i += 1) {
    const count = file.readUInt16LE(library + 2);
    let at = library + file.readUInt32LE(library + 8);
    for (let k = 0; k < count; k += 1) {
      const name = text(file.readUInt32LE(at + 8));
      versions.push({
        library: text(file.readUInt32LE(library + 4)),
        name,
        id: file.readUInt16LE(at + 6),
        flagsAt: at + 4,
      });
      at += file.readUInt32LE(at + 12);
    }
    library += file.readUInt32LE(library + 12);
  }
  return versions;
}

/**
 * A copy of a native file that loads on a glibc before 2.38.
 * @param {Buffer} original of linux-x64 or linux-arm64
 * @throws when it needs something of the newer glibc that the older one has under no name
 */
function forOldGlibc(original) {
  const file = Buffer.from(original);
  const sections = sectionsOf(file);
  const [symbols, versionOf, needed] = [DYNAMIC_SYMBOLS, VERSION_OF_SYMBOLS, VERSIONS_NEEDED].map((type) =>
    sections.find((section) => section.type === type),
  );
  const texts = sections[symbols.link].start;
  const text = (at) => file.toString('latin1', texts + at, file.indexOf(0, texts + at));

  const versions = versionsNeeded(file, needed, text);
  const first = versions.find(
    ({ library, name }) => library === 'libc.so.6' && name === FIRST_VERSION[file.readUInt16LE(18)],
  );
  const newer = versions.filter(({ name }) => name === NEEDED_VERSION);
  for (let i = 0; i * SYMBOL_BYTES < symbols.bytes; i += 1) {
    const nameAt = symbols.start + i * SYMBOL_BYTES;
    const versionAt = versionOf.start + i * 2;
    if (!newer.some(({ id }) => id === (file.readUInt16LE(versionAt) & 0x7fff))) continue;
    const name = text(file.readUInt32LE(nameAt));
    if (!name.startsWith(C23_PREFIX) || !first) throw new Error(`${name} is not to be had before ${NEEDED_VERSION}`);
    file.writeUInt32LE(file.readUInt32LE(nameAt) + C23_PREFIX.length, nameAt);
    file.writeUInt16LE(first.id, versionAt);
  }
  for (const { flagsAt } of newer) file.writeUInt16LE(file.readUInt16LE(flagsAt) | WEAK, flagsAt);
  return file;
}

module.exports = { forOldGlibc };
