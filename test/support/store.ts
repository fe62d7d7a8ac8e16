import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../server/settings/index.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { createLog } from '../../server/telemetry/index.ts';

export const migrations = path.resolve(import.meta.dirname, '../../server/store/migrations');
export const quiet = createLog('silent');

export function temporaryFolder(name: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `parlour-test-${name}-`));
  fs.chmodSync(folder, 0o755);
  return folder;
}

/** A real database on an empty folder. */
export function openTestStore(data: string): Promise<Store> {
  return openStore(loadSettings({ environment: {}, overrides: { data } }), migrations, quiet);
}
