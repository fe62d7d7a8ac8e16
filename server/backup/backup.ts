import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { headOfLedger } from '../ledger/index.ts';
import { appliedMigrations, queriesOn, type Store } from '../store/index.ts';
import { ENTRY_BYTES_MAX, type Lock, writeContainer } from './container.ts';
import { FILES, FOLDERS, SETTINGS_FILE } from './files.ts';
import { FORMAT, HEAD, type Head, SUMS, type Sums } from './manifest.ts';
import { copyOut, sequencesOf, tablesOf } from './tables.ts';

export interface BackedUp {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  /** The ledger's newest batch that is in it, as `number:hash`; null before the first. */
  readonly head: string | null;
}

/**
 * Writes everything as it was at one instant: the tables, while calls go on, and what lies in the data folder beside the
 * database. One transaction of the database that changes nothing and keeps nobody waiting.
 * @param of.settingsFile taken along when it is there; it is not put back by itself
 * @throws BackupError when the file cannot be made
 */
export async function writeBackup(
  store: Store,
  of: { data: string; settingsFile: string; version: string },
  file: string,
  lock: Lock,
): Promise<BackedUp> {
  let said: BackedUp | undefined;
  await writeContainer(file, lock, (write) =>
    store.exclusive(async (sql) => {
      await sql.begin('isolation level repeatable read read only', async (tx) => {
        const tables = await tablesOf(tx);
        const head: Head = {
          format: FORMAT,
          version: of.version,
          madeAt: new Date().toISOString(),
          migrations: await appliedMigrations(queriesOn(tx)),
          tables,
        };
        await write({ name: HEAD, bytes: Buffer.from(JSON.stringify(head)) });
        const sums: Sums = { tables: {}, files: {}, sequences: [] };
        for (const table of tables) {
          sums.tables[table.name] = await copyOut(tx, table, (bytes, index) =>
            write({ name: `tables/${table.name}/${index}`, bytes }),
          );
        }
        for (const [name, bytes] of filesOf(of)) {
          sums.files[name] = createHash('sha256').update(bytes).digest('hex');
          await write({ name: `${FILES}${name}`, bytes });
        }
        sums.sequences = await sequencesOf(tx);
        await write({ name: SUMS, bytes: Buffer.from(JSON.stringify(sums)) });
        const all = Object.values(sums.tables);
        said = {
          tables: all.length,
          rows: all.reduce((sum, { rows }) => sum + rows, 0),
          bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
          head: await headOfLedger(queriesOn(tx)),
        };
      });
    }),
  );
  return said as BackedUp;
}

function* filesOf({ data, settingsFile }: { data: string; settingsFile: string }): Generator<[string, Buffer]> {
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
