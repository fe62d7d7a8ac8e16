import { Audit } from '../audit/index.ts';
import type { LedgerState } from '../contract/index.ts';
import { checkLedger, headLine } from '../ledger/index.ts';
import { type Connection, makeSchema, type Queries, queriesOn, type Store } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import { BackupError, type Entry, type Key, readContainer } from './container.ts';
import { FILES, RestoredFiles } from './files.ts';
import { headOf, SUMS, type Sums, sumsOf, totalOf } from './manifest.ts';
import { copyIn, emptyTables, type Sum, setSequences, type Table, tablesOf, withoutRules } from './tables.ts';

export interface Restored {
  readonly madeAt: string;
  readonly version: string;
  readonly tables: number;
  readonly rows: number;
  readonly transfers: number;
  /** The ledger's newest batch, as `number:hash`; null before the first. What came later than this is not there. */
  readonly head: string | null;
  readonly files: readonly string[];
}

/**
 * Puts a backup in the place of what the database holds: all of it, found whole and right, or nothing.
 * @param into.migrations folder of this version's migrations; those that the backup lacks are applied to it
 * @throws BackupError when the file does not open, is damaged, foreign or newer, or its books do not add up
 */
export async function restoreBackup(
  store: Store,
  into: { data: string; migrations: string },
  file: string,
  key: Key,
  log: Log,
): Promise<Restored> {
  const files = new RestoredFiles();
  const reader = new EntryReader(readContainer(file, key));
  try {
    const { madeAt, version, migrations, tables } = headOf(await reader.next());
    const { sums, ledger } = await store.exclusive((sql) =>
      sql.begin(async (tx) => ({
        sums: await makeSchema(tx, into.migrations, migrations, () => fill(tx, tables, reader, files)),
        ledger: await prove(queriesOn(tx), log),
      })),
    );
    const { rows } = totalOf(sums.tables);
    const head = headLine(ledger.head);
    const transfers = ledger.transferCount;
    return { madeAt, version, tables: tables.length, rows, transfers, head, files: files.write(into.data) };
  } catch (error) {
    if (error instanceof BackupError || !isAboutValues(error)) throw error;
    throw new BackupError(`The backup does not fit the tables: ${(error as Error).message}.`, { cause: error });
  } finally {
    await reader.close();
  }
}

/** Fills the tables of the backup's own version. */
async function fill(sql: Connection, written: Table[], reader: EntryReader, files: RestoredFiles): Promise<Sums> {
  const tables = await tablesOf(sql);
  if (JSON.stringify(tables) !== JSON.stringify(written))
    throw new BackupError('The backup has other tables than its version makes: it is not one that Parlour wrote.');
  return withoutRules(sql, tables, async () => {
    await emptyTables(sql, tables);
    const found: Record<string, Sum> = {};
    for (const table of tables) found[table.name] = await copyIn(sql, table, reader.pieces(`tables/${table.name}/`));
    for await (const { name, bytes } of reader.while(FILES)) files.add(name.slice(FILES.length), bytes);
    const sums = sumsOf(await reader.next());
    compare(tables, found, sums);
    files.compare(sums.files);
    if (await reader.next()) throw new BackupError(`The backup goes on after ${SUMS}, which is its end.`);
    await setSequences(sql, sums.sequences);
    return sums;
  });
}

function compare(tables: readonly Table[], found: Record<string, Sum>, sums: Sums): void {
  for (const { name } of tables) {
    const [is, was] = [found[name], sums.tables[name]];
    if (is?.sha256 !== was?.sha256 || is?.rows !== was?.rows)
      throw new BackupError(`The backup is damaged: the table ${name} is not as it was.`);
  }
}

/** What nobody checks row by row: that the money adds up, and that both chains are as they were written. */
async function prove(queries: Queries, log: Log): Promise<LedgerState> {
  const ledger = await checkLedger(queries);
  if (!ledger.isBalanced)
    throw new BackupError('The books of the backup do not add up: the accounts are not what their transfers make.');
  if (ledger.firstBreak) throw new BackupError(`The ledger of the backup was changed. ${ledger.firstBreak}`);
  const { firstBreak } = await new Audit(queries, log).check();
  if (firstBreak !== null) throw new BackupError(`The audit log of the backup was changed, at line ${firstBreak}.`);
  return ledger;
}

/** A mistake in what was to be written, and not of the connection or of ours (PostgreSQL manual, appendix A). */
function isAboutValues(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown }).code));
}

/** The entries of a backup, with a look at the next one. */
class EntryReader {
  readonly #entries: AsyncGenerator<Entry>;
  #ahead: Promise<Entry | undefined> | null = null;

  constructor(entries: AsyncGenerator<Entry>) {
    this.#entries = entries;
  }

  async next(): Promise<Entry | undefined> {
    const entry = await this.#peek();
    this.#ahead = null;
    return entry;
  }

  /** Entries for as long as their names begin so. */
  async *while(prefix: string): AsyncGenerator<Entry> {
    for (;;) {
      const entry = await this.#peek();
      if (!entry?.name.startsWith(prefix)) return;
      this.#ahead = null;
      yield entry;
    }
  }

  async *pieces(prefix: string): AsyncGenerator<Buffer> {
    for await (const { bytes } of this.while(prefix)) yield bytes;
  }

  async close(): Promise<void> {
    await this.#entries.return(undefined).catch(() => {});
  }

  #peek(): Promise<Entry | undefined> {
    this.#ahead ??= this.#entries.next().then(({ value, done }) => (done ? undefined : value));
    return this.#ahead;
  }
}
