import type { TSchema } from 'typebox';
import { settingsSchema } from './schema.ts';

export type Tree = { [key: string]: unknown };
export type AnySchema = TSchema & Record<string, unknown> & { properties?: Record<string, AnySchema> };

/** One setting: the way to it, what it may be, and the variable that sets it. */
export interface Leaf {
  readonly keys: readonly string[];
  readonly schema: AnySchema;
  readonly variable: string;
}

/** Every setting. `front.port` is also `PARLOUR_FRONT_PORT`. */
export function leavesOf(): Leaf[] {
  const sections = Object.entries((settingsSchema as unknown as AnySchema).properties ?? {});
  return sections.flatMap(([section, schema]) =>
    schema.properties
      ? Object.entries(schema.properties).map(([key, leaf]) => leafOf([section, key], leaf))
      : [leafOf([section], schema)],
  );
}

const leafOf = (keys: readonly string[], schema: AnySchema): Leaf => ({
  keys,
  schema,
  variable: `PARLOUR_${keys.map((key) => key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()).join('_')}`,
});
