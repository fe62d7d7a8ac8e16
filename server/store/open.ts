import type { Sql } from 'postgres';
import type { Settings } from '../settings/index.ts';
import type { Log } from '../telemetry/index.ts';
import { connect, type Where } from './connection.ts';
import { Database, type StoreUnavailable, type WriteTrouble } from './database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/supervisor.ts';
import { migrate } from './migrate.ts';

const READ_CONNECTIONS = 8;
const PROBE_MS_MAX = 2_000;
const END_MS_MAX = 2_000;
/** A statement that could not write tells of the database for so long, since a small probe may still fit. */
const TROUBLE_MS = 10_000;

export interface StoreHealth {
  readonly isUp: boolean;
  /** Why nothing can be written; null when it can, or when the database is down. */
  readonly trouble: WriteTrouble | null;
}

export interface Store {
  /** For everything but money. */
  readonly main: Database;
  /** For money: one connection, so that its statements run one after another and cannot deadlock. */
  readonly money: Database;
  /** Whether a small statement gets an answer now, and can write. */
  health(): Promise<StoreHealth>;
  /** Gives a connection of its own, without deadlines, for as long as `act` takes: for copies of whole tables. */
  exclusive<T>(act: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens the database named by `database.url`, or starts the embedded one, and migrates it.
 * @param migrationsFolder where the numbered SQL files are
 */
export async function openStore(settings: Settings, migrationsFolder: string, log: Log): Promise<Store> {
  const embedded: EmbeddedPostgres | null = settings.database.url
    ? null
    : await startEmbeddedPostgres(settings.data, log);
  const store = storeOn(embedded ? embedded.connection : settings.database.url, log, () => embedded?.stop());
  try {
    await migrate(store.main, migrationsFolder, log);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** A store on a running server. */
export function storeOn(connection: Where, log: Log, stop: () => Promise<void> | undefined): Store {
  const main = new Database(connection, { connections: READ_CONNECTIONS, log });
  const money = new Database(connection, {
    connections: 1,
    // A generic plan made while a table was empty once made a batch slower by orders of magnitude.
    parameters: { plan_cache_mode: 'force_custom_plan' },
    log,
  });
  return {
    main,
    money,
    async health() {
      const probe = await main.query('update store_probe set at = now()', [], { deadlineMs: PROBE_MS_MAX }).then(
        () => null,
        (_: StoreUnavailable) => main.recentTrouble(PROBE_MS_MAX),
      );
      const recent = money.recentTrouble(TROUBLE_MS) ?? main.recentTrouble(TROUBLE_MS);
      const trouble = probe ?? (recent === 'full' ? recent : null);
      const isUp = await main.query('select 1', [], { deadlineMs: PROBE_MS_MAX }).then(
        () => true,
        () => false,
      );
      return { isUp, trouble: isUp ? trouble : null };
    },
    async exclusive(act) {
      const sql = connect(connection, { max: 1 });
      try {
        return await act(sql);
      } finally {
        await sql.end({ timeout: END_MS_MAX / 1_000 });
      }
    },
    async close() {
      main.close();
      money.close();
      await stop();
    },
  };
}
