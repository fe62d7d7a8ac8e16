// One database server for many tests: each gets a fresh database in it, copied from a migrated one in a fraction of
// the time that a server of its own takes to start. The mutation check uses it; `npm test` gives each file a server.
import fs from 'node:fs';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../server/store/embedded/supervisor.ts';
import { migrate } from '../../server/store/migrate.ts';
import { storeOn } from '../../server/store/open.ts';
import { TEMPLATE } from './database-url.ts';
import { migrations, quiet, temporaryFolder } from './store.ts';

/** Nothing that a test writes has to outlive a power cut. */
const UNSAFE = ['fsync', 'synchronous_commit', 'full_page_writes'];

export interface DatabaseServer {
  /** For the environment of tests: they make their databases in this server. */
  readonly environment: Readonly<Record<string, string>>;
  /** Drops what a test that was ended early has left. */
  dropDatabases(prefix: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDatabaseServer(): Promise<DatabaseServer> {
  const data = temporaryFolder('databases');
  const server = await startEmbeddedPostgres(data, quiet);
  const admin = postgres({ ...server.connection, max: 1, onnotice: () => {} });
  for (const name of UNSAFE) await admin.unsafe(`alter system set ${name} = off`);
  await admin.unsafe('select pg_reload_conf()');
  await admin.unsafe(`create database ${TEMPLATE}`);
  const store = storeOn({ ...server.connection, database: TEMPLATE }, quiet, () => undefined);
  await migrate(store.main, migrations, quiet);
  await store.close();
  return {
    environment: { PGHOST: server.connection.host, PGUSER: server.connection.user, TEST_DATABASES: 'shared' },
    async dropDatabases(prefix) {
      const names = await admin`select datname from pg_database where starts_with(datname, ${prefix})`;
      for (const { datname } of names) await admin.unsafe(`drop database if exists ${datname} with (force)`);
    },
    async stop() {
      await admin.end();
      await server.stop();
      fs.rmSync(data, { recursive: true, force: true });
    },
  };
}
