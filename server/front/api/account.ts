import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { digestOf, type Person } from '../../accounts/index.ts';
import {
  type CallLine,
  type DataExport,
  DeleteAccount,
  HUB_CLOSE_SIGNED_OUT,
  PAGE_SIZE_MAX,
  PersonParams,
  SessionParams,
  type Sessions,
  type Thread,
  toMinor,
  UserError,
} from '../../contract/index.ts';
import { currencyOf } from '../../settings/index.ts';
import { forgetPerson } from '../../trust/index.ts';
import type { Api } from './api.ts';
import { asJsonFile } from './download.ts';
import { meOf } from './me.ts';
import { type ApiDeps, clearSessionCookie, personOf } from './session.ts';

/** An export reads everything there is of a person. */
const EXPORTS_PER_MINUTE_MAX = 5;
const GIVEN_UP = 'Given up with the account';

/** What a person does with their own account: sessions, favourites, their data, the end of it. */
export function registerAccount(app: Api, deps: ApiDeps): void {
  registerSessions(app, deps);
  registerFavourites(app, deps);
  registerExport(app, deps);
  registerDeletion(app, deps);
}

function registerSessions(app: Api, { signIn, hub }: ApiDeps): void {
  const listOf = async (request: FastifyRequest): Promise<Sessions> => {
    const { personId, token } = await personOf(request, signIn);
    return { sessions: await signIn.sessions(personId, token) };
  };

  app.get('/api/sessions', listOf);

  app.delete('/api/sessions', async (request): Promise<Sessions> => {
    const { personId, token } = await personOf(request, signIn);
    await signIn.endOtherSessions(personId, token);
    hub.close(HUB_CLOSE_SIGNED_OUT, 'signed out on another device', (connection) => {
      return connection.personId === personId && connection.session !== token;
    });
    return listOf(request);
  });

  app.delete('/api/sessions/:sessionId', { schema: { params: SessionParams } }, async (request): Promise<Sessions> => {
    const { personId, token } = await personOf(request, signIn);
    const own = (await signIn.sessions(personId, token)).find((one) => one.isThis);
    if (own?.sessionId === request.params.sessionId) throw new UserError('wrong_state', 'Sign out here instead.');
    const digest = await signIn.endSession(personId, request.params.sessionId);
    hub.close(HUB_CLOSE_SIGNED_OUT, 'signed out on another device', (connection) => {
      return connection.personId === personId && digestOf(connection.session).equals(digest);
    });
    return listOf(request);
  });
}

function registerFavourites(app: Api, { signIn, accounts, favourites, hub }: ApiDeps): void {
  const send = async (personId: number) =>
    hub.sendToPerson(personId, { type: 'favourites', modelIds: await favourites.of(personId) });

  app.put('/api/people/:personId/favourite', { schema: { params: PersonParams } }, async (request) => {
    const { personId } = await personOf(request, signIn, 'client');
    const model = await accounts.model(request.params.personId);
    await favourites.add(personId, model.personId);
    await send(personId);
    return {};
  });

  app.delete('/api/people/:personId/favourite', { schema: { params: PersonParams } }, async (request) => {
    const { personId } = await personOf(request, signIn, 'client');
    await favourites.remove(personId, request.params.personId);
    await send(personId);
    return {};
  });
}

function registerExport(app: Api, deps: ApiDeps): void {
  const { signIn, settings } = deps;
  const rateLimit = { max: EXPORTS_PER_MINUTE_MAX, timeWindow: '1 minute' };
  const config = { rateLimit, audit: 'data_exported', isAuditedForAll: true } as const;
  app.get('/api/export', { config }, async (request, reply) => {
    const person = await personOf(request, signIn);
    const answer: Omit<DataExport, 'callFiles'> = {
      madeAt: new Date().toISOString(),
      appliance: settings.name,
      currency: settings.money.currency,
      minorDigits: settings.money.minorDigits,
      account: await meOf(person, deps),
      memberSince: person.createdAt.toISOString(),
      sessions: await signIn.sessions(person.personId, person.token),
      ...(await pastOf(person, deps)),
    };
    return asJsonFile(reply, 'parlour-data').send(Readable.from(exportText(answer, callFiles(person, answer, deps))));
  });
}

