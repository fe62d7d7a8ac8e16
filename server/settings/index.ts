// Module: settings. One file `parlour.toml` and variables `PARLOUR_…` become one typed, immutable
// object with a default for everything. In: file, environment. Out: Settings, or a sentence that
// names the key, the value and what is allowed.
export { checkSettings, describeSettings } from './describe.ts';
export { CONFIG_VARIABLE, loadSettings, SettingsError } from './load.ts';
export { currencyOf, type Settings, settingsSchema } from './schema.ts';
