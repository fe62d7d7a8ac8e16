import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { Person } from '../../accounts/index.ts';
import {
  AddCredit,
  type Appliance,
  type CreditAdded,
  HUB_CLOSE_SIGNED_OUT,
  MakePerson,
  type Me,
  type PasswordState,
  type People,
  PeopleQuery,
  type PersonMade,
  PersonParams,
  type PersonRow,
  type Profile,
  SetAvailability,
  SetPassword,
  SetProfile,
  SetRingTerms,
  SetUp,
  SignIn,
  SignInByLink,
  type SignInLink,
  type Studio,
  toMinor,
  UserError,
} from '../../contract/index.ts';
import type { Connection } from '../../hub/index.ts';
import { currencyOf } from '../../settings/index.ts';
import { networkOf } from '../addresses.ts';
import { meOf } from './me.ts';
import { type ApiDeps, clearSessionCookie, linkFor, personOf, sessionToken, setSessionCookie } from './session.ts';

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Tries to sign in from one address in a minute: a password is not guessed at this rate. */
const SIGN_INS_PER_MINUTE_MAX = 10;
const strict = { rateLimit: { max: SIGN_INS_PER_MINUTE_MAX, timeWindow: '1 minute' } };

/** The HTTP API. Each route reads: who may, what for, what comes back. */
export function registerApi(app: Api, deps: ApiDeps): void {
  registerSession(app, deps);
  registerOwn(app, deps);
  registerOperator(app, deps);
  registerStudioState(app, deps);
}

function registerSession(app: Api, deps: ApiDeps): void {
  const { accounts, signIn, settings, version, hub } = deps;

  app.get('/api/appliance', async (): Promise<Appliance> => {
    return {
      name: settings.name,
      version,
      currency: currencyOf(settings),
      needsSetUp: !(await accounts.hasOperator()),
    };
  });

  app.post('/api/set-up', { schema: { body: SetUp }, config: strict }, async (request, reply): Promise<Me> => {
    const { token, username, displayName, password } = request.body;
    const person = await signIn.setUp(token, username, displayName, password);
    await deps.audit.note({ actorId: person.personId, action: 'set_up', personId: null, detail: {} });
    setSessionCookie(reply, await openSession(person, request, deps));
    return meOf(person, deps);
  });

  app.post('/api/session', { schema: { body: SignIn }, config: strict }, async (request, reply): Promise<Me> => {
    const { username, password } = request.body;
    const person = await admitted(
      'password',
      request,
      () => signIn.byPassword(username, password, networkOf(request.ip)),
      deps,
      username,
    );
    setSessionCookie(reply, await openSession(person, request, deps));
    return meOf(person, deps);
  });

  app.post(
    '/api/session/link',
    { schema: { body: SignInByLink }, config: strict },
    async (request, reply): Promise<Me> => {
      const person = await admitted('link', request, () => signIn.byLink(request.body.token), deps);
      setSessionCookie(reply, await openSession(person, request, deps, true));
      return meOf(person, deps);
    },
  );

  app.delete('/api/session', async (request, reply) => {
    const { token } = await personOf(request, signIn);
    await signIn.closeSession(token);
    hub.close(HUB_CLOSE_SIGNED_OUT, 'signed out', (connection) => connection.session === token);
    clearSessionCookie(reply);
    return {};
  });
}

/** A new session of a browser; the one that it had before ends, with its pages. @returns its token */
async function openSession(
  { personId }: Person,
  { headers }: Pick<FastifyRequest, 'headers'>,
  { signIn, hub }: ApiDeps,
  isByLink = false,
): Promise<string> {
  const before = sessionToken(headers.cookie);
  const token = await signIn.openSession(personId, headers['user-agent'], isByLink);
  if (before) {
    await signIn.closeSession(before);
    hub.close(HUB_CLOSE_SIGNED_OUT, 'signed in anew', (connection) => connection.session === before);
  }
  return token;
}

