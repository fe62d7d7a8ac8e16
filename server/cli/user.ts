import type { Command } from 'commander';
import { Compile } from 'typebox/compile';
import { Accounts, SignIn } from '../accounts/index.ts';
import { Audit } from '../audit/index.ts';
import { MakePerson, sentenceOf, UserError } from '../contract/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Store } from '../store/index.ts';
import { createLog } from '../telemetry/index.ts';
import { say } from './say.ts';
import { type ConfigOption, configOption, withStore } from './with-store.ts';

export function registerUser(program: Command): void {
  const user = program.command('user').description('look after people; also while the appliance runs');
  user
    .command('link <username>')
    .description('print a one-time sign-in link, as for somebody who forgot the password; any older one ends')
    .addOption(configOption())
    .action((username: string, options: ConfigOption) =>
      withStore(options, (store, settings) => link(username, store, settings)),
    );
  user
    .command('make <role> <username> <name>')
    .description('make an operator, a model or a client, and print a one-time sign-in link')
    .addHelpText(
      'after',
      '\nExample: parlour user make operator anna "Anna Example"\nOperators are made in no other way.',
    )
    .addOption(configOption())
    .action((role: string, username: string, displayName: string, options: ConfigOption) =>
      withStore(options, (store, settings) => make({ role, username, displayName }, store, settings)),
    );
}

async function link(username: string, store: Store, settings: Settings): Promise<void> {
  const person = await new Accounts(store.main).byUsername(username);
  if (!person) {
    say(`There is nobody with the user name "${username}".`);
    process.exitCode = 1;
    return;
  }
  await note('link_made', person.personId, {}, store);
  await printLink(person, store, settings);
}

async function make(wanted: object, store: Store, settings: Settings): Promise<void> {
  const validator = Compile(MakePerson);
  if (!validator.Check(wanted)) throw new UserError('malformed', sentenceOf(validator.Errors(wanted)[0], 'person'));
  const { role, username, displayName } = wanted;
  const person = await new Accounts(store.main).makePerson(role, username, displayName);
  await note('person_made', person.personId, { role, username, displayName }, store);
  await printLink(person, store, settings);
}

/** Who sits at the machine is not known by name. */
const note = (action: 'link_made' | 'person_made', personId: number, detail: Record<string, string>, store: Store) =>
  new Audit(store.main, createLog('error')).note({
    actorId: null,
    action,
    personId,
    detail: { ...detail, by: 'parlour user' },
  });

async function printLink(
  { personId, displayName, role }: { personId: number; displayName: string; role: string },
  store: Store,
  { front: { names, port } }: Settings,
): Promise<void> {
  const { token, expiresAt } = await new SignIn(store.main).newLink(personId);
  console.log(`https://${names[0] ?? 'localhost'}:${port}/sign-in#${token}`);
  say(`Signs in ${displayName} (${role}), once, until ${expiresAt.toISOString()}.`);
}
