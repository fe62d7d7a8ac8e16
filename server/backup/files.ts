// What belongs to the appliance and lies beside the database in its data folder.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { BackupError, ENTRY_BYTES_MAX } from './container.ts';

/** Where files stand in a backup. */
export const FILES = 'files/';
/** The appliance's authority and certificate, and the key by which push services know it. */
const FOLDERS = ['tls', 'push'];
/** Under this name the settings lie in a backup, and beside the data after a restore: for a person to compare. */
const SETTINGS_FILE = 'restored-parlour.toml';

const KNOWN = new RegExp(`^(?:(?:${FOLDERS.join('|')})/[A-Za-z0-9][A-Za-z0-9._-]*|${SETTINGS_FILE})$`);

/** SHA-256, hexadecimal. */
export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The files of a data folder that belong in a backup, and the settings where there are any. */
export function* filesOf({ data, settingsFile }: { data: string; settingsFile: string }): Generator<[string, Buffer]> {
  for (const folder of FOLDERS.filter((name) => fs.existsSync(path.join(data, name)))) {
    for (const entry of fs.readdirSync(path.join(data, folder), { withFileTypes: true })) {
      if (entry.isFile()) yield [`${folder}/${entry.name}`, smallFile(path.join(data, folder, entry.name))];
    }
  }
  if (fs.existsSync(settingsFile)) yield [SETTINGS_FILE, smallFile(settingsFile)];
}

function smallFile(file: string): Buffer {
  const bytes = fs.readFileSync(file);
  if (bytes.length > ENTRY_BYTES_MAX) throw new Error(`${file} has ${bytes.length} bytes; at most ${ENTRY_BYTES_MAX}`);
  return bytes;
}

/** Files of a backup, kept back until all of it is found good. */
export class RestoredFiles {
  readonly #files = new Map<string, Buffer>();

  /** @throws BackupError for a name that we would never have written */
  add(name: string, bytes: Buffer): void {
    if (!KNOWN.test(name)) throw new BackupError(`The backup holds a file that is none of Parlour's: ${name}.`);
    this.#files.set(name, bytes);
  }

  /** @throws BackupError unless they are exactly those */
  compare(sums: Record<string, string>): void {
    for (const name of new Set([...this.#files.keys(), ...Object.keys(sums)])) {
      const bytes = this.#files.get(name);
      if (!bytes || digestOf(bytes) !== sums[name])
        throw new BackupError(`The backup is damaged: the file ${name} is not as it was.`);
    }
  }

  /** Puts them where the appliance looks for them, owned by whoever owns the data folder. */
  write(data: string): string[] {
    const { uid, gid } = fs.statSync(data);
    for (const [name, bytes] of this.#files) {
      const file = path.join(data, name);
      const folder = path.dirname(file);
      if (!fs.existsSync(folder)) {
        fs.mkdirSync(folder, { mode: 0o700 });
        fs.chownSync(folder, uid, gid);
      }
      fs.writeFileSync(`${file}.part`, bytes, { mode: 0o600, flush: true });
      fs.chownSync(`${file}.part`, uid, gid);
      fs.renameSync(`${file}.part`, file);
    }
    return [...this.#files.keys()];
  }
}
