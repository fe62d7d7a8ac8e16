// What follows from what people may do: whose pages close, what is theirs to read, what is written down. Who
// may do it at all stands in the matrix (test/abuse).
import t from 'tap';
import { digestOf } from '../../server/accounts/index.ts';
import {
  type AuditEntries,
  type CallLines,
  type CallRefunds,
  type DataExport,
  type HistoryLines,
  HUB_CLOSE_SIGNED_OUT,
  type IssueReports,
  type Me,
  type Payments,
  type Payouts,
  type PersonMade,
  PICTURE_BYTES_MAX,
  type Receipt,
  type Role,
  type SignInLink,
} from '../../server/contract/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { AccessWorld, JPEG, NOBODY, PASSWORD, type Someone } from '../abuse/access-world.ts';
import type { Answer } from '../support/appliance.ts';
import type { TestSocket } from '../support/page-socket.ts';

const NEW_PASSWORD = 'another long password';
const CLEARED = /^__Host-parlour_session=; .*Expires=Thu, 01 Jan 1970/;

const world = await AccessWorld.open();
const { appliance, boss, alex, bob, mia, zoe } = world;
t.teardown(() => appliance.end());
const { accounts, signIn, store } = appliance.modules;

let keys = 0;
const newKey = () => `access-key-${++keys}`;
let addresses = 0;
/** An address that nothing has come from yet: its requests are counted from none. */
const newAddress = () => `127.0.3.${++addresses}`;

function as<T = Record<string, unknown>>(
  person: Someone,
  method: string,
  url: string,
  body?: object,
): Promise<Answer<T>> {
  const { cookie, from } = person;
  return appliance.request<T>(method, url, { cookie, from, ...(body && { body }) });
}
const isSignedIn = async (person: Someone) => (await as(person, 'GET', '/api/session')).status === 200;
const countOf = async (text: string, ...values: unknown[]): Promise<number> =>
  (await store.main.one<{ count: number }>(`select count(*) as count from ${text}`, values)).count;
/** A page that the hub knows. */
async function pageOf(person: Someone): Promise<TestSocket> {
  const page = await world.page(person);
  await page.next(({ type }) => type === 'hello');
  return page;
}
/** The newest entries of the audit log that an operator has. */
const entries = async (about = '') =>
  (await as<AuditEntries>(boss, 'GET', `/api/audit?limit=100${about && `&about=${about}`}`)).body.entries;
/** What is written down while `act` runs, newest first. */
async function noted(act: () => Promise<unknown>, about?: 'access') {
  const before = (await entries(about))[0]?.entryId ?? 0;
  await act();
  return (await entries(about)).filter(({ entryId }) => entryId > before);
}

// ---- sessions and their pages -------------------------------------------------------------------------------------

