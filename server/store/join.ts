import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../settings/index.ts';
import type { Log } from '../telemetry/index.ts';
import { DataFolderInUse, holdDataFolder } from './data-folder.ts';
import { runningPostgres } from './embedded/supervisor.ts';
import { openStore, type Store, storeOn } from './open.ts';

const JOIN_MS_MAX = 15_000;
const JOIN_POLL_MS = 100;

/**
 * The store for a command beside the appliance: joins the database of the one that runs, and starts the
 * database only when none runs. A running appliance's database is never stopped, nor its schema changed.
 * Whoever closes the store leaves things as they were.
 */
export async function joinStore(settings: Settings, migrationsFolder: string, log: Log): Promise<Store> {
  if (settings.database.url) return storeOn(settings.database.url, log, () => undefined);
  try {
    return await holdStore(settings, migrationsFolder, log);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    return joinRunning(settings.data, log);
  }
}

/**
 * The store for a command that wants the appliance stopped; none can start before it is closed.
 * @throws DataFolderInUse when one runs
 */
export async function holdStore(settings: Settings, migrationsFolder: string, log: Log): Promise<Store> {
  const letGo = await holdDataFolder(settings.data);
  try {
    const store = await openStore(settings, migrationsFolder, log);
    return {
      ...store,
      async close() {
        await store.close();
        letGo();
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

/** The appliance that holds the folder may still be starting its database. */
async function joinRunning(dataDir: string, log: Log): Promise<Store> {
  const giveUpAt = performance.now() + JOIN_MS_MAX;
  for (;;) {
    const connection = runningPostgres(dataDir);
    if (connection) return storeOn(connection, log, () => undefined);
    if (performance.now() > giveUpAt) throw new DataFolderInUse(`Another Parlour works on ${dataDir}; try again.`);
    await sleep(JOIN_POLL_MS);
  }
}
