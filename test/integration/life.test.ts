// What people do around a call: threads, ratings, reports, blocks, pictures, being told when she is free.
import t, { type Test } from 'tap';
import type { CallView, HubMessage, ThreadMessage } from '../../server/contract/index.ts';
import { TestAppliance } from '../support/appliance.ts';
import { TestSocket } from '../support/page-socket.ts';

const appliance = new TestAppliance({ PARLOUR_PEOPLE_SHOW_STAFF: 'true', PARLOUR_PEOPLE_MINIMUM_MIN_MAX: '5' });
await appliance.start();
t.teardown(() => appliance.end());

const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
const bob = await appliance.makePerson(operator, 'client', 'Bob');
const cookies = {
  mia: await appliance.signIn(mia.linkUrl),
  alex: await appliance.signIn(alex.linkUrl),
  bob: await appliance.signIn(bob.linkUrl),
};
type Name = keyof typeof cookies;
const as = (name: Name | 'operator') => (name === 'operator' ? operator : cookies[name]);
const ask = <T = Record<string, unknown>>(name: Name | 'operator', method: string, url: string, body?: unknown) =>
  appliance.request<T>(method, url, { cookie: as(name), ...(body !== undefined && { body }) });
const page = async (t: Test, name: Name | 'operator') => {
  const socket = await TestSocket.open(appliance, as(name));
  t.teardown(() => socket.close());
  return socket;
};
let keyCount = 0;
const text = (personId: number, words: string, key = `text-${++keyCount}-xx`) =>
  ({ type: 'message.send', personId, text: words, key }) as const;
const messagesOf = (socket: TestSocket): ThreadMessage[] =>
  socket.heard.flatMap((message) => (message.type === 'message' ? [message.message] : []));
const lineOf = (kind: string) => (message: HubMessage) =>
  message.type === 'message' && message.message.content.kind === kind;
const ring = async (client: TestSocket) =>
  (await client.ask({ type: 'call.ring', modelId: mia.personId })) as { callId: number };

await ask('mia', 'PUT', '/api/availability', { hours: 3 });

t.test('a text is kept, told to both live, read, and counted', async (t) => {
  const [model, client, second] = [await page(t, 'mia'), await page(t, 'alex'), await page(t, 'alex')];
  t.match(await model.ask(text(alex.personId, 'Hello stranger')), { error: { code: 'write_first' } });
  const sent = text(mia.personId, '  Are you there later?  ');
  t.match(await client.ask(sent), { type: 'ok' });
  t.match(await client.ask(sent), { type: 'ok' }, 'the same key again is the same text');
  t.match(await client.ask({ ...sent, text: 'Another' }), { error: { code: 'key_reused' } });
  await model.next((message) => message.type === 'unread' && message.unreadCount === 1);
  await second.next(lineOf('text'));
  t.equal(messagesOf(model).length, 1);
  t.match(messagesOf(model)[0], { authorId: alex.personId, content: { kind: 'text', text: 'Are you there later?' } });
  t.match(await model.ask(text(alex.personId, 'From eight on')), { type: 'ok' }, 'she may answer');
  const list = await ask('mia', 'GET', '/api/threads');
  t.match(list.body, { threads: [{ peer: { displayName: 'Alex' }, unreadCount: 1, isBlocked: false }] });
  const [first] = messagesOf(model);
  await model.ask({ type: 'message.read', personId: alex.personId, messageId: first?.messageId as number });
  await client.next((message) => message.type === 'message.read' && message.messageId === first?.messageId);
  await model.next((message) => message.type === 'unread' && message.unreadCount === 0);
  const thread = await ask<{ messages: ThreadMessage[] }>('alex', 'GET', `/api/threads/${mia.personId}`);
  t.match(thread.body, { canWrite: true, peerReadId: first?.messageId, peer: { displayName: 'Mia' } });
  t.strictSame(
    thread.body.messages.map(({ content }) => content.kind === 'text' && content.text),
    ['From eight on', 'Are you there later?'],
  );
  const older = await ask<{ messages: ThreadMessage[] }>(
    'alex',
    'GET',
    `/api/threads/${mia.personId}?limit=1&before=${thread.body.messages[0]?.messageId}`,
  );
  t.equal(older.body.messages.length, 1, 'and is read page by page');
});

