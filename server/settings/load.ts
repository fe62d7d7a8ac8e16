import fs from 'node:fs';
import path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { Value } from 'typebox/value';
import { fieldOf, isUnknownField, type Problem, type SettingSource } from '../contract/index.ts';
import { type Settings, settingsSchema } from './schema.ts';
import { type AnySchema, leavesOf, type Tree } from './tree.ts';

/** Names the settings file; no setting itself. */
export const CONFIG_VARIABLE = 'PARLOUR_CONFIG';

/** A setting that cannot be used; the message is for the operator. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  /** The setting that it is about, and what it was set to. */
  readonly at: { readonly key: string; readonly value: unknown } | null;

  constructor(message: string, at: SettingsError['at'] = null) {
    super(message);
    this.at = at;
  }
}

/** Where each setting that has no default value comes from. */
const sources = new WeakMap<Settings, ReadonlyMap<string, SettingSource>>();

export const sourcesOf = (settings: Settings): ReadonlyMap<string, SettingSource> => sources.get(settings) ?? new Map();

/**
 * Reads the settings: defaults, then the file, then the environment, then `overrides`.
 * @param options.file path of `parlour.toml`; when it was not asked for by name it may be absent
 * @param options.text the file's text instead
 * @throws SettingsError that names the key, the value and what is allowed
 */
export function loadSettings(options: {
  file?: string;
  text?: string;
  environment?: NodeJS.ProcessEnv;
  overrides?: Tree;
}): Settings {
  const tree: Tree = {};
  const fromFile = options.text === undefined ? readFile(options.file) : parseToml('parlour.toml', options.text);
  const fromEnvironment = readEnvironment(options.environment ?? process.env);
  merge(tree, fromFile);
  merge(tree, fromEnvironment);
  merge(tree, options.overrides ?? {});
  const settings = Value.Default(settingsSchema, withSections(tree));
  const problem = Value.Errors(settingsSchema, settings)[0];
  if (problem) {
    const key = fieldOf(problem);
    throw new SettingsError(describe(problem, settings), { key, value: valueIn(settings, key) });
  }
  const complete = settings as Settings & { data: string };
  if (complete.data === '') complete.data = defaultDataFolder();
  complete.data = path.resolve(complete.data);
  sources.set(complete, sourcesIn(fromFile, fromEnvironment));
  return deepFreeze(complete);
}

function sourcesIn(file: Tree, environment: Tree): Map<string, SettingSource> {
  const isIn = (tree: Tree, keys: readonly string[]) =>
    keys.reduce<unknown>((at, key) => (isTree(at) ? at[key] : undefined), tree) !== undefined;
  return new Map(
    leavesOf().flatMap(({ keys }): [string, SettingSource][] => {
      if (isIn(environment, keys)) return [[keys.join('.'), 'environment']];
      return isIn(file, keys) ? [[keys.join('.'), 'file']] : [];
    }),
  );
}

/** As root the database runs as another user, who cannot reach into root's home. */
function defaultDataFolder(): string {
  return process.getuid?.() === 0 ? '/var/lib/parlour' : 'data';
}

function readFile(file: string | undefined): Tree {
  const name = file ?? 'parlour.toml';
  if (!fs.existsSync(name)) {
    if (file === undefined) return {};
    throw new SettingsError(`There is no settings file at ${name}.`);
  }
  return parseToml(name, fs.readFileSync(name, 'utf8'));
}

function parseToml(name: string, text: string): Tree {
  try {
    return parse(text) as Tree;
  } catch (error) {
    if (error instanceof TomlError) throw new SettingsError(`${name}: ${error.message}`);
    throw error;
  }
}

/** `PARLOUR_FRONT_PORT` is `front.port`; `DATABASE_URL` is `database.url`. */
function readEnvironment(environment: NodeJS.ProcessEnv): Tree {
  const tree: Tree = {};
  if (environment.DATABASE_URL) tree.database = { url: environment.DATABASE_URL };
  const unknown = new Set(Object.keys(environment).filter((name) => name.startsWith('PARLOUR_')));
  unknown.delete(CONFIG_VARIABLE);
  for (const { keys, schema, variable } of leavesOf()) {
    unknown.delete(variable);
    const text = environment[variable];
    if (text === undefined) continue;
    const value = fromText(text, schema);
    const [first, second] = keys as [string, string?];
    merge(tree, second === undefined ? { [first]: value } : { [first]: { [second]: value } });
  }
  const [stray] = unknown;
  if (stray) throw new SettingsError(`${stray} is set in the environment, but there is no such setting.`);
  return tree;
}

function fromText(text: string, schema: AnySchema): unknown {
  if (schema.type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (schema.type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  if (schema.type === 'array')
    return text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
  return text;
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    const before = into[key];
    if (isTree(value) && isTree(before)) merge(before, value);
    else into[key] = isTree(value) ? { ...value } : value;
  }
}

/** Sections that nobody named get their defaults too. */
function withSections(tree: Tree): Tree {
  const sections = Object.entries((settingsSchema as unknown as AnySchema).properties ?? {});
  return {
    ...Object.fromEntries(sections.filter(([, schema]) => schema.properties).map(([key]) => [key, {}])),
    ...tree,
  };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const valueIn = (settings: unknown, field: string): unknown =>
  field.split('.').reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], settings);

function describe(problem: Problem, settings: unknown): string {
  const field = fieldOf(problem);
  if (isUnknownField(problem)) return `There is no setting "${field}".`;
  const keys = field.split('.');
  const value = valueIn(settings, field);
  const leaf = keys.reduce<AnySchema | undefined>(
    (at, key) => at?.properties?.[key],
    settingsSchema as unknown as AnySchema,
  );
  return `Setting "${field}" is ${JSON.stringify(value)}: ${leaf ? allowed(leaf) : problem.message}.`;
}

function allowed(schema: AnySchema): string {
  const choices = (schema.anyOf as { const: unknown }[] | undefined)?.map((choice) => JSON.stringify(choice.const));
  if (choices) return `allowed are ${choices.join(', ')}`;
  if (schema.type === 'integer') return `allowed is a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') return 'allowed is a list of texts';
  if (schema.type === 'boolean') return 'allowed are true and false';
  if (schema.pattern) return `allowed is a text of the form ${schema.pattern}`;
  return `allowed is a text${schema.minLength ? ` of at least ${schema.minLength} characters` : ''}`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
