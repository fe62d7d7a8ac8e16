import fs from 'node:fs';
import path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { fieldOf, isUnknownField, type Problem } from '../contract/index.ts';
import { type Settings, settingsSchema } from './schema.ts';

/** A setting that cannot be used; the message is for the operator. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Tree = { [key: string]: unknown };
type AnySchema = TSchema & Record<string, unknown> & { properties?: Record<string, AnySchema> };

/**
 * Reads the settings: defaults, then the file, then the environment, then `overrides`.
 * @param file path of `parlour.toml`; when it was not asked for by name it may be absent
 * @throws SettingsError that names the key, the value and what is allowed
 */
export function loadSettings(options: { file?: string; environment?: NodeJS.ProcessEnv; overrides?: Tree }): Settings {
  const tree: Tree = {};
  merge(tree, readFile(options.file));
  merge(tree, readEnvironment(options.environment ?? process.env));
  merge(tree, options.overrides ?? {});
  const settings = Value.Default(settingsSchema, withSections(tree));
  const problem = Value.Errors(settingsSchema, settings)[0];
  if (problem) throw new SettingsError(describe(problem, settings));
  const complete = settings as Settings & { data: string };
  if (complete.data === '') complete.data = defaultDataFolder();
  complete.data = path.resolve(complete.data);
  return deepFreeze(complete);
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
  try {
    return parse(fs.readFileSync(name, 'utf8')) as Tree;
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
  for (const [section, schema] of Object.entries((settingsSchema as unknown as AnySchema).properties ?? {})) {
    const leaves: [string[], AnySchema][] = schema.properties
      ? Object.entries(schema.properties).map(([key, leaf]) => [[section, key], leaf])
      : [[[section], schema]];
    for (const [keys, leaf] of leaves) {
      const name = `PARLOUR_${keys.map((key) => key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()).join('_')}`;
      unknown.delete(name);
      const text = environment[name];
      if (text === undefined) continue;
      const value = fromText(text, leaf);
      merge(tree, keys.length === 2 ? { [keys[0] as string]: { [keys[1] as string]: value } } : { [section]: value });
    }
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

function describe(problem: Problem, settings: unknown): string {
  const field = fieldOf(problem);
  if (isUnknownField(problem)) return `There is no setting "${field}".`;
  const keys = field.split('.');
  const value = keys.reduce<unknown>((at, key) => (at as Tree)?.[key], settings);
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
