import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Log } from '../telemetry/index.ts';
import type { Connection, Queries } from './connection.ts';
import type { Database } from './database.ts';

/** The database's schema is not one that this version can work with; the message is for the operator. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Any number, the same in every version: whoever holds this advisory lock migrates. */
const MIGRATION_LOCK = 7_264_501;

const OWN_TABLE = `create table if not exists schema_migration (
       number integer primary key, name text not null, digest text not null,
       applied_at timestamptz not null default now())`;

export interface Applied {
  readonly number: number;
  readonly name: string;
  readonly digest: string;
}

interface Migration extends Applied {
  readonly text: string;
}

/**
 * Brings the schema up to date: applies each `NNN_name.sql` that is not there yet, by number, each in a
 * transaction of its own, under a lock that only one appliance can hold.
 * @throws MigrationError when the database is newer than this version, or a migration that was
 *   applied has another text now
 */
export async function migrate(database: Database, folder: string, log: Log): Promise<void> {
  await database.script(OWN_TABLE);
  const known = readMigrations(folder);
  for (;;) {
    const applied = await appliedMigrations(database);
    refuseForeign(applied, known, 'database');
    const done = new Set(applied.map((row) => row.number));
    const next = known.find((migration) => !done.has(migration.number));
    if (!next) return;
    try {
      // Statements sent together are one transaction: the lock, the mark and the change, or nothing.
      await database.script(`select pg_advisory_xact_lock(${MIGRATION_LOCK}); ${markOf(next)} ${next.text}`);
      log.info({ migration: next.name }, 'applied a migration');
    } catch (error) {
      if (!isMarkedByAnother(error)) throw error;
    }
  }
}

/** What was applied, by number. */
export const appliedMigrations = (queries: Queries): Promise<Applied[]> =>
  queries.query<Applied & Record<string, unknown>>('select number, name, digest from schema_migration order by number');

/**
 * Makes the schema anew, within a transaction: as it was after some migrations, for what that version has written, and
 * then brought up to date. Everything that was there goes.
 * @returns what `fill` gives
 * @throws MigrationError when one of them is newer than this version, or had another text
 */
export async function makeSchema<T>(
  sql: Connection,
  folder: string,
  applied: readonly Applied[],
  fill: () => Promise<T>,
): Promise<T> {
  const known = readMigrations(folder);
  refuseForeign(applied, known, 'backup');
  const isApplied = ({ number }: Migration) => applied.some((one) => one.number === number);
  const run = (text: string) => sql.unsafe(text).simple();
  await run(`select pg_advisory_xact_lock(${MIGRATION_LOCK}); drop schema public cascade; create schema public;`);
  await run(OWN_TABLE);
  for (const { text } of known.filter(isApplied)) await run(text);
  const result = await fill();
  for (const migration of known.filter((one) => !isApplied(one))) await run(`${markOf(migration)} ${migration.text}`);
  return result;
}

const markOf = ({ number, name, digest }: Migration) =>
  `insert into schema_migration (number, name, digest) values (${number}, '${name}', '${digest}');`;

function refuseForeign(applied: readonly Applied[], known: Migration[], what: 'database' | 'backup'): void {
  for (const row of applied) {
    const own = known.find((migration) => migration.number === row.number);
    if (!own) {
      throw new MigrationError(
        `The ${what} was made by a newer version of Parlour (it has migration ${row.number}, ${row.name}). ` +
          (what === 'database'
            ? 'Start that version, or restore a backup of this one.'
            : 'Restore it with that version.'),
      );
    }
    if (own.digest !== row.digest) {
      throw new MigrationError(`Migration ${own.name} was applied with another text than this version has.`);
    }
  }
}

/** Another appliance held the lock and applied it first. */
function isMarkedByAnother(error: unknown): boolean {
  const { code, table_name } = error as { code?: string; table_name?: string };
  return code === '23505' && table_name === 'schema_migration';
}

function readMigrations(folder: string): Migration[] {
  const files = fs.readdirSync(folder).filter((file) => /^\d{3}_[a-z0-9_]+\.sql$/.test(file));
  return files.sort().map((file, index, all) => {
    const number = Number(file.slice(0, 3));
    if (file.slice(0, 3) === all[index - 1]?.slice(0, 3)) throw new Error(`two migrations have the number of ${file}`);
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    return { number, name: file.slice(0, -4), digest: createHash('sha256').update(text).digest('hex'), text };
  });
}
