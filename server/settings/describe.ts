import { Value } from 'typebox/value';
import type { SettingLine, SettingRange, SettingSource, SettingsChecked } from '../contract/index.ts';
import { loadSettings, SettingsError, sourcesOf } from './load.ts';
import { type Settings, settingsSchema } from './schema.ts';
import { type AnySchema, leavesOf } from './tree.ts';

/** Never shown: who reads them could spend money, or let people in. */
const SECRETS = new Set([
  'database.url',
  'media.turnSecret',
  'payments.btcpayApiKey',
  'payments.btcpayWebhookSecret',
  'payments.webhookSecret',
]);

/** A value as it would stand in `parlour.toml`. */
const written = (value: unknown): string => JSON.stringify(value);

const valueAt = (settings: object, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], settings);

const defaults = (): object => {
  const sections = Object.entries((settingsSchema as unknown as AnySchema).properties ?? {});
  const empty = Object.fromEntries(sections.filter(([, schema]) => schema.properties).map(([key]) => [key, {}]));
  return Value.Default(settingsSchema, empty) as object;
};

function rangeOf(schema: AnySchema): SettingRange {
  const choices = schema.anyOf as { const: unknown }[] | undefined;
  if (choices) return { kind: 'choice', choices: choices.map((choice) => written(choice.const)) };
  if (schema.type === 'integer') {
    return { kind: 'integer', minimum: Number(schema.minimum), maximum: Number(schema.maximum) };
  }
  if (schema.type === 'boolean') return { kind: 'boolean' };
  if (schema.type === 'array') return { kind: 'list' };
  return { kind: 'text', form: String(schema.pattern ?? '') };
}

/** Every setting with its value, where it comes from, what it is for and what is allowed. */
export function describeSettings(settings: Settings): SettingLine[] {
  const sources = sourcesOf(settings);
  const byDefault = defaults();
  return leavesOf().map(({ keys, schema, variable }) => {
    const key = keys.join('.');
    const value = valueAt(settings, keys);
    const isSecret = SECRETS.has(key);
    return {
      key,
      variable,
      value: isSecret ? null : written(value),
      defaultValue: written(valueAt(byDefault, keys)),
      isSecret,
      isSet: value !== '',
      source: sources.get(key) ?? ('default' satisfies SettingSource),
      description: String(schema.description ?? ''),
      allowed: rangeOf(schema),
    };
  });
}

/**
 * Whether a text would be taken as `parlour.toml`, and what would change with the next start. Variables of the
 * environment go before the file, here as at the start.
 */
export function checkSettings(settings: Settings, text: string): SettingsChecked {
  try {
    const next = loadSettings({ text });
    const changes = leavesOf().flatMap(({ keys }) => {
      const key = keys.join('.');
      const [from, to] = [valueAt(settings, keys), valueAt(next, keys)].map(written) as [string, string];
      if (from === to) return [];
      return [SECRETS.has(key) ? { key, from: null, to: null } : { key, from, to }];
    });
    return { problem: null, refused: null, changes };
  } catch (error) {
    if (error instanceof SettingsError) return { problem: error.message, refused: refusedBy(error), changes: [] };
    throw error;
  }
}

function refusedBy({ at }: SettingsError): SettingsChecked['refused'] {
  if (at === null) return null;
  // A problem of one of a list's texts is one of the list.
  const leaf = leavesOf().find(({ keys }) => `${at.key}.`.startsWith(`${keys.join('.')}.`));
  if (!leaf) return { key: at.key, value: null, allowed: null };
  const key = leaf.keys.join('.');
  return { key, value: SECRETS.has(key) ? null : written(at.value), allowed: rangeOf(leaf.schema) };
}
