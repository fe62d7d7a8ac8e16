import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { sentenceOf } from '../contract/index.ts';
import { BackupError, type Entry } from './container.ts';

/** Raised when an older program could not read what a newer one writes. */
export const FORMAT = 1;

const Migrations = Type.Array(Type.Object({ number: Type.Integer(), name: Type.String(), digest: Type.String() }));

/** The first entry: what it is, and of what. */
export const Head = Type.Object({
  format: Type.Integer(),
  version: Type.String(),
  madeAt: Type.String(),
  migrations: Migrations,
  tables: Type.Array(Type.Object({ name: Type.String(), columns: Type.Array(Type.String()) })),
});
export type Head = Type.Static<typeof Head>;

/** The last entry: what everything before it came to. A file without one was cut short. */
export const Sums = Type.Object({
  tables: Type.Record(
    Type.String(),
    Type.Object({ rows: Type.Integer(), bytes: Type.Integer(), sha256: Type.String() }),
  ),
  files: Type.Record(Type.String(), Type.String({ description: 'SHA-256' })),
  sequences: Type.Array(Type.Object({ name: Type.String(), last: Type.String(), isCalled: Type.Boolean() })),
});
export type Sums = Type.Static<typeof Sums>;

const checks = { 'backup.json': Compile(Head), 'sums.json': Compile(Sums) };
export const HEAD = 'backup.json';
export const SUMS = 'sums.json';

const parsed = (entry: Entry): unknown => {
  try {
    return JSON.parse(entry.bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** @throws BackupError when the file is no backup, or a newer program's */
export function headOf(entry: Entry | undefined): Head {
  const value = entry?.name === HEAD ? parsed(entry) : undefined;
  const format = (value as Partial<Head> | undefined)?.format;
  if (typeof format === 'number' && format > FORMAT)
    throw new BackupError(
      `The backup has format ${format}, and this version reads up to ${FORMAT}. Use a newer Parlour.`,
    );
  const check = checks[HEAD];
  if (!check.Check(value)) throw new BackupError('The file opens, and holds no backup of Parlour.');
  return value;
}

/** @throws BackupError when the backup was cut short */
export function sumsOf(entry: Entry | undefined): Sums {
  const value = entry?.name === SUMS ? parsed(entry) : undefined;
  const check = checks[SUMS];
  if (!check.Check(value))
    throw new BackupError(
      `The backup ends before its end: ${entry ? sentenceOf(check.Errors(value)[0], SUMS) : 'no sums'}.`,
    );
  return value;
}
