import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../telemetry/index.ts';
import { type Binaries, type Credentials, credentials, DatabaseCannotRun, findBinaries } from './binaries.ts';
import { readPostmaster, waitUntilGone } from './process-identity.ts';

const STOP_MS_MAX = 30_000;
const ABORT_MS_MAX = 5_000;
const START_MS_MAX = 60_000;
/** Waits between restarts after the server ended by itself. */
const RESTART_BACKOFF_MS = [100, 500, 1_000, 2_000, 5_000] as const;
/** Longest path of a Unix socket, with room for PostgreSQL's own file name in it. */
const SOCKET_FOLDER_LENGTH_MAX = 80;
/** What PostgreSQL says when a server that was killed is not quite gone. */
const LEFTOVER = /lock file "postmaster\.pid" already exists|pre-existing shared memory block/;
const LEFTOVER_RETRY_MS = 50;
const LEFTOVER_MS_MAX = 20_000;
const SUPERUSER = 'parlour';

export interface EmbeddedPostgres {
  /** How to reach it with postgres.js: a Unix socket that only its user (and root) can open. */
  readonly connection: { host: string; port: number; user: string; database: string };
  readonly pid: () => number | null;
  stop(): Promise<void>;
}

/** How to reach the server that runs on a data folder already; null when none is ready there. */
export function runningPostgres(dataDir: string): EmbeddedPostgres['connection'] | null {
  const running = readPostmaster(path.join(dataDir, 'postgres'));
  return running?.status === 'ready' ? connectionAt(socketFolder(dataDir, {})) : null;
}

const connectionAt = (sockets: string) => ({ host: sockets, port: 5432, user: SUPERUSER, database: 'postgres' });

/**
 * Starts PostgreSQL on `<dataDir>/postgres`, made on first use, and restarts it when it ends by itself.
 * A server that an earlier, killed appliance left behind is stopped first. The server ends when this
 * process does, however that happens.
 */
export async function startEmbeddedPostgres(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  const as = credentials();
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const programs = await findBinaries(dataDir, as);
  const cluster = path.join(dataDir, 'postgres');
  const logFile = path.join(dataDir, 'postgres.log');
  const sockets = socketFolder(dataDir, as);
  createCluster(programs, cluster, as, log);
  await stopLeftover(cluster, log);

  let server = await launch(programs, cluster, sockets, logFile, as);
  let isStopping = false;
  let failures = 0;
  const watch = (child: ChildProcess) => {
    child.once('exit', async (code, signal) => {
      if (isStopping) return;
      log.error({ code, signal }, 'the database server ended by itself; starting it again');
      while (!isStopping) {
        await sleep(RESTART_BACKOFF_MS[Math.min(failures++, RESTART_BACKOFF_MS.length - 1)]);
        try {
          server = await launch(programs, cluster, sockets, logFile, as);
          failures = 0;
          log.info({ pid: server.pid }, 'the database server runs again');
          return watch(server);
        } catch (error) {
          log.error({ err: error }, 'the database server did not start');
        }
      }
    });
  };
  watch(server);

  return {
    connection: connectionAt(sockets),
    pid: () => server.pid ?? null,
    async stop() {
      isStopping = true;
      await stopLeftover(cluster, log);
    },
  };
}

/** Made beside its place and moved there whole, so that a crash never leaves half a cluster. */
function createCluster(programs: Binaries, cluster: string, as: Credentials, log: Log): void {
  if (fs.existsSync(path.join(cluster, 'PG_VERSION'))) return;
  const part = `${cluster}.part`;
  fs.rmSync(part, { recursive: true, force: true });
  makeOwnFolder(part, as);
  const options = ['-D', part, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--data-checksums'];
  const { status, stderr, stdout, error } = spawnSync(programs.initdb, options, {
    ...as,
    cwd: '/',
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: process.env.PATH ?? '' },
  });
  if (status !== 0) throw new DatabaseCannotRun(`initdb failed: ${error?.message ?? ''}${stderr}${stdout}`);
  fs.renameSync(part, cluster);
  syncFolder(path.dirname(cluster));
  log.info({ cluster }, 'made the database cluster');
}

