import { randomBytes } from 'node:crypto';
import postgres from 'postgres';

/** A migrated database that nobody writes to, in a server for many tests. */
export const TEMPLATE = 'parlour_template';

/** @returns the address of a fresh database in the shared server; empty where a test starts a server of its own */
export async function newDatabaseUrl(): Promise<string> {
  if (process.env.TEST_DATABASES !== 'shared') return '';
  const name = `${process.env.TEST_DATABASE_PREFIX ?? 'test_'}${randomBytes(6).toString('hex')}`;
  const admin = postgres('postgres:///postgres', { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  } finally {
    await admin.end();
  }
  return `postgres:///${name}`;
}
