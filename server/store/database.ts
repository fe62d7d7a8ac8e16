import type { Sql } from 'postgres';
import type { Log } from '../telemetry/index.ts';
import { CONNECT_MS_MAX, connect, firstOf, type Queries, type Row, type Where } from './connection.ts';
import { Sockets } from './sockets.ts';

/** A statement that takes longer has failed as far as its caller can know. */
const STATEMENT_MS_MAX = 10_000;

/** Errors after which a connection's state is unknown: the client is thrown away with all it holds. */
const CONNECTION_ERRORS = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);

/** Errors that say that nothing can be written now, and why. The connection is sound; nothing happened. */
const CANNOT_WRITE: Readonly<Record<string, WriteTrouble>> = {
  '25006': 'read_only', // read_only_sql_transaction
  '53100': 'full', // disk_full
};

/** Why the database takes no writes. */
export type WriteTrouble = 'read_only' | 'full';

/**
 * The database cannot answer now. For a write it is unknown whether it happened: repeat it with the
 * same idempotency key.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * A pool of connections with the rules that money needs. postgres.js can hang a query or carry one
 * over to another connection once a connection is lost, so each statement has a deadline, stands for
 * itself, and any doubt about a connection ends the whole client.
 */
export class Database implements Queries {
  #client: Sql | null = null;
  #sockets = new Sockets(CONNECT_MS_MAX);
  #isClosed = false;
  #lastTrouble: { readonly why: WriteTrouble; readonly atMs: number } | null = null;
  readonly #connection: Where;
  readonly #connections: number;
  readonly #parameters: Record<string, string>;
  readonly #log: Log;

  /** @param options.connections 1 makes the statements run one after another, in the order given */
  constructor(connection: Where, options: { connections: number; parameters?: Record<string, string>; log: Log }) {
    this.#connection = connection;
    this.#connections = options.connections;
    this.#parameters = options.parameters ?? {};
    this.#log = options.log;
  }

  /**
   * Runs one statement. Values are bound, never spliced; arrays are passed as PostgreSQL arrays.
   * @throws StoreUnavailable when it is unknown whether the statement ran
   */
  async query<R extends Row = Row>(
    text: string,
    values: readonly unknown[] = [],
    options: { deadlineMs?: number } = {},
  ): Promise<R[]> {
    const client = this.#open();
    const bound = values.map((value) => (value === undefined ? null : value)) as never[];
    const deadlineMs = options.deadlineMs ?? STATEMENT_MS_MAX;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StoreUnavailable(`no answer within ${deadlineMs} ms`)), deadlineMs);
    });
    const statement = client.unsafe(text, bound, { prepare: true });
    try {
      return (await Promise.race([statement, deadline])) as unknown as R[];
    } catch (error) {
      const trouble = CANNOT_WRITE[(error as { code?: string }).code ?? ''];
      if (trouble) {
        this.#lastTrouble = { why: trouble, atMs: performance.now() };
        throw new StoreUnavailable(String(error), { cause: error });
      }
      if (!(error instanceof StoreUnavailable) && !isConnectionError(error)) throw error;
      statement.catch(() => {}); // it may still fail later, and nobody waits for it
      this.#throwAway(client);
      throw error instanceof StoreUnavailable ? error : new StoreUnavailable(String(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** The one row of a statement that always gives one. */
  async one<R extends Row = Row>(
    text: string,
    values: readonly unknown[] = [],
    options: { deadlineMs?: number } = {},
  ): Promise<R> {
    return firstOf(await this.query<R>(text, values, options), text);
  }

  /** Why a statement of the last so many milliseconds could not write; null when none was refused. */
  recentTrouble(ms: number): WriteTrouble | null {
    return this.#lastTrouble && performance.now() - this.#lastTrouble.atMs < ms ? this.#lastTrouble.why : null;
  }

  /** Runs several statements, as in a migration file, as one implicit transaction. Not for money. */
  async script(text: string): Promise<void> {
    await this.#open().unsafe(text).simple();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#client) this.#throwAway(this.#client);
  }

  #open(): Sql {
    if (this.#isClosed) throw new StoreUnavailable('the store is closed');
    if (this.#client) return this.#client;
    this.#sockets = new Sockets(CONNECT_MS_MAX);
    this.#client = connect(this.#connection, {
      max: this.#connections,
      socket: this.#sockets.connect,
      parameters: this.#parameters,
    });
    return this.#client;
  }

  #throwAway(client: Sql): void {
    if (this.#client !== client) return; // thrown away before, by another statement
    this.#client = null;
    if (!this.#isClosed) this.#log.warn('a database connection was lost; its client is replaced');
    this.#sockets.end();
    client.end({ timeout: 0 }).catch(() => {}); // never awaited: it can hang
  }
}

function isConnectionError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && CONNECTION_ERRORS.has(code);
}
