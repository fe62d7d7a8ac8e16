import {
  type AuditEntries,
  AuditQuery,
  CheckSettings,
  HUB_CLOSE_SIGNED_OUT,
  PersonParams,
  type SelfTest,
  type SettingLines,
  type SettingsChecked,
  type SignInLink,
  Suspend,
  UserError,
} from '../../contract/index.ts';
import { checkSettings, describeSettings } from '../../settings/index.ts';
import type { Api } from './api.ts';
import { sendCsv } from './csv.ts';
import { selfTest } from './self-test.ts';
import { type ApiDeps, linkFor, personOf } from './session.ts';

const SETTINGS_FILE = 'parlour.toml';
/** Lines of one file; what is older comes with `before`. */
const ENTRIES_IN_FILE_MAX = 10_000;

/** What operators do with people and appliance beyond money: shut out, reset, read the audit log, settings, self-test. */
export function registerStudio(app: Api, deps: ApiDeps, certFile: string): void {
  registerPeople(app, deps);
  const { signIn, audit, settings } = deps;

  app.get('/api/audit', { schema: { querystring: AuditQuery } }, async (request): Promise<AuditEntries> => {
    await personOf(request, signIn, 'operator');
    return { entries: await audit.list(request.query) };
  });

  const config = { audit: 'audit_exported' } as const;
  app.get('/api/audit.csv', { schema: { querystring: AuditQuery }, config }, async (request, reply) => {
    await personOf(request, signIn, 'operator');
    const entries = await audit.list(request.query, ENTRIES_IN_FILE_MAX);
    const rows = entries.map((entry) => [
      entry.entryId,
      entry.at,
      entry.actor?.displayName ?? '',
      entry.action,
      entry.person?.displayName ?? '',
      JSON.stringify(entry.detail),
      entry.outcome ?? '',
    ]);
    return sendCsv(reply, 'audit', ['entry', 'at', 'who', 'action', 'whom', 'detail', 'outcome'], rows);
  });

  app.get('/api/settings', async (request): Promise<SettingLines> => {
    await personOf(request, signIn, 'operator');
    return { settings: describeSettings(settings), file: SETTINGS_FILE };
  });

  app.post('/api/settings/check', { schema: { body: CheckSettings } }, async (request): Promise<SettingsChecked> => {
    await personOf(request, signIn, 'operator');
    return checkSettings(settings, request.body.text);
  });

  app.get('/api/self-test', async (request): Promise<SelfTest> => {
    await personOf(request, signIn, 'operator');
    return { at: new Date().toISOString(), lines: await selfTest(deps, certFile) };
  });
}

function registerPeople(app: Api, deps: ApiDeps): void {
  const { signIn, accounts, hub, calls, presence } = deps;
  const shutOut = (personId: number, why: string) =>
    hub.close(HUB_CLOSE_SIGNED_OUT, why, (connection) => connection.personId === personId);

  app.put(
    '/api/people/:personId/suspension',
    { schema: { params: PersonParams, body: Suspend }, config: { audit: 'person_suspended' } },
    async (request) => {
      const operator = await personOf(request, signIn, 'operator');
      const { personId } = request.params;
      if (personId === operator.personId) throw new UserError('not_yourself');
      await accounts.suspend(personId, request.body.reason);
      try {
        await calls.endOfPerson(personId);
      } finally {
        // Nobody stays in because their call could not be ended just now.
        shutOut(personId, 'the account is suspended');
        presence.changed();
      }
      return {};
    },
  );

  app.delete(
    '/api/people/:personId/suspension',
    { schema: { params: PersonParams }, config: { audit: 'suspension_lifted' } },
    async (request) => {
      await personOf(request, signIn, 'operator');
      await accounts.liftSuspension(request.params.personId);
      presence.changed();
      return {};
    },
  );

  app.post(
    '/api/people/:personId/reset',
    { schema: { params: PersonParams }, config: { audit: 'person_reset' } },
    async (request): Promise<SignInLink> => {
      const operator = await personOf(request, signIn, 'operator');
      const person = await accounts.person(request.params.personId);
      if (person.personId === operator.personId) throw new UserError('not_yourself');
      if (person.deletedAt !== null) throw new UserError('person_not_found');
      if (person.role === 'operator') throw new UserError('at_the_machine');
      await signIn.reset(person.personId);
      shutOut(person.personId, 'the sign-in was reset');
      return linkFor(deps, person.personId, request.host);
    },
  );
}