/**
 * Somebody who wants to come in, written down before they are let in; who is not let in is written down as well.
 * @param username as it was typed: only a name that exists is written, since people type passwords into this field, too
 */
async function admitted(
  by: 'password' | 'link',
  { ip }: { ip: string },
  admit: () => Promise<Person>,
  { audit, accounts }: ApiDeps,
  username?: string,
): Promise<Person> {
  const detail = { by, address: ip };
  try {
    const person = await admit();
    const { personId } = person;
    await audit.note({ actorId: personId, action: 'signed_in', personId, detail });
    return person;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const known = username === undefined ? null : await accounts.byUsername(username);
    const personId = known?.personId ?? null;
    await audit.refused({ actorId: null, action: 'sign_in_refused', personId, detail }, error.code);
    throw error;
  }
}

/** Charging starts from what she asks, within what the operator allows. */
function refuseBeyondLimits(profile: Profile, settings: ApiDeps['settings']): void {
  const { rateMinorMin, rateMinorMax } = settings.money;
  const { minimumMinMax } = settings.people;
  if (profile.rateMinor < rateMinorMin || profile.rateMinor > rateMinorMax) {
    throw new UserError(
      'malformed',
      `rateMinor: must be from ${rateMinorMin} to ${rateMinorMax}, the operator's limits`,
    );
  }
  if (profile.minimumMin > minimumMinMax) {
    throw new UserError('malformed', `minimumMin: must be <= ${minimumMinMax}, the operator's limit`);
  }
}

function registerOwn(app: Api, deps: ApiDeps): void {
  const { accounts, signIn, hub, presence, settings } = deps;

  app.get('/api/session', async (request): Promise<Me> => meOf(await personOf(request, signIn), deps));

  app.get('/api/password', async (request): Promise<PasswordState> => {
    const { personId, token } = await personOf(request, signIn);
    return signIn.passwordState(personId, token);
  });

  app.put('/api/password', { schema: { body: SetPassword }, config: strict }, async (request) => {
    const { personId, token } = await personOf(request, signIn);
    await signIn.setPassword(personId, request.body, token);
    const isOther = (connection: Connection) => connection.personId === personId && connection.session !== token;
    hub.close(HUB_CLOSE_SIGNED_OUT, 'the password was changed', isOther);
    return {};
  });

  app.put('/api/profile', { schema: { body: SetProfile } }, async (request): Promise<Me> => {
    const person = await personOf(request, signIn, 'model');
    refuseBeyondLimits(request.body, settings);
    await accounts.setProfile(person.personId, request.body);
    presence.changed();
    return meOf(person, deps);
  });

  app.put('/api/ring-terms', { schema: { body: SetRingTerms } }, async (request): Promise<Me> => {
    const person = await personOf(request, signIn, 'model');
    await accounts.setRingTerms(person.personId, request.body);
    return meOf(person, deps);
  });

  app.put('/api/availability', { schema: { body: SetAvailability } }, async (request): Promise<Me> => {
    const person = await personOf(request, signIn, 'model');
    await accounts.setAvailability(person.personId, request.body.hours);
    presence.changed();
    const me = await meOf(person, deps);
    hub.sendToPerson(person.personId, { type: 'availability', availableUntil: me.availableUntil });
    return me;
  });
}

/** A person as operators see them. */
const rowOf = (
  person: Person,
  balances: ReadonlyMap<number, PersonRow['balanceMinor']>,
  hub: ApiDeps['hub'],
): PersonRow => ({
  personId: person.personId,
  role: person.role,
  username: person.username,
  displayName: person.displayName,
  balanceMinor: person.role === 'operator' ? null : (balances.get(person.personId) ?? toMinor(0)),
  isOnline: hub.isOnline(person.personId),
  isVerified: person.verifiedAt !== null,
  isStaff: person.isStaff,
  sharePercent: person.sharePercent,
  createdAt: person.createdAt.toISOString(),
  suspendedAt: person.suspendedAt?.toISOString() ?? null,
  suspendedWhy: person.suspendedWhy,
  deletedAt: person.deletedAt?.toISOString() ?? null,
});

