import { headLine, headOfLedger } from '../ledger/index.ts';
import { appliedMigrations, queriesOn, type Store } from '../store/index.ts';
import { type Lock, writeContainer } from './container.ts';
import { digestOf, FILES, filesOf } from './files.ts';
import { FORMAT, HEAD, type Head, SUMS, type Sums, totalOf } from './manifest.ts';
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
  return writeContainer(file, lock, (write) =>
    store.exclusive((sql) =>
      sql.begin('isolation level repeatable read read only', async (tx) => {
        const queries = queriesOn(tx);
        const tables = await tablesOf(tx);
        const head: Head = {
          format: FORMAT,
          version: of.version,
          madeAt: new Date().toISOString(),
          migrations: await appliedMigrations(queries),
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
          sums.files[name] = digestOf(bytes);
          await write({ name: `${FILES}${name}`, bytes });
        }
        sums.sequences = await sequencesOf(tx);
        await write({ name: SUMS, bytes: Buffer.from(JSON.stringify(sums)) });
        return { ...totalOf(sums.tables), head: headLine(await headOfLedger(queries)) };
      }),
    ),
  );
}