t.test('nobody writes where no thread can be, nor more than a person would', async (t) => {
  const [client, other] = [await page(t, 'alex'), await page(t, 'bob')];
  t.match(await client.ask(text(bob.personId, 'Hi')), { error: { code: 'not_reachable' } }, 'two clients');
  t.match(await client.ask(text(9_999, 'Hi')), { error: { code: 'person_not_found' } });
  t.match(await client.ask(text(mia.personId, ' ')), { error: { code: 'malformed' } });
  t.match(await client.ask(text(mia.personId, 'x'.repeat(1_001))), { error: { code: 'malformed' } });
  t.match(await client.ask(text(mia.personId, 'a\u0000b')), { error: { code: 'malformed' } }, 'no database keeps it');
  t.match(await ask('alex', 'GET', `/api/threads/${bob.personId}`), { status: 409, body: { code: 'not_reachable' } });
  t.match(await ask('operator', 'GET', '/api/threads'), { status: 403 });
  const answers = [];
  for (let i = 0; i < 15; i++) answers.push(await other.ask(text(mia.personId, `line ${i}`)));
  t.match(answers.at(-1), { error: { code: 'too_many_requests' } });
});

t.test('a ring tells who calls, a rejection says why, and the thread keeps the line', async (t) => {
  await ask('operator', 'PUT', `/api/people/${alex.personId}/marks`, { isVerified: true, isStaff: true });
  const [model, client] = [await page(t, 'mia'), await page(t, 'alex')];
  const { callId } = await ring(client);
  // The ring waits for nothing that is known of the caller: that follows.
  const view = await model.call((one) => one.state === 'ringing' && one.caller !== null);
  t.match(view, {
    peer: { displayName: 'Alex', isVerified: true },
    caller: { isVerified: true, isStaff: true, callsWithYou: 0, callsInAll: 0, wasBlocked: false },
  });
  t.match(view.caller?.rating, { count: 0, averageTenths: null });
  t.equal((await client.call(() => true)).caller, null, 'a client is not told what is said of him');
  await model.ask({ type: 'call.reject', callId, reason: 'Back in ten minutes' });
  t.match(await client.call((one) => one.state === 'ended'), { rejectReason: 'Back in ten minutes' });
  const line = await client.next(lineOf('call'));
  t.match(line, {
    message: { authorId: null, content: { callId, outcome: 'rejected', rejectReason: 'Back in ten minutes' } },
  });
});

t.test('a withdrawn ring is news to her; a canceled call can be rated and a rejected one cannot', async (t) => {
  const [model, client] = [await page(t, 'mia'), await page(t, 'alex')];
  const withdrawn = await ring(client);
  await client.ask({ type: 'call.hangUp', callId: withdrawn.callId });
  await model.next((one) => one.type === 'message' && one.message.content.kind === 'call');
  await model.next((one) => one.type === 'unread' && one.unreadCount > 0);
  const up = { isUp: true, stars: 5 };
  t.match(await ask('alex', 'PUT', `/api/calls/${withdrawn.callId}/rating`, up), { body: { code: 'cannot_rate' } });
  const { callId } = await ring(client);
  await model.ask({ type: 'call.accept', callId });
  t.match(await ask('alex', 'PUT', `/api/calls/${callId}/rating`, up), { body: { code: 'cannot_rate' } }, 'not over');
  await client.ask({ type: 'call.hangUp', callId });
  await client.call((one) => one.state === 'ended');
  const url = `/api/calls/${callId}/rating`;
  t.match((await ask('alex', 'GET', url)).body, { canRate: true, rating: null });
  t.match(await ask('alex', 'PUT', url, up), { status: 200, body: { rating: { isUp: true, stars: 5 } } });
  t.match(await ask('bob', 'PUT', url, up), { status: 409, body: { code: 'cannot_rate' } }, 'not his call');
  t.match(await ask('alex', 'PUT', url, { isUp: true, stars: 6 }), { status: 400 });
  const withIssue = { isUp: true, stars: null, issue: { kind: 'no_sound', words: '' } };
  t.match(await ask('alex', 'PUT', url, withIssue), { status: 400 }, 'an issue goes with a thumb down');
  t.match(await ask('operator', 'GET', url), { status: 403 });
});