function registerOperator(app: Api, deps: ApiDeps): void {
  const { accounts, signIn, hub, ledger, presence } = deps;

  app.get('/api/people', { schema: { querystring: PeopleQuery } }, async (request): Promise<People> => {
    await personOf(request, signIn, 'operator');
    const people = await accounts.people(request.query);
    const balances = await ledger.balances(people.map((person) => person.personId));
    return { people: people.map((person) => rowOf(person, balances, hub)) };
  });

  app.post(
    '/api/people',
    { schema: { body: MakePerson }, config: { audit: 'person_made' } },
    async (request, reply): Promise<PersonMade> => {
      await personOf(request, signIn, 'operator');
      const { role, username, displayName } = request.body;
      // One operator who was taken over must not become two.
      if (role === 'operator') throw new UserError('at_the_machine');
      const person = await accounts.makePerson(role, username, displayName);
      if (role === 'model') presence.changed();
      reply.code(201);
      return { person: rowOf(person, new Map(), hub), link: await linkFor(deps, person.personId, request.host) };
    },
  );

  app.post(
    '/api/people/:personId/sign-in-link',
    { schema: { params: PersonParams }, config: { audit: 'link_made' } },
    async (request): Promise<SignInLink> => {
      await personOf(request, signIn, 'operator');
      const person = await accounts.person(request.params.personId);
      if (person.deletedAt !== null) throw new UserError('person_not_found');
      if (person.role === 'operator') throw new UserError('at_the_machine');
      if (person.suspendedAt !== null) throw new UserError('account_suspended');
      return linkFor(deps, person.personId, request.host);
    },
  );

  app.post(
    '/api/people/:personId/credit',
    { schema: { params: PersonParams, body: AddCredit }, config: { audit: 'credit_given' } },
    async (request): Promise<CreditAdded> => {
      const operator = await personOf(request, signIn, 'operator');
      const client = await accounts.person(request.params.personId);
      if (client.role !== 'client') throw new UserError('no_wallet');
      const { balanceMinor } = await ledger.topUp({
        key: request.body.key,
        clientId: client.personId,
        amountMinor: toMinor(request.body.amountMinor),
        reason: request.body.reason,
        actorId: operator.personId,
        ...(request.body.kind && { kind: request.body.kind }),
      });
      return { balanceMinor };
    },
  );
}

function registerStudioState(app: Api, deps: ApiDeps): void {
  const { signIn, metrics } = deps;

  app.get('/api/studio', async (request): Promise<Studio> => {
    await personOf(request, signIn, 'operator');
    return studioOf(deps);
  });

  app.get('/api/metrics', async (request, reply) => {
    await personOf(request, signIn, 'operator');
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

async function studioOf(deps: ApiDeps): Promise<Studio> {
  const [totals, disagreements, health, openReportCount] = await Promise.all([
    deps.ledger.totals(),
    deps.records.disagreements(),
    deps.store.health(),
    deps.issueReports.openCount(),
  ]);
  const ledger = deps.bookkeeper.state;
  const alarms = await deps.bookkeeper.alarms(health);
  if (disagreements.length > 0) {
    const calls = disagreements.join(', ');
    alarms.push({ code: 'receipt_disagrees', message: `Receipt, ledger and meter log disagree in call ${calls}.` });
  }
  return {
    openReportCount,
    calls: deps.calls.overview(),
    socketCount: deps.hub.connectionCount,
    media: { isUp: deps.media.isUp, restartCount: deps.media.restartCount },
    database: { isUp: health.isUp, isWritable: health.isUp && health.trouble === null },
    ...totals,
    ledgerBalanced: ledger.isBalanced,
    ledger,
    alarms,
    disagreements,
  };
}
