// Module: cli. The command `parlour`. In: arguments, settings. Out: a running appliance, or a sentence
// that says why not. Each command has a file of its own.
import { Command, CommanderError } from 'commander';
import { registerBackup } from './backup.ts';
import { registerDemo } from './demo/index.ts';
import { registerDoctor } from './doctor/index.ts';
import { registerLedger } from './ledger.ts';
import { version } from './parts.ts';
import { registerReceipt } from './receipt.ts';
import { exitCodeOf, explain } from './say.ts';
import { registerStart } from './start.ts';
import { registerUser } from './user.ts';
import { registerVersion } from './version.ts';

const program = new Command('parlour')
  .description('Self-hosted appliance for paid one-to-one video calls')
  .version(version)
  .showHelpAfterError()
  .exitOverride();
registerStart(program);
registerDemo(program);
registerDoctor(program);
registerBackup(program);
registerLedger(program);
registerReceipt(program);
registerUser(program);
registerVersion(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  console.error(explain(error));
  process.exit(exitCodeOf(error));
}