t.test('a thumb down reaches the operator with its words, and his answer reaches her', async (t) => {
  const [model, boss] = [await page(t, 'mia'), await page(t, 'operator')];
  const { body } = await ask<{ calls: { callId: number; outcome: string }[] }>('mia', 'GET', '/api/calls');
  const callId = body.calls.find((call) => call.outcome === 'canceled')?.callId as number;
  const issue = { kind: 'no_sound', words: 'I could not hear him' };
  await ask('mia', 'PUT', `/api/calls/${callId}/rating`, { isUp: false, stars: 1, issue });
  await ask('mia', 'PUT', `/api/calls/${callId}/rating`, { isUp: false, stars: 2, issue });
  await boss.next((message) => message.type === 'report.changed');
  const open = await ask<{ reports: { reportId: number }[] }>('operator', 'GET', '/api/issue-reports?state=open');
  t.match(open.body, { openCount: 1, reports: [{ callId, kind: 'no_sound', about: { displayName: 'Alex' } }] });
  t.equal(open.body.reports.length, 1, 'rated twice, reported once');
  t.match((await ask('operator', 'GET', '/api/studio')).body, { openReportCount: 1 });
  const url = `/api/issue-reports/${open.body.reports[0]?.reportId}/answer`;
  t.match(await ask('mia', 'POST', url, { words: 'me' }), { status: 403 });
  t.match(await ask('operator', 'POST', url, { words: '' }), { status: 400 });
  t.match(await ask('operator', 'POST', url, { words: 'We saw it. Sorry.' }), { status: 200 });
  t.match(await ask('operator', 'POST', url, { words: 'Again' }), { status: 409, body: { code: 'report_answered' } });
  await model.next((message) => message.type === 'report.changed');
  const own = await ask<{ reports: unknown[] }>('mia', 'GET', '/api/issue-reports');
  t.match(own.body.reports, [{ answer: 'We saw it. Sorry.', answeredBy: null }]);
  t.match((await ask('alex', 'GET', '/api/issue-reports')).body, { reports: [] }, 'nobody reads what was said of them');
});

t.test('a person can be reported without a call; a call of others cannot be named', async (t) => {
  const report = { kind: 'harassment', words: 'He threatens me' };
  t.match(await ask('mia', 'POST', `/api/people/${bob.personId}/reports`, report), { status: 201 });
  const foreign = await ask('mia', 'POST', `/api/people/${bob.personId}/reports`, { ...report, callId: 1 });
  t.match(foreign, { status: 404, body: { code: 'call_not_found' } });
  t.match(await ask('alex', 'POST', `/api/people/${bob.personId}/reports`, report), { status: 404 });
});

t.test('busy: the second caller hears it, asks to be told, and is told once when she is free', async (t) => {
  const [model, client, other] = [await page(t, 'mia'), await page(t, 'alex'), await page(t, 'bob')];
  const wish = { type: 'model.notifyMe', modelId: mia.personId, on: true } as const;
  t.match(await other.ask(wish), { error: { code: 'model_is_free' } });
  t.match(await model.ask(wish), { error: { code: 'not_allowed' } });
  const { callId } = await ring(client);
  t.match(await other.ask({ type: 'call.ring', modelId: mia.personId }), { error: { code: 'model_busy' } });
  t.match(await other.ask(wish), { type: 'ok' });
  await other.next((message) => message.type === 'notifyMe' && message.modelIds.includes(mia.personId));
  t.notOk(other.heard.some((message) => message.type === 'model.free'));
  await model.ask({ type: 'call.reject', callId });
  t.match(await other.next((message) => message.type === 'model.free'), { displayName: 'Mia' });
  await other.next((message) => message.type === 'notifyMe' && message.modelIds.length === 0);
});

t.test('two devices: both ring, the first to accept takes the call, the other stops ringing', async (t) => {
  const [one, two, client] = [await page(t, 'mia'), await page(t, 'mia'), await page(t, 'alex')];
  const { callId } = await ring(client);
  await Promise.all([one, two].map((socket) => socket.call((view) => view.state === 'ringing')));
  const answers = await Promise.all([one, two].map((socket) => socket.ask({ type: 'call.accept', callId })));
  t.equal(answers.filter((answer) => answer.type === 'ok').length, 1);
  t.match(
    answers.find((answer) => answer.type === 'error'),
    { error: { code: 'wrong_state' } },
  );
  await Promise.all([one, two].map((socket) => socket.call((view) => view.state === 'confirming')));
  await client.ask({ type: 'call.hangUp', callId });
  await one.call((view) => view.state === 'ended');
});

t.test('both hang up in the same moment: one outcome, and both see the same', async (t) => {
  const [model, client] = [await page(t, 'mia'), await page(t, 'alex')];
  const { callId } = await ring(client);
  await model.ask({ type: 'call.accept', callId });
  await Promise.all([model, client].map((socket) => socket.ask({ type: 'call.hangUp', callId })));
  const ended = (view: CallView) => view.state === 'ended';
  const [hers, his] = [await model.call(ended), await client.call(ended)];
  t.equal(hers.outcome, 'canceled');
  t.strictSame([hers.outcome, hers.endedBy], [his.outcome, his.endedBy]);
});

