import fs from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { Accounts } from '../accounts/index.ts';
import { BackupError, type Key, type Lock, restoreBackup, writeBackup } from '../backup/index.ts';
import { holdStore } from '../store/index.ts';
import { createLog } from '../telemetry/index.ts';
import { parts, version } from './parts.ts';
import { say, secondsSince } from './say.ts';
import { type ConfigOption, configOption, settingsOf, withStore } from './with-store.ts';

const PASSPHRASE_LENGTH_MIN = 8;
const SETTINGS_FILE = 'parlour.toml';

interface PassphraseOption {
  readonly passphraseFile?: string;
}

export function registerBackup(program: Command): void {
  program
    .command('backup <file>')
    .description('write everything into one encrypted file; also while the appliance runs, and calls with it')
    .option('--passphrase-file <file>', 'lock it with the passphrase that is this file’s first line')
    .addOption(notWithPassphrase('--recipient <age1…>', 'lock it for whoever has the key of this recipient of age'))
    .addOption(configOption())
    .addHelpText('after', `\n${WITHIN}\nExample: parlour backup parlour-monday.age --passphrase-file ~/passphrase`)
    .action(backup);
  program
    .command('restore <file>')
    .description('put a backup into an empty data folder, where it is checked before it counts')
    .option('--passphrase-file <file>', 'the passphrase that it was locked with, as the first line of this file')
    .addOption(notWithPassphrase('--identity-file <file>', 'the key of age that it was locked for'))
    .option('--replace', 'in the place of what is there, all of which goes')
    .addOption(configOption())
    .addHelpText('after', '\nThe appliance must be stopped. What happened after the backup is not in it.')
    .action(restore);
}

const notWithPassphrase = (flags: string, says: string) => new Option(flags, says).conflicts('passphraseFile');

const WITHIN = `In it: all tables, the certificate and its authority, the key for notifications, ${SETTINGS_FILE}.`;

async function backup(file: string, options: ConfigOption & PassphraseOption & { recipient?: string }): Promise<void> {
  const { recipient } = options;
  const lock: Lock = recipient ? { recipient } : { passphrase: passphraseOf(options, '--recipient') };
  if ('passphrase' in lock && lock.passphrase.length < PASSPHRASE_LENGTH_MIN)
    throw new BackupError(
      `The passphrase has ${lock.passphrase.length} characters; at least ${PASSPHRASE_LENGTH_MIN}.`,
    );
  const startedAt = performance.now();
  await withStore(options, async (store, { data }) => {
    const from = { data, settingsFile: path.resolve(options.config ?? SETTINGS_FILE), version };
    const { tables, rows, bytes, head } = await writeBackup(store, from, path.resolve(file), lock);
    console.log(file);
    say(`${rows} rows of ${tables} tables, ${megabytes(bytes)} of them, ${megabytes(fs.statSync(file).size)} the file`);
    say(`head ${head ?? 'none yet'}`);
  });
  say(`written in ${secondsSince(startedAt)}`);
}

async function restore(
  file: string,
  options: ConfigOption & PassphraseOption & { identityFile?: string; replace?: boolean },
): Promise<void> {
  const { identityFile } = options;
  const key: Key = identityFile
    ? { identity: identityOf(identityFile) }
    : { passphrase: passphraseOf(options, '--identity-file') };
  const settings = settingsOf(options);
  const log = createLog('error');
  const startedAt = performance.now();
  const store = await holdStore(settings, parts.migrations, log);
  try {
    if (!options.replace && (await new Accounts(store.main).hasOperator()))
      throw new BackupError('The appliance is not empty. --replace puts the backup in the place of what is there.');
    say('checking and putting back …');
    const into = { data: settings.data, migrations: parts.migrations };
    const restored = await restoreBackup(store, into, path.resolve(file), key, log);
    console.log(`head ${restored.head ?? 'none yet'}`);
    console.log(`transfers ${restored.transfers}`);
    say(`${restored.rows} rows of ${restored.tables} tables, as of ${restored.madeAt} (Parlour ${restored.version})`);
    say('references, sums and both chains are right');
    for (const name of restored.files) say(`put back ${path.join(settings.data, name)}`);
    say('What happened later is not in it: payments since then have to be compared with the provider’s list.');
  } finally {
    await store.close();
  }
  say(`restored in ${secondsSince(startedAt)}`);
}

function passphraseOf({ passphraseFile }: PassphraseOption, other: string): string {
  if (!passphraseFile) throw new BackupError(`Say how it is locked: --passphrase-file <file>, or ${other}.`);
  const [passphrase] = linesOf(passphraseFile, 'passphrase');
  if (!passphrase) throw new BackupError(`The first line of ${passphraseFile} is empty; it is the passphrase.`);
  return passphrase;
}

/** A file as `age-keygen` writes it: the key, and remarks that begin with #. */
function identityOf(file: string): string {
  return linesOf(file, 'key').find((line) => line && !line.startsWith('#')) ?? '';
}

function linesOf(file: string, what: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw new BackupError(`The file of the ${what} cannot be read: ${(error as Error).message}.`);
  }
}

const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;
