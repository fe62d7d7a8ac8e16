import postgres, { type Sql, type TransactionSql } from 'postgres';

export type Row = Record<string, unknown>;

/** Where a server is: postgres.js's options, or a URL. */
export type Where = postgres.Options<Record<string, postgres.PostgresType>> | string;

/** A connection of one's own, in a transaction. */
export type Connection = TransactionSql;

/** Statements, wherever they run: in the pool, each for itself, or in a transaction. */
export interface Queries {
  query<R extends Row = Row>(
    text: string,
    values?: readonly unknown[],
    options?: { deadlineMs?: number },
  ): Promise<R[]>;
  /** The one row of a statement that always gives one. */
  one<R extends Row = Row>(text: string, values?: readonly unknown[], options?: { deadlineMs?: number }): Promise<R>;
}

/** A connection that takes longer to be made has failed. */
export const CONNECT_MS_MAX = 5_000;

/** A client of postgres.js that reads and writes values as all of ours do. */
export function connect(
  where: Where,
  { parameters, ...options }: { max: number; socket?: unknown; parameters?: Record<string, string> },
): Sql {
  const all = {
    ...options,
    connect_timeout: CONNECT_MS_MAX / 1_000,
    backoff: false,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'parlour', ...parameters },
    types: {
      bigint: { to: 20, from: [20], serialize: String, parse: parseBigint },
      // Without fetch_types postgres.js does not know arrays; these are the ones we bind.
      textArray: { to: 1009, from: [1009], serialize: arrayLiteral, parse: String },
      integerArray: { to: 1007, from: [1007], serialize: arrayLiteral, parse: String },
      bigintArray: { to: 1016, from: [1016], serialize: arrayLiteral, parse: String },
    },
  };
  return (typeof where === 'string' ? postgres(where, all) : postgres({ ...where, ...all })) as unknown as Sql;
}

/** Statements within a transaction; they wait for as long as it takes. */
export function queriesOn(sql: Connection): Queries {
  const query = async <R extends Row>(text: string, values: readonly unknown[] = []) =>
    (await sql.unsafe(text, [...values] as never[])) as unknown as R[];
  return {
    query,
    one: async <R extends Row>(text: string, values?: readonly unknown[]) =>
      firstOf(await query<R>(text, values), text),
  };
}

/** The row of a statement that always gives one. */
export function firstOf<R>([row]: readonly R[], text: string): R {
  if (!row) throw new Error(`a statement that gives a row gave none: ${text.slice(0, 80)}`);
  return row;
}

/** Every bigint of ours is an id or an amount below 2^53. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`a number beyond 2^53 in the database: ${text}`);
  return value;
}

/** PostgreSQL's text form of an array (manual, section 8.15.2): every value quoted, null bare. */
function arrayLiteral(values: readonly unknown[]): string {
  const quote = (value: unknown) => `"${String(value).replace(/["\\]/g, '\\$&')}"`;
  return `{${values.map((value) => (value === null ? 'NULL' : quote(value))).join(',')}}`;
}
