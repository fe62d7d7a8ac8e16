import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../server/settings/index.ts';
import { joinStore, openStore, type Store } from '../../server/store/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { newDatabaseUrl } from './database-url.ts';

export const migrations = path.resolve(import.meta.dirname, '../../server/store/migrations');
export const quiet = createLog('silent');

export function temporaryFolder(name: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `parlour-test-${name}-`));
  fs.chmodSync(folder, 0o755);
  return folder;
}

const settingsOf = (data: string, url: string) =>
  loadSettings({ environment: {}, overrides: { data, database: { url } } });

/** A real database: on an empty folder, or in the server that many tests share. */
export async function openTestStore(data: string): Promise<Store> {
  return openStore(settingsOf(data, await newDatabaseUrl()), migrations, quiet);
}

/**
 * A real database in a server of its own: for tests that stop it, fill its disk, change its settings or begin before the
 * newest migrations.
 */
export const openOwnStore = (data: string, folder = migrations): Promise<Store> =>
  openStore(settingsOf(data, ''), folder, quiet);

/** The database of a test appliance, beside it. */
export const joinTestStore = ({ data }: { data: string }): Promise<Store> =>
  joinStore(settingsOf(data, ''), migrations, quiet);
