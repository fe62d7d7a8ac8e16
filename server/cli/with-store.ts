import { Option } from 'commander';
import { CONFIG_VARIABLE, loadSettings, type Settings } from '../settings/index.ts';
import { joinStore, type Store } from '../store/index.ts';
import { createLog, type Log } from '../telemetry/index.ts';
import { parts } from './parts.ts';

export interface ConfigOption {
  readonly config?: string;
}

/** The option that every command with settings takes; what is installed as a service sets its variable. */
export const configOption = (): Option =>
  new Option('-c, --config <file>', 'settings file (default: parlour.toml when there is one)').env(CONFIG_VARIABLE);

export const settingsOf = ({ config }: ConfigOption): Settings => loadSettings({ ...(config && { file: config }) });

/** Joins the appliance's database, while the appliance runs or not, and leaves it whatever happens. */
export async function withStore(
  options: ConfigOption,
  act: (store: Store, settings: Settings, log: Log) => Promise<void>,
): Promise<void> {
  const settings = settingsOf(options);
  const log = createLog('error');
  const store = await joinStore(settings, parts.migrations, log);
  try {
    await act(store, settings, log);
  } finally {
    await store.close();
  }
}
