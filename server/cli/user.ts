import type { Command } from 'commander';
import { Accounts, SignIn } from '../accounts/index.ts';
import { loadSettings } from '../settings/index.ts';
import { joinStore } from '../store/index.ts';
import { createLog } from '../telemetry/index.ts';
import { parts } from './parts.ts';
import { say } from './say.ts';

export function registerUser(program: Command): void {
  program
    .command('user')
    .description('look after people')
    .command('link <username>')
    .description(
      'print a one-time sign-in link, as for somebody who forgot the password; also while the appliance runs',
    )
    .option('-c, --config <file>', 'settings file (default: parlour.toml when there is one)')
    .action(async (username: string, options: { config?: string }) => {
      const settings = loadSettings({ ...(options.config && { file: options.config }) });
      const store = await joinStore(settings, parts.migrations, createLog('error'));
      try {
        const wanted = username.trim().toLowerCase();
        const person = await new Accounts(store.main).byUsername(wanted);
        if (!person) {
          say(`There is nobody with the user name "${wanted}".`);
          process.exitCode = 1;
          return;
        }
        const { token, expiresAt } = await new SignIn(store.main).newLink(person.personId);
        const { names, port } = settings.front;
        console.log(`https://${names[0] ?? 'localhost'}:${port}/sign-in#${token}`);
        say(`Signs in ${person.displayName} (${person.role}), once, until ${expiresAt.toISOString()}.`);
      } finally {
        await store.close();
      }
    });
}
