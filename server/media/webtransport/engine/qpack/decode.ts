// Field sections of QPACK without a dynamic table (RFC 9204 section 4.5): we allow none, so that
// nothing waits for another stream.
import { type Field, fieldBytes } from './field.ts';
import { PrefixedReader } from './prefixed.ts';
import { STATIC_TABLE } from './static-table.ts';

export type DecodedSection =
  | { readonly fields: readonly Field[] }
  /** `broken`: QPACK_DECOMPRESSION_FAILED; `too_large`: answered with 431. */
  | { readonly problem: 'broken' | 'too_large'; readonly why: string };

/** @param bytesMax as RFC 9114 section 4.2.2 counts them */
export function decodeFieldSection(bytes: Buffer, bytesMax: number): DecodedSection {
  const fields: Field[] = [];
  let total = 0;
  try {
    const reader = new PrefixedReader(bytes);
    if (reader.integer(8) !== 0) return { problem: 'broken', why: 'it needs the dynamic table' };
    reader.integer(7);
    while (!reader.isAtEnd) {
      const field = readField(reader);
      total += fieldBytes(field);
      if (total > bytesMax) return { problem: 'too_large', why: `over ${bytesMax} bytes` };
      fields.push(field);
    }
  } catch (error) {
    return { problem: 'broken', why: (error as Error).message };
  }
  return { fields };
}

/** Section 4.5.2 onwards; the top bits tell the representation. */
function readField(reader: PrefixedReader): Field {
  const first = reader.first;
  if ((first & 0xc0) === 0xc0) return entry(reader.integer(6));
  if ((first & 0xd0) === 0x50) return { name: entry(reader.integer(4)).name, value: reader.string(7) };
  if ((first & 0xe0) === 0x20) return { name: reader.string(3), value: reader.string(7) };
  throw new Error('a reference to the dynamic table');
}

function entry(index: number): Field {
  const field = STATIC_TABLE[index];
  if (!field) throw new Error(`no entry ${index} in the static table`);
  return field;
}
