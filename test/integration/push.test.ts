// Notifications of people who have no page open, against a push service on loopback.
import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { TestSocket } from '../support/page-socket.ts';
import { PushDouble } from '../support/push-double.ts';

const service = await PushDouble.start();
const appliance = new TestAppliance({
  PARLOUR_PUSH_ALLOW_PRIVATE: 'true',
  NODE_EXTRA_CA_CERTS: service.certificateFile,
});
await appliance.start();
t.teardown(async () => {
  await appliance.end();
  service.stop();
});
const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
const [miaCookie, alexCookie] = [await appliance.signIn(mia.linkUrl), await appliance.signIn(alex.linkUrl)];
const turnOn = (cookie: string, name: string) =>
  appliance.request('PUT', '/api/push', { cookie, body: service.browser(name) });
const state = (cookie: string) => appliance.request('GET', '/api/push', { cookie });
const countOf = (kind: string) => service.delivered.filter(({ news }) => news.kind === kind).length;
/** Until the appliance knows that no page of a person is open any more. */
async function gone(personId: number): Promise<void> {
  type People = { people: { personId: number; isOnline: boolean }[] };
  for (;;) {
    const { body } = await appliance.request<People>('GET', '/api/people', { cookie: operator });
    if (!body.people.find((person) => person.personId === personId)?.isOnline) return;
  }
}
const setCalls = (hours: number) =>
  appliance.request('PUT', '/api/availability', { cookie: miaCookie, body: { hours } });

await appliance.request('PUT', '/api/profile', {
  cookie: miaCookie,
  body: { rateMinor: 200, minimumMin: 0, about: '', languages: [], tags: [] },
});
await appliance.addCredit(operator, alex.personId, 10_000);
await turnOn(miaCookie, 'mia');

t.test('who is signed in turns them on; bad addresses and strangers change nothing', async (t) => {
  t.match(await state(miaCookie), { status: 200, body: { endpoint: `${service.origin}/to/mia` } });
  t.match(await state(alexCookie), { status: 200, body: { endpoint: null } });
  const { keys } = service.browser('nobody');
  const put = (cookie: string, body: unknown) => appliance.request('PUT', '/api/push', { cookie, body });
  t.match(await put(alexCookie, { endpoint: 'http://localhost/x', keys }), {
    status: 400,
    body: { code: 'malformed' },
  });
  t.match(await put(alexCookie, { endpoint: `${service.origin}/x`, keys: {} }), { body: { code: 'malformed' } });
  t.match(await put(alexCookie, { endpoint: 'https://u:p@localhost/x', keys }), {
    status: 400,
    body: { code: 'bad_push_endpoint' },
  });
  t.match(await put(operator, service.browser('boss')), { status: 403, body: { code: 'not_allowed' } });
  t.match(await state('__Host-parlour_session=none'), { status: 401, body: { code: 'not_signed_in' } });
  t.match(await state(alexCookie), { body: { endpoint: null } });
  t.match(await appliance.request('POST', '/api/push/test', { cookie: alexCookie }), { body: { code: 'push_off' } });
  t.equal((await appliance.request('POST', '/api/push/test', { cookie: miaCookie })).status, 200);
  await service.until(({ browser, news }) => browser === 'mia' && news.kind === 'test');
});

t.test('a ring without any page open is told at once, and takes the place of nothing else', async (t) => {
  const page = await TestSocket.open(appliance, miaCookie);
  await setCalls(1);
  const client = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => client.close());
  await client.models(([card]) => card?.presence === 'available');
  page.close();
  await gone(mia.personId);
  const { callId } = (await client.ask({ type: 'call.ring', modelId: mia.personId })) as { callId: number };
  const ring = await service.until(({ news }) => news.kind === 'ring');
  t.same(ring.news, { kind: 'ring', name: 'Alex', callId }, 'no more than it needs');
  t.match(ring, { browser: 'mia', ttl: 45, urgency: 'high', topic: `call-${callId}` });
  await client.ask({ type: 'call.hangUp', callId });
  const missed = await service.until(({ news }) => news.kind === 'missed');
  t.match(missed, { news: { name: 'Alex', callId, personId: alex.personId }, topic: `call-${callId}` });
});

