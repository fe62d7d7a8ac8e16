import type { Settings } from '../settings/index.ts';
import type { Log } from '../telemetry/index.ts';
import { Database, type StoreUnavailable } from './database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/supervisor.ts';
import { migrate } from './migrate.ts';

const READ_CONNECTIONS = 8;

export interface Store {
  /** For everything but money. */
  readonly main: Database;
  /** For money: one connection, so that its statements run one after another and cannot deadlock. */
  readonly money: Database;
  /** Whether a trivial statement gets an answer now. */
  isUp(): Promise<boolean>;
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
  const connection = embedded ? embedded.connection : settings.database.url;
  const main = new Database(connection, { connections: READ_CONNECTIONS, log });
  const money = new Database(connection, {
    connections: 1,
    // A generic plan made while a table was empty once made a batch slower by orders of magnitude.
    parameters: { plan_cache_mode: 'force_custom_plan' },
    log,
  });
  const store: Store = {
    main,
    money,
    isUp: () =>
      main.query('select 1', [], { deadlineMs: 2_000 }).then(
        () => true,
        (_: StoreUnavailable) => false,
      ),
    async close() {
      main.close();
      money.close();
      await embedded?.stop();
    },
  };
  try {
    await migrate(main, migrationsFolder, log);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}
