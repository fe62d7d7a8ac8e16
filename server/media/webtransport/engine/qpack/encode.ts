import type { Field } from './field.ts';
import { encodeInteger, encodeString } from './prefixed.ts';
import { STATIC_TABLE } from './static-table.ts';

/** A field section (RFC 9204 section 4.5) of static entries and literals. */
export function encodeFieldSection(fields: readonly Field[]): Buffer {
  // Required Insert Count and Base are 0: nothing of it stands in the dynamic table.
  return Buffer.from([0, 0, ...fields.flatMap(encodeField)]);
}

function encodeField({ name, value }: Field): number[] {
  const whole = STATIC_TABLE.findIndex((entry) => entry.name === name && entry.value === value);
  if (whole >= 0) return encodeInteger(whole, 6, 0xc0);
  const sameName = STATIC_TABLE.findIndex((entry) => entry.name === name);
  const start = sameName >= 0 ? encodeInteger(sameName, 4, 0x50) : encodeString(name, 3, 0x20);
  return [...start, ...encodeString(value, 7, 0)];
}