t.test('a tip needs a live call, and a person who pays', async (t) => {
  const [model, client] = [await page(t, 'mia'), await page(t, 'alex')];
  const { callId } = await ring(client);
  const tip = { type: 'call.tip', callId, amountMinor: 100, key: 'tip-key-1' } as const;
  t.match(await client.ask(tip), { error: { code: 'wrong_state' } });
  t.match(await model.ask(tip), { error: { code: 'not_allowed' } });
  t.match(await client.ask({ ...tip, amountMinor: 0 }), { error: { code: 'malformed' } });
  await client.ask({ type: 'call.hangUp', callId });
});

t.test('a block ends the ring, hides each from the other, and can be lifted', async (t) => {
  const [model, client] = [await page(t, 'mia'), await page(t, 'bob')];
  await client.models(({ length }) => length === 1);
  await ring(client);
  await model.call((view) => view.state === 'ringing');
  t.match(await ask('mia', 'PUT', `/api/people/${bob.personId}/block`), { status: 200 });
  t.match(await client.call((view) => view.state === 'ended'), { outcome: 'rejected' });
  await client.models(({ length }) => length === 0);
  const again = await client.ask({ type: 'call.ring', modelId: mia.personId });
  t.match(again, { error: { code: 'model_unavailable' } }, 'he hears no more than that');
  t.match(await client.ask(text(mia.personId, 'Why?')), { error: { code: 'not_reachable' } });
  t.match(await model.ask(text(bob.personId, 'Because')), { error: { code: 'not_reachable' } });
  t.match((await ask('mia', 'GET', '/api/blocks')).body, { blocks: [{ person: { displayName: 'Bob' } }] });
  t.match(await ask('alex', 'PUT', `/api/people/${bob.personId}/block`), { status: 403 });
  await ask('mia', 'DELETE', `/api/people/${bob.personId}/block`);
  const next = await ring(client);
  t.match(await model.call((view) => view.callId === next.callId && view.caller !== null), {
    caller: { wasBlocked: true },
  });
  await client.ask({ type: 'call.hangUp', callId: next.callId });
});

t.test('a picture is a picture, and its address changes with it', async (t) => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const put = (bytes: Buffer, type: string) => appliance.upload('/api/picture', bytes, type, cookies.mia);
  t.match(await put(Buffer.from('<svg onload="alert(1)">'), 'image/png'), {
    status: 400,
    body: { code: 'bad_picture' },
  });
  t.match(await put(Buffer.alloc(600_000, png), 'image/png'), { status: 413 });
  const set = await put(png, 'image/png');
  t.match(set, { status: 200, body: { pictureUrl: /^\/api\/people\/\d+\/picture\?v=[0-9a-f]{16}$/ } });
  const got = await ask('alex', 'GET', set.body.pictureUrl as string);
  t.match(got, { status: 200, headers: { 'content-type': 'image/png', 'x-content-type-options': 'nosniff' } });
  t.match(await appliance.request('GET', set.body.pictureUrl as string), { status: 401 });
  const client = await page(t, 'alex');
  await client.models(([card]) => card?.pictureUrl === set.body.pictureUrl);
  await appliance.request('DELETE', '/api/picture', { cookie: cookies.mia });
  t.match(await ask('alex', 'GET', set.body.pictureUrl as string), { status: 404 });
});

t.test('a profile keeps within what the operator allows', async (t) => {
  const profile = { rateMinor: 300, minimumMin: 2, about: 'Hi', languages: ['en', 'es'], tags: ['films'] };
  t.match(await ask('mia', 'PUT', '/api/profile', profile), { status: 200, body: { profile } });
  const put = (change: object) => ask('mia', 'PUT', '/api/profile', { ...profile, ...change });
  t.match(await put({ minimumMin: 6 }), { status: 400, body: { message: /<= 5, the operator's limit/ } });
  t.match(await put({ languages: ['english'] }), { status: 400 });
  t.match(await put({ tags: Array.from({ length: 9 }, (_, i) => `tag ${i}`) }), { status: 400 });
  const client = await page(t, 'alex');
  const [card] = await client.models(([one]) => one?.rateMinor === 300);
  t.match(card, { languages: ['en', 'es'], tags: ['films'] });
});

t.test('what was told before a restart stands in the thread once after it', async (t) => {
  const before = await ask<{ messages: unknown[] }>('alex', 'GET', `/api/threads/${mia.personId}?limit=100`);
  await appliance.killTree();
  await appliance.start();
  const after = await ask<{ messages: unknown[] }>('alex', 'GET', `/api/threads/${mia.personId}?limit=100`);
  t.strictSame(after.body.messages, before.body.messages);
});
