// Module: store. PostgreSQL for every other module: finds or runs a server, keeps connections honest,
// brings the schema up to date. In: SQL and values. Out: rows, or StoreUnavailable. It knows no rules
// of calls or money; the SQL of a module stands in that module, the tables of all in migrations/.

export { type Connection, type Queries, queriesOn, type Row } from './connection.ts';
export { DataFolderInUse, holdDataFolder } from './data-folder.ts';
export { Database, StoreUnavailable, type WriteTrouble } from './database.ts';
export { DatabaseCannotRun } from './embedded/binaries.ts';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/supervisor.ts';
export { holdStore, joinStore } from './join.ts';
export { appliedMigrations, MigrationError, makeSchema, migrate } from './migrate.ts';
export { openStore, type Store, type StoreHealth } from './open.ts';
