import { BackupError } from '../backup/index.ts';
import { UserError } from '../contract/index.ts';
import { CurrencyDiffers } from '../ledger/index.ts';
import { MediaPortInUse } from '../media/index.ts';
import { SettingsError } from '../settings/index.ts';
import { DatabaseCannotRun, DataFolderInUse, MigrationError } from '../store/index.ts';
import { CannotShape } from './demo/shaped-network.ts';

/** Errors whose message says what to do; of others everything is shown. */
const FOR_PEOPLE = [
  SettingsError,
  MigrationError,
  DataFolderInUse,
  DatabaseCannotRun,
  CurrencyDiffers,
  MediaPortInUse,
  CannotShape,
  UserError,
  BackupError,
];

/** What the operator reads when a command fails: a sentence where there is one, else all that is known. */
export function explain(error: unknown): string {
  if (FOR_PEOPLE.some((kind) => error instanceof kind)) return (error as Error).message;
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE' || /address already in use/i.test(message ?? '')) {
    return `The port ${port ?? ''} is in use. Choose another with front.port in parlour.toml.`.replace('  ', ' ');
  }
  if (code === 'EACCES') return `Not allowed: ${message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** See sysexits.h: the settings are wrong, and starting again changes nothing. */
const EXIT_CONFIG = 78;

/** With what the command ends after an error; the service manager does not restart what its settings keep from starting. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof SettingsError || error instanceof CurrencyDiffers ? EXIT_CONFIG : 1;

/** How long something took: `2.4 s`. @param startedAt as `performance.now()` gave it, milliseconds */
export const secondsSince = (startedAt: number): string => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;

/** Text for people goes to standard error, results to standard output. */
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
