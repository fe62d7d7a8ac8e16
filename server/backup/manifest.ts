import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { sentenceOf } from '../contract/index.ts';
import { BackupError, type Entry } from './container.ts';

/** Raised when an older program could not read what a newer one writes. */
export const FORMAT = 1;
/** The first entry: what it is, and of what. */
export const HEAD = 'backup.json';
/** The last entry: what everything before it came to. A file without one was cut short. */
export const SUMS = 'sums.json';

export type Head = Static<typeof Head>;
const Head = Type.Object({
  format: Type.Integer(),
  version: Type.String(),
  madeAt: Type.String(),
  migrations: Type.Array(Type.Object({ number: Type.Integer(), name: Type.String(), digest: Type.String() })),
  tables: Type.Array(Type.Object({ name: Type.String(), columns: Type.Array(Type.String()) })),
});
const headCheck = Compile(Head);

export type Sums = Static<typeof Sums>;
const Sums = Type.Object({
  tables: Type.Record(
    Type.String(),
    Type.Object({ rows: Type.Integer(), bytes: Type.Integer(), sha256: Type.String() }),
  ),
  files: Type.Record(Type.String(), Type.String({ description: 'SHA-256' })),
  sequences: Type.Array(Type.Object({ name: Type.String(), last: Type.String(), isCalled: Type.Boolean() })),
});
const sumsCheck = Compile(Sums);

/** The value of an entry of that name; nothing when it is another, or no JSON. */
function valueIn(entry: Entry | undefined, name: string): unknown {
  if (entry?.name !== name) return undefined;
  try {
    return JSON.parse(entry.bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** @throws BackupError when the file is no backup, or a newer program's */
export function headOf(entry: Entry | undefined): Head {
  const value = valueIn(entry, HEAD);
  const format = (value as Partial<Head> | undefined)?.format;
  if (typeof format === 'number' && format > FORMAT) {
    throw new BackupError(
      `The backup has format ${format}, and this version reads up to ${FORMAT}. Use a newer Parlour.`,
    );
  }
  if (!headCheck.Check(value)) throw new BackupError('The file opens, and holds no backup of Parlour.');
  return value;
}

/** @throws BackupError when the backup was cut short */
export function sumsOf(entry: Entry | undefined): Sums {
  const value = valueIn(entry, SUMS);
  if (!sumsCheck.Check(value)) {
    const missing = entry ? sentenceOf(sumsCheck.Errors(value)[0], SUMS) : 'no sums.';
    throw new BackupError(`The backup ends before its end: ${missing}`);
  }
  return value;
}

/** All tables together. @returns bytes of their text form, before they are packed */
export function totalOf(tables: Sums['tables']): { tables: number; rows: number; bytes: number } {
  const all = Object.values(tables);
  return {
    tables: all.length,
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