/** The files of calls come one by one: all of them together can be more than fits into memory. */
async function* exportText(
  answer: Omit<DataExport, 'callFiles'>,
  files: AsyncIterable<DataExport['callFiles'][number]>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(answer, null, 2).slice(0, -2)},\n  "callFiles": [`;
  let separator = '\n';
  for await (const file of files) {
    yield separator + JSON.stringify(file);
    separator = ',\n';
  }
  yield '\n  ]\n}';
}

async function* callFiles(
  person: Person,
  { calls }: Pick<DataExport, 'calls'>,
  { history, settings }: ApiDeps,
): AsyncGenerator<DataExport['callFiles'][number]> {
  for (const { callId } of calls) {
    const receipt = await history.receiptFile(person, callId, currencyOf(settings));
    if (receipt.receipt.liveAt !== null) yield { receipt, log: await history.logFile(person, callId) };
  }
}

/** Calls, money, messages and ties of a person. An operator has none. */
async function pastOf(person: Person, deps: ApiDeps) {
  if (person.role === 'operator') return { calls: [], money: [], threads: [], blocks: [], favourites: [] };
  const { history, ledger, threads, blocks, favourites } = deps;
  return {
    calls: await every<CallLine>(
      (page) => history.lines(person, page),
      (line) => line.callId,
    ),
    money: await ledger.history(person.personId, {}, 'file'),
    threads: await threadsOf(person, threads),
    blocks: (await blocks.of(person.personId)).map(({ person: other, at }) => ({ ...other, at })),
    favourites: await favourites.of(person.personId),
  };
}

/** One after another: an export must not take the database from the calls. */
async function threadsOf(person: Person, threads: ApiDeps['threads']): Promise<DataExport['threads']> {
  const whole: DataExport['threads'] = [];
  for (const peerId of await threads.peersOf(person)) {
    const { peer } = await threads.thread(person, peerId, { limit: 1 });
    const messages = await every<Thread['messages'][number]>(
      async (page) => (await threads.thread(person, peerId, page)).messages,
      (message) => message.messageId,
    );
    whole.push({ with: { personId: peer.personId, displayName: peer.displayName }, messages });
  }
  return whole;
}

/** A list to its end, page by page. */
async function every<T>(
  read: (page: { before?: number; limit: number }) => Promise<T[]>,
  idOf: (line: T) => number,
): Promise<T[]> {
  const lines: T[] = [];
  for (;;) {
    const last = lines.at(-1);
    const page = await read({ limit: PAGE_SIZE_MAX, ...(last !== undefined && { before: idOf(last) }) });
    lines.push(...page);
    if (page.length < PAGE_SIZE_MAX) return lines;
  }
}

/**
 * The end of an account. Money first, then words, then the person: wherever it breaks off, the person is still
 * there and can go on with it.
 */
function registerDeletion(app: Api, deps: ApiDeps): void {
  const { signIn, accounts, threads, hub, presence, store, audit } = deps;
  app.post('/api/account/deletion', { schema: { body: DeleteAccount } }, async (request, reply) => {
    const person = await personOf(request, signIn);
    const { username, giveUpMinor, key } = request.body;
    if (username !== person.username) throw new UserError('wrong_username');
    await refuseWhileBound(person, deps);
    await giveUp(person, giveUpMinor, key, deps);
    await threads.forgetTexts(person.personId);
    await forgetPerson(store.main, person.personId);
    await accounts.erase(person.personId);
    await audit.note({
      actorId: person.personId,
      action: 'account_deleted',
      personId: person.personId,
      detail: { role: person.role, ...(giveUpMinor > 0 && { amountMinor: giveUpMinor }) },
    });
    hub.close(HUB_CLOSE_SIGNED_OUT, 'the account is gone', (connection) => connection.personId === person.personId);
    presence.changed();
    clearSessionCookie(reply);
    return {};
  });
}

/** @throws UserError `in_call`, `payout_open`, `payment_open`, `last_operator` */
async function refuseWhileBound(person: Person, { calls, payouts, payments, accounts }: ApiDeps): Promise<void> {
  if (calls.isInCall(person.personId)) throw new UserError('in_call');
  if (person.role === 'model' && (await payouts.inPayout(person.personId)) > 0) throw new UserError('payout_open');
  if (person.role === 'client' && (await payments.hasPending(person.personId))) throw new UserError('payment_open');
  if (person.role === 'operator') {
    const others = await accounts.people({ role: 'operator', state: 'active', limit: 2 });
    if (others.every((one) => one.personId === person.personId)) throw new UserError('last_operator');
  }
}

/** @throws UserError `money_left` unless exactly the balance is given up */
async function giveUp(person: Person, giveUpMinor: number, key: string, { ledger }: ApiDeps): Promise<void> {
  const { personId, role } = person;
  if (role === 'operator') return;
  const balanceMinor = await ledger.balanceOf(personId, role);
  if (balanceMinor !== giveUpMinor && balanceMinor !== 0) throw new UserError('money_left');
  if (balanceMinor > 0) {
    const amountMinor = toMinor(-balanceMinor);
    await ledger.adjust({ key: `gone-${key}`, personId, role, amountMinor, reason: GIVEN_UP, actorId: personId });
  }
  // What has come meanwhile was not given up.
  if ((await ledger.balanceOf(personId, role)) !== 0) throw new UserError('money_left');
}
