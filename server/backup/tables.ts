// Every table of the appliance as text, and back. What there is is asked of the database's own catalogue, so that a
// table which a later version adds is in its backups by itself.
import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Connection } from '../store/index.ts';
import { BackupError, ENTRY_BYTES_MAX } from './container.ts';

export interface Table {
  readonly name: string;
  readonly columns: string[];
}

/** What a table came to, in its text form. */
export interface Sum {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Sequence {
  readonly name: string;
  /** Text, since it may be beyond 2^53. */
  readonly last: string;
  readonly isCalled: boolean;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const copyOf = ({ name, columns }: Table) => `copy ${quoted(name)} (${columns.map(quoted).join(', ')})`;

/** Tables in the order of their names, with the columns that hold something of their own. */
export async function tablesOf(sql: Connection): Promise<Table[]> {
  return sql.unsafe<Table[]>(
    `select t.table_name as name, json_agg(c.column_name order by c.ordinal_position) as columns
       from information_schema.tables t
       join information_schema.columns c using (table_schema, table_name)
      where t.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
      group by t.table_name order by t.table_name`,
  );
}

/** One table, in pieces that are small enough for an entry. */
export async function copyOut(
  sql: Connection,
  table: Table,
  write: (piece: Buffer, index: number) => Promise<void>,
): Promise<Sum> {
  const sum = new Summing();
  let index = 0;
  const copy = await sql.unsafe(`${copyOf(table)} to stdout`).readable();
  for await (const chunk of copy) {
    const bytes = chunk as Buffer;
    sum.add(bytes);
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES_MAX)
      await write(bytes.subarray(at, at + ENTRY_BYTES_MAX), index++);
  }
  // postgres.js 3.4.9 stops reading from the server when a piece is more than was asked for, and goes on when it is asked
  // for more, which nobody does after the last piece.
  copy._read(0);
  return sum.result();
}

/** Fills one table from its pieces. */
export async function copyIn(sql: Connection, table: Table, pieces: AsyncIterable<Buffer>): Promise<Sum> {
  const sum = new Summing();
  const counted = async function* () {
    for await (const piece of pieces) {
      sum.add(piece);
      yield piece;
    }
  };
  await pipeline(Readable.from(counted()), await sql.unsafe(`${copyOf(table)} from stdin`).writable());
  return sum.result();
}

class Summing {
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;
  #rows = 0;

  /** In the text form a line's end stands at the end of each row and nowhere else. */
  add(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) this.#rows += 1;
  }

  result(): Sum {
    return { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

/** Where each sequence stands. Numbers that were given out and not used stay used. */
export async function sequencesOf(sql: Connection): Promise<Sequence[]> {
  const names = await sql.unsafe<{ name: string }[]>(
    `select sequencename as name from pg_sequences where schemaname = 'public' order by sequencename`,
  );
  const sequences: Sequence[] = [];
  for (const { name } of names) {
    const [row] = await sql.unsafe<{ last: string; isCalled: boolean }[]>(
      `select last_value::text as last, is_called as "isCalled" from ${quoted(name)}`,
    );
    if (row) sequences.push({ name, ...row });
  }
  return sequences;
}

export async function setSequences(sql: Connection, sequences: readonly Sequence[]): Promise<void> {
  for (const { name, last, isCalled } of sequences)
    await sql.unsafe('select setval($1::text::regclass, $2::text::bigint, $3)', [quoted(name), last, isCalled]);
}

/**
 * Lets tables be filled in any order, by whoever owns them: without their references and without the triggers that keep
 * what is final. Both are there again after, and each reference is checked row by row.
 * @throws BackupError when a reference leads nowhere
 */
export async function withoutRules<T>(sql: Connection, tables: readonly Table[], act: () => Promise<T>): Promise<T> {
  const references = await sql.unsafe<{ table: string; name: string; definition: string }[]>(
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by conname`,
  );
  for (const { table, name } of references) await sql.unsafe(`alter table ${table} drop constraint ${quoted(name)}`);
  for (const { name } of tables) await sql.unsafe(`alter table ${quoted(name)} disable trigger user`);
  const result = await act();
  for (const { name } of tables) await sql.unsafe(`alter table ${quoted(name)} enable trigger user`);
  for (const { table, name, definition } of references) {
    try {
      await sql.unsafe(`alter table ${table} add constraint ${quoted(name)} ${definition}`);
    } catch (error) {
      throw new BackupError(`The backup contradicts itself: ${(error as Error).message}.`, { cause: error });
    }
  }
  return result;
}

/** Migrations write rows of their own; a backup has them, too. */
export async function emptyTables(sql: Connection, tables: readonly Table[]): Promise<void> {
  await sql.unsafe(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`);
}