t.test('a message is told to who is offline, without its words; who is here is told by the page', async (t) => {
  const client = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => client.close());
  const send = (text: string, key: string) =>
    client.ask({ type: 'message.send', personId: mia.personId, text, key: `${key}-0123456789` });
  await send('a secret', 'one');
  const { news } = await service.until((one) => one.news.kind === 'message');
  t.same(news, { kind: 'message', name: 'Alex', personId: alex.personId });
  const page = await TestSocket.open(appliance, miaCookie);
  // An open socket is not yet a page that the hub knows.
  await page.next((message) => message.type === 'hello');
  await send('another', 'two');
  await page.next((message) => message.type === 'message' && message.message.content.kind === 'text');
  page.close();
  t.equal(countOf('message'), 1);
});

t.test('a client who asked is told that she is free while no page is open, once', async (t) => {
  await setCalls(0);
  const client = await TestSocket.open(appliance, alexCookie);
  await client.ask({ type: 'model.notifyMe', modelId: mia.personId, on: true });
  client.close();
  await gone(alex.personId);
  await turnOn(alexCookie, 'alex');
  const page = await TestSocket.open(appliance, miaCookie);
  await setCalls(1);
  const { news } = await service.until((one) => one.browser === 'alex');
  t.same(news, { kind: 'free', name: 'Mia', personId: mia.personId });
  page.close();
});

t.test('a model whose page is gone for a minute while her calls are on is warned', async (t) => {
  const { news, urgency } = await service.until((one) => one.news.kind === 'away');
  t.same({ news, urgency }, { news: { kind: 'away' }, urgency: 'high' });
  t.equal(countOf('away'), 1);
  t.equal(countOf('free'), 1, 'the wish was met once');
});

t.test('a browser that has ended its subscription, and a session that has ended, are told nothing more', async (t) => {
  service.answers.set('alex', 410);
  const test = await appliance.request('POST', '/api/push/test', { cookie: alexCookie });
  t.match(test, { status: 503, body: { code: 'push_not_delivered' } });
  t.match(await state(alexCookie), { body: { endpoint: null } }, 'gone');

  const second = await appliance.signIn(await appliance.newLink(operator, mia.personId));
  await turnOn(second, 'second');
  await appliance.request('DELETE', '/api/session', { cookie: second });
  const third = await appliance.signIn(await appliance.newLink(operator, mia.personId));
  await turnOn(third, 'third');
  const before = service.delivered.length;
  const client = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => client.close());
  await client.ask({ type: 'message.send', personId: mia.personId, text: 'hello', key: 'three-0123456789' });
  for (const name of ['mia', 'third']) {
    await service.until((one) => one.browser === name && service.delivered.indexOf(one) >= before);
  }
  t.notOk(service.delivered.some(({ browser }) => browser === 'second'));

  await appliance.request('DELETE', '/api/push', { cookie: third });
  t.match(await state(third), { body: { endpoint: null } }, 'turned off');
});

t.test('the same browser with another person is told of that one only', async (t) => {
  await turnOn(alexCookie, 'shared');
  const body = service.browser('shared');
  await appliance.request('PUT', '/api/push', { cookie: miaCookie, body });
  t.match(await state(alexCookie), { body: { endpoint: null } });
  t.match(await state(miaCookie), { body: { endpoint: body.endpoint } });
});

t.test('the keys outlive a restart, so that every browser stays subscribed', async (t) => {
  const { publicKey } = (await state(miaCookie)).body;
  await appliance.killMain();
  await appliance.start();
  t.equal((await state(miaCookie)).body.publicKey, publicKey);
  t.equal((await appliance.request('POST', '/api/push/test', { cookie: miaCookie })).status, 200);
});