t.test('signing out ends this session, its pages and its cookie, and nothing else', async (t) => {
  const person = await world.fresh('client');
  const other = await world.again(person);
  const [page, kept, stranger] = [await pageOf(person), await pageOf(other), await pageOf(bob)];
  t.teardown(() => [kept, stranger].map((one) => one.close()));
  const answer = await as(person, 'DELETE', '/api/session');
  t.match(answer.headers['set-cookie'], [CLEARED]);
  t.equal(await page.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(await isSignedIn(person), false);
  t.equal(await isSignedIn(other), true);
  t.same([kept.closedWith, stranger.closedWith], [null, null]);
});

t.test('a new password closes the other pages of the person, not one’s own and nobody else’s', async (t) => {
  const person = await world.fresh('client');
  const other = await world.again(person);
  const [own, second, stranger] = [await pageOf(person), await pageOf(other), await pageOf(bob)];
  t.teardown(() => [own, stranger].map((one) => one.close()));
  t.equal((await as(person, 'PUT', '/api/password', { password: NEW_PASSWORD })).status, 200);
  t.equal(await second.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(await isSignedIn(other), false);
  t.equal(await isSignedIn(person), true);
  t.same([own.closedWith, stranger.closedWith], [null, null]);
  const body = { username: person.username, password: NEW_PASSWORD };
  t.equal((await appliance.request('POST', '/api/session', { body, from: newAddress() })).status, 200);
});

t.test('ending the other sessions closes their pages, not one’s own and nobody else’s', async (t) => {
  const person = await world.fresh('client');
  const other = await world.again(person);
  const [own, second, stranger] = [await pageOf(person), await pageOf(other), await pageOf(bob)];
  t.teardown(() => [own, stranger].map((one) => one.close()));
  await as(person, 'DELETE', '/api/sessions');
  t.equal(await second.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(await isSignedIn(other), false);
  t.same([own.closedWith, stranger.closedWith], [null, null]);
});

t.test('ending one session closes its pages alone', async (t) => {
  const person = await world.fresh('client');
  const other = await world.again(person);
  const [own, second] = [await pageOf(person), await pageOf(other)];
  t.teardown(() => own.close());
  await as(person, 'DELETE', `/api/sessions/${await world.sessionIdOf(other)}`);
  t.equal(await second.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(own.closedWith, null);
});

t.test('signing in ends the session that the browser had, and no other', async (t) => {
  const person = await world.fresh('client');
  await signIn.setPassword(person.personId, { password: PASSWORD }, await signIn.openSession(person.personId));
  const [other, before] = [await world.again(person), await world.again(person)];
  const body = { username: person.username, password: PASSWORD };
  const answer = await appliance.request('POST', '/api/session', { body, cookie: before.cookie, from: newAddress() });
  t.equal(answer.status, 200);
  t.equal(await isSignedIn(before), false);
  t.equal(await isSignedIn(other), true);
});

t.test('who takes their data away, and who asks for what is not theirs, is written down', async (t) => {
  const person = await world.fresh('client');
  const lines = await noted(async () => {
    await as(person, 'GET', '/api/export');
    await as(person, 'GET', '/api/people');
  }, 'access');
  t.match(lines, [
    { action: 'access_refused', actor: { personId: person.personId }, detail: { route: 'GET /api/people' } },
    { action: 'data_exported', actor: { personId: person.personId }, outcome: 'done' },
  ]);
});

t.test('a session that a link began sets a password without the old one, and one by password does not', async (t) => {
  const { personId, username } = await world.fresh('client');
  const asksOld = async (body: object, url: string) => {
    const answer = await appliance.request('POST', url, { body, from: newAddress() });
    const [cookie] = String(answer.headers['set-cookie']).split(';') as [string];
    return (await appliance.request('GET', '/api/password', { cookie })).body.asksOld;
  };
  await signIn.setPassword(personId, { password: PASSWORD }, await signIn.openSession(personId));
  const { token } = await signIn.newLink(personId);
  t.equal(await asksOld({ token }, '/api/session/link'), false);
  t.equal(await asksOld({ username, password: PASSWORD }, '/api/session'), true);
});

/** The model turns her calls on, and the client's page rings her. */
async function ring(his: TestSocket, hers: TestSocket, model: Someone): Promise<void> {
  await as(model, 'PUT', '/api/availability', { hours: 1 });
  await his.models((cards) => cards.some((card) => card.personId === model.personId && card.presence === 'available'));
  await his.ask({ type: 'call.ring', modelId: model.personId });
  await hers.call(({ state }) => state === 'ringing');
}

t.test('a suspension ends the call and closes the pages of that person, and of nobody else', async (t) => {
  const [client, model] = [await world.fresh('client'), await world.fresh('model')];
  const [his, hers, stranger] = [await pageOf(client), await pageOf(model), await pageOf(bob)];
  t.teardown(() => [hers, stranger].map((one) => one.close()));
  await ring(his, hers, model);
  await as(boss, 'PUT', `/api/people/${client.personId}/suspension`, { reason: 'x' });
  t.match(await hers.call(({ state }) => state === 'ended'), { outcome: 'operator_ended' });
  t.equal(await his.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(await isSignedIn(client), false);
  t.same([hers.closedWith, stranger.closedWith], [null, null]);
});

t.test('a reset closes the pages of that person, and makes a link for them', async (t) => {
  const person = await world.fresh('client');
  const [page, stranger] = [await pageOf(person), await pageOf(bob)];
  t.teardown(() => stranger.close());
  const { body } = await as<SignInLink>(boss, 'POST', `/api/people/${person.personId}/reset`);
  t.equal(await page.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(stranger.closedWith, null);
  const token = body.url.split('#')[1] as string;
  t.equal((await signIn.byLink(token)).personId, person.personId);
});

t.test('a block in a call hangs up', async (t) => {
  const [client, model] = [await world.fresh('client'), await world.fresh('model')];
  const [his, hers] = [await pageOf(client), await pageOf(model)];
  t.teardown(() => [his, hers].map((one) => one.close()));
  await ring(his, hers, model);
  await as(model, 'PUT', `/api/people/${client.personId}/block`);
  t.match(await his.call(({ state }) => state === 'ended'), { outcome: 'rejected' });
});

// ---- the end of an account ----------------------------------------------------------------------------------------

const deletion = ({ username }: Someone, giveUpMinor = 0) => ({ username, giveUpMinor, key: newKey() });

t.test('a deletion gives up the money, and takes away texts, ties, sessions, pages and cookie', async (t) => {
  const person = await world.fresh('client');
  const { personId } = person;
  await as(boss, 'POST', `/api/people/${personId}/credit`, { key: newKey(), amountMinor: 700, reason: 'x' });
  await as(person, 'PUT', `/api/people/${mia.personId}/favourite`);
  const [page, hers] = [await pageOf(person), await pageOf(mia)];
  t.teardown(() => hers.close());
  await page.ask({ type: 'message.send', personId: mia.personId, text: 'Hello', key: newKey() });
  const answer = await as(person, 'POST', '/api/account/deletion', deletion(person, 700));
  t.equal(answer.status, 200);
  t.match(answer.headers['set-cookie'], [CLEARED]);
  t.equal(await page.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(hers.closedWith, null);
  t.match(await accounts.person(personId), { username: `deleted:${personId}` });
  t.equal(await countOf('message where author_id = $1', personId), 0);
  t.equal(await countOf('favourite where client_id = $1', personId), 0);
  const { lines } = (await as<HistoryLines>(boss, 'GET', `/api/history?personId=${personId}`)).body;
  t.match(lines, [{ kind: 'adjustment', amountMinor: -700, balanceMinor: 0 }, { kind: 'top_up' }]);
  t.match(await entries(), [
    {
      action: 'account_deleted',
      actor: { personId },
      person: { personId },
      detail: { role: 'client', amountMinor: 700 },
    },
  ]);
});

t.test('nobody is deleted in a call, and an operator only beside another', async (t) => {
  const [client, model] = [await world.fresh('client'), await world.fresh('model')];
  const [his, hers] = [await pageOf(client), await pageOf(model)];
  t.teardown(() => [his, hers].map((one) => one.close()));
  await ring(his, hers, model);
  for (const person of [client, model])
    t.match((await as(person, 'POST', '/api/account/deletion', deletion(person))).body, { code: 'in_call' });
  const second = await world.fresh('operator');
  t.equal((await as(second, 'POST', '/api/account/deletion', deletion(second))).status, 200);
  t.match((await as(boss, 'POST', '/api/account/deletion', deletion(boss))).body, { code: 'last_operator' });
});

// ---- what is one's own to read ------------------------------------------------------------------------------------

t.test('each sees themselves: a balance, and her own terms', async (t) => {
  const me = async (person: Someone) => (await as<Me>(person, 'GET', '/api/session')).body;
  t.match(await me(boss), { role: 'operator', balanceMinor: null, profile: null, sharePercent: null });
  t.match(await me(alex), { balanceMinor: Number, profile: null, rating: null });
  t.match(await me(mia), { balanceMinor: Number, profile: { rateMinor: 200 }, sharePercent: 60 });
  const { body } = await as<{ people: { personId: number; balanceMinor: number | null }[] }>(
    boss,
    'GET',
    '/api/people',
  );
  const balanceOf = (person: Someone) => body.people.find((row) => row.personId === person.personId)?.balanceMinor;
  t.equal(balanceOf(boss), null);
  t.type(balanceOf(alex), 'number');
});

t.test('a client does not read what she earned, and only the operator what the studio has', async (t) => {
  const receipt = async (person: Someone) =>
    (await as<Receipt>(person, 'GET', `/api/calls/${world.call.callId}/receipt`)).body;
  t.match(await receipt(alex), { earnedMinor: null, studioMinor: null, chargedMinor: Number });
  t.match(await receipt(mia), { earnedMinor: 240, studioMinor: null });
  t.match(await receipt(boss), { earnedMinor: 240, studioMinor: 160 });
  const line = async (person: Someone) => (await as<CallLines>(person, 'GET', '/api/calls')).body.calls.at(-1);
  t.match(await line(alex), { mySide: 'client', earnedMinor: null });
  t.match(await line(mia), { mySide: 'model', earnedMinor: 240 });
});

t.test('who gave it back is said to the model and the operator, and what can be given back to each', async (t) => {
  await as(boss, 'POST', `/api/calls/${world.call.callId}/refund`, { units: [1], reason: 'x' });
  const refunds = async (person: Someone) =>
    (await as<CallRefunds>(person, 'GET', `/api/calls/${world.call.callId}/refunds`)).body;
  t.match(await refunds(alex), { refunds: [{ byName: null }], refundableUnits: [] });
  t.match(await refunds(mia), { refunds: [{ byName: 'Boss' }], refundableUnits: [2] });
});

t.test('payments, payouts, histories and reports are one’s own, and the operator’s all', async (t) => {
  await world.payment(alex);
  await world.payment(bob);
  await world.payout(mia);
  await world.payout(zoe);
  await world.report(alex, mia);
  await world.report(bob, zoe);
  const clients = async (person: Someone) =>
    new Set((await as<Payments>(person, 'GET', '/api/payments')).body.payments.map(({ client }) => client.personId));
  t.same(await clients(alex), new Set([alex.personId]));
  t.same(await clients(boss), new Set([alex.personId, bob.personId]));
  const models = async (person: Someone) =>
    new Set((await as<Payouts>(person, 'GET', '/api/payouts')).body.payouts.map(({ model }) => model.personId));
  t.same(await models(mia), new Set([mia.personId]));
  t.same(await models(boss), new Set([mia.personId, zoe.personId]));
  const reporters = async (person: Someone) =>
    new Set(
      (await as<IssueReports>(person, 'GET', '/api/issue-reports')).body.reports.map(
        ({ reporter }) => reporter.personId,
      ),
    );
  t.same(await reporters(alex), new Set([alex.personId]));
  t.same(await reporters(boss), new Set([alex.personId, bob.personId]));
  const history = async (person: Someone, query = '') =>
    (await as<HistoryLines>(person, 'GET', `/api/history${query}`)).body.lines.length;
  t.ok((await history(alex)) > 0);
  t.equal(await history(boss), 0, 'an operator has none');
  t.equal(await history(boss, `?personId=${alex.personId}`), await history(alex));
});

t.test('who of the studio has answered a report is not said to who made it', async (t) => {
  const reportId = await world.report(alex, mia);
  await as(boss, 'POST', `/api/issue-reports/${reportId}/answer`, { words: 'We look into it' });
  const answer = async (person: Someone) =>
    (await as<IssueReports>(person, 'GET', '/api/issue-reports')).body.reports.find((one) => one.reportId === reportId);
  t.match(await answer(alex), { answer: 'We look into it', answeredBy: null });
  t.match(await answer(boss), { answer: 'We look into it', answeredBy: 'Boss' });
});

t.test('an export has the files of calls that were live, and all that is kept of a person', async (t) => {
  const { body } = await as<DataExport>(zoe, 'GET', '/api/export');
  t.match(body, {
    account: { username: 'zoe' },
    calls: [{ callId: world.otherCall.callId }],
    callFiles: [{ receipt: { receipt: { callId: world.otherCall.callId } } }],
    sessions: [{ isThis: true }],
  });
  t.equal(body.callFiles.length, 1);
  t.ok(body.money.length > 0);
});

// ---- what is written down -----------------------------------------------------------------------------------------

t.test('what an operator does is written down: who, what, to whom, and no secret', async (t) => {
  const person = await world.fresh('client');
  const to = { personId: person.personId };
  const url = `/api/people/${person.personId}`;
  for (const [action, method, tail, body, detail] of [
    ['link_made', 'POST', '/sign-in-link', undefined, {}],
    ['credit_given', 'POST', '/credit', { key: newKey(), amountMinor: 5, reason: 'gift' }, { amountMinor: 5 }],
    [
      'balance_corrected',
      'POST',
      '/adjustment',
      { key: newKey(), amountMinor: -5, reason: 'oops' },
      { reason: 'oops' },
    ],
    ['marks_set', 'PUT', '/marks', { isVerified: true, isStaff: false }, { isVerified: true, isStaff: false }],
    ['person_suspended', 'PUT', '/suspension', { reason: 'x' }, { reason: 'x' }],
    ['suspension_lifted', 'DELETE', '/suspension', undefined, {}],
    ['person_reset', 'POST', '/reset', undefined, {}],
  ] as const) {
    const made = await noted(() => as(boss, method, url + tail, body));
    t.match(made, [{ action, actor: { personId: boss.personId }, person: to, detail }], action);
    t.equal(made.length, 1);
    t.notMatch(JSON.stringify(made), /key|token|password/);
  }
});

t.test('who gave credit is in the books', async (t) => {
  const { personId } = await world.fresh('client');
  const body = { key: newKey(), amountMinor: 5, reason: 'a gift' };
  await as(boss, 'POST', `/api/people/${personId}/credit`, body);
  t.equal(await countOf(`ledger_transfer where reason = 'a gift' and actor_id = $1`, boss.personId), 1);
});

t.test('whom an operator made, which call, which payout: it is written down', async (t) => {
  const body = { role: 'client', username: 'noted-one', displayName: 'Noted' };
  const [made] = await noted(() => as<PersonMade>(boss, 'POST', '/api/people', body));
  t.match(made, { action: 'person_made', person: { displayName: 'Noted' }, detail: { username: 'noted-one' } });
  const { callId } = world.otherCall;
  const refund = () => as(boss, 'POST', `/api/calls/${callId}/refund`, { units: [1], reason: 'x' });
  t.match(await noted(refund), [{ action: 'call_refunded', detail: { callId, units: '1' } }]);
  const payoutId = await world.approvedPayout(mia);
  const paid = () => as(boss, 'POST', `/api/payouts/${payoutId}/paid`, {});
  t.match(await noted(paid), [{ action: 'payout_paid', detail: { payoutId } }]);
});

t.test('what a model gives back is no deed of an operator, and what was refused was not done', async (t) => {
  const { callId } = world.otherCall;
  t.same(await noted(() => as(zoe, 'POST', `/api/calls/${callId}/refund`, { units: [2], reason: 'x' })), []);
  t.match(await noted(() => as(boss, 'POST', `/api/people/${NOBODY}/sign-in-link`)), [
    { action: 'link_made', person: null, outcome: 'person_not_found' },
  ]);
});

t.test('the set-up is written down without its password', async (t) => {
  const { body } = await as<AuditEntries>(boss, 'GET', '/api/audit?action=set_up');
  t.match(body.entries, [{ action: 'set_up', actor: { displayName: 'Boss' }, person: null }]);
  t.same(body.entries[0]?.detail, {});
});

// ---- what every answer has ----------------------------------------------------------------------------------------

t.test('no answer of the API is kept, and no page is framed or runs foreign scripts', async (t) => {
  const { headers } = await as(alex, 'GET', '/api/session');
  t.equal(headers['cache-control'], 'no-store');
  const page = await appliance.request('GET', '/');
  const policy = String(page.headers['content-security-policy']);
  t.match(policy, /frame-ancestors 'none'/);
  t.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  t.match(policy, new RegExp(`connect-src 'self' wss://localhost:${appliance.port}[ ;]`), 'no socket but our own');
  t.match(page.headers, {
    'referrer-policy': 'no-referrer',
    'permissions-policy': /camera=\(self\), microphone=\(self\)/,
  });
  const picture = await appliance.upload('/api/picture', JPEG, 'image/jpeg', mia.cookie);
  const { headers: kept } = await as(alex, 'GET', String(picture.body.pictureUrl));
  t.match(kept['cache-control'], /^private/);
});

t.test('where a block stands there is no picture, and nothing else either is said', async (t) => {
  const [client, model] = [await world.fresh('client'), await world.fresh('model')];
  await appliance.upload('/api/picture', JPEG, 'image/jpeg', model.cookie);
  const picture = () => as(client, 'GET', `/api/people/${model.personId}/picture`);
  t.equal((await picture()).status, 200);
  await as(model, 'PUT', `/api/people/${client.personId}/block`);
  t.match(await picture(), { status: 404, body: { code: 'no_picture' } });
});

t.test('what is too large, holds a NUL or is nowhere is said to be so', async (t) => {
  const check = (length: number) => as(boss, 'POST', '/api/settings/check', { text: 'x', rest: 'x'.repeat(length) });
  t.match(await check(60 * 1024), { status: 400, body: { code: 'malformed' } });
  t.match(await check(64 * 1024), { status: 413, body: { code: 'too_large' } });
  const picture = Buffer.concat([JPEG, Buffer.alloc(PICTURE_BYTES_MAX)]);
  t.match(await appliance.upload('/api/picture', picture, 'image/jpeg', mia.cookie), { body: { code: 'too_large' } });
  t.match(await as(boss, 'GET', '/api/people?search=a%00b'), { status: 400, body: { code: 'malformed' } });
  t.match(await as(boss, 'POST', '/api/settings/check', { text: 'a\u0000b' }), {
    status: 400,
    body: { code: 'malformed' },
  });
  t.match(await as(boss, 'GET', '/api/nothing'), { status: 404, body: { code: 'not_found' } });
  t.match(await as(boss, 'GET', '/api/studio/x'), { status: 404, body: { code: 'not_found' } });
});

t.test('a database that is away is said to be, and what breaks inside stays inside', async (t) => {
  const real = signIn.personOfSession;
  t.teardown(() => {
    signIn.personOfSession = real;
  });
  for (const [error, status, code] of [
    [new StoreUnavailable('secret'), 503, 'unavailable'],
    [new Error('secret'), 500, 'internal'],
  ] as const) {
    signIn.personOfSession = () => Promise.reject(error);
    const answer = await as(alex, 'GET', '/api/session');
    t.match(answer, { status, body: { code } });
    t.notMatch(JSON.stringify(answer.body), /secret/);
  }
});

t.test('a webhook needs no origin; its signature counts, and its length', async (t) => {
  const hook = (body: object | undefined) =>
    appliance.request('POST', '/api/webhooks/payment', { headers: { Origin: '' }, ...(body && { body }) });
  t.match(await hook({}), { status: 401, body: { code: 'bad_signature' } });
  t.match(await hook({ text: 'x'.repeat(17 * 1024) }), { status: 413, body: { code: 'too_large' } });
  t.match(await hook(undefined), { status: 400, body: { code: 'malformed', message: 'The body is empty.' } });
});

t.test('a link is of the person for whom it was made, whoever made it', async (t) => {
  for (const role of ['client', 'model'] as const satisfies Role[]) {
    const { personId } = await world.fresh(role);
    const { body } = await as<SignInLink>(boss, 'POST', `/api/people/${personId}/sign-in-link`);
    const [, token] = body.url.split('#') as [string, string];
    t.equal(body.url, `${appliance.url}/sign-in#${token}`);
    const purpose = `digest = $1 and purpose = 'sign_in' and person_id = $2`;
    t.equal(await countOf(`sign_in_link where ${purpose}`, digestOf(token), personId), 1, role);
  }
});

t.test('a link that is made at the appliance itself names the addresses of other devices, too', async (t) => {
  const link = async (host: string) => {
    const headers = { Host: host, Origin: `https://${host}` };
    const { cookie, from } = boss;
    const url = `/api/people/${alex.personId}/sign-in-link`;
    return (await appliance.request<SignInLink>('POST', url, { cookie, from, headers })).body;
  };
  const here = await link(`localhost:${appliance.port}`);
  t.equal(here.otherUrls[0], here.url.replace('localhost', 'calls.example.org'));
  t.same((await link(`calls.example.org:${appliance.port}`)).otherUrls, [], 'where it leads somewhere, it is enough');
});