/**
 * Starts the server and waits until it takes connections. Right after a kill the old server's number or
 * shared memory can still be there for a moment: then it is tried again.
 */
async function launch(
  programs: Binaries,
  cluster: string,
  sockets: string,
  logFile: string,
  as: Credentials,
): Promise<ChildProcess> {
  const giveUpAt = performance.now() + LEFTOVER_MS_MAX;
  for (;;) {
    const logSize = fs.existsSync(logFile) ? fs.statSync(logFile).size : 0;
    try {
      return await launchOnce(programs, cluster, sockets, logFile, as);
    } catch (error) {
      const isLeftover = LEFTOVER.test(fs.readFileSync(logFile, 'utf8').slice(logSize));
      if (!isLeftover || performance.now() > giveUpAt) throw error;
      await sleep(LEFTOVER_RETRY_MS);
    }
  }
}

async function launchOnce(
  programs: Binaries,
  cluster: string,
  sockets: string,
  logFile: string,
  as: Credentials,
): Promise<ChildProcess> {
  const out = fs.openSync(logFile, 'a');
  const settings = [
    'listen_addresses=',
    'unix_socket_permissions=0700',
    'log_min_messages=warning',
    'max_connections=40',
    'timezone=UTC',
    'log_timezone=UTC',
  ];
  const child = spawn(
    programs.postgres,
    ['-D', cluster, '-k', sockets, ...settings.flatMap((setting) => ['-c', setting])],
    {
      ...as,
      cwd: '/',
      detached: true, // its own process group: Ctrl-C reaches us, and we stop it in order
      stdio: ['ignore', out, out],
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH ?? '' },
    },
  );
  fs.closeSync(out);
  child.on('error', () => {}); // seen as an exit below
  stopWithParent(child, cluster);
  const giveUpAt = performance.now() + START_MS_MAX;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const running = readPostmaster(cluster);
    if (running?.pid === child.pid && running.status === 'ready') return child;
    if (performance.now() > giveUpAt) {
      child.kill('SIGQUIT');
      break;
    }
    await sleep(5);
  }
  const tail = fs.readFileSync(logFile, 'utf8').slice(-1_500);
  throw new DatabaseCannotRun(`The database server did not start. Its log (${logFile}) ends with:\n${tail}`);
}

/**
 * A shell that reads a pipe whose other end only we hold: when we are killed the pipe closes, and the
 * shell asks the server to stop. It looks first whether the pid still is that server.
 */
function stopWithParent(server: ChildProcess, cluster: string): void {
  const script = 'read _; [ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ] && kill -INT "$1"';
  const watchdog = spawn('sh', ['-c', script, 'sh', String(server.pid), path.join(cluster, 'postmaster.pid')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref?: () => void }).unref?.();
  server.once('exit', () => watchdog.stdin.end());
  watchdog.stdin.on('error', () => {});
}

async function stopLeftover(cluster: string, log: Log): Promise<void> {
  const running = readPostmaster(cluster);
  if (!running) return;
  process.kill(running.pid, 'SIGINT');
  if (await waitUntilGone(running.pid, STOP_MS_MAX)) return;
  log.warn({ pid: running.pid }, 'the database server does not stop; ending it at once');
  if (readPostmaster(cluster)?.pid === running.pid) process.kill(running.pid, 'SIGQUIT');
  if (!(await waitUntilGone(running.pid, ABORT_MS_MAX)))
    throw new DatabaseCannotRun('The database server that runs on the data folder will not stop.');
}

/** Below the data folder, or in the system's temporary one when that path is too long for a socket. */
function socketFolder(dataDir: string, as: Credentials): string {
  const own = path.join(dataDir, 'run');
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const folder = own.length <= SOCKET_FOLDER_LENGTH_MAX ? own : path.join(os.tmpdir(), `parlour-${digest}`);
  makeOwnFolder(folder, as);
  return folder;
}

function makeOwnFolder(folder: string, as: Credentials): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (as.uid !== undefined && as.gid !== undefined) fs.chownSync(folder, as.uid, as.gid);
}

function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
}
