// Notifications as they are sent: whose browsers are told, how, and what a push service answers. On a real database,
// against a push service on loopback.
import fs from 'node:fs';
import t from 'tap';
import { Accounts, digestOf, type Person, SignIn } from '../../server/accounts/index.ts';
import type { PushNotification } from '../../server/contract/index.ts';
import { Push } from '../../server/push/index.ts';
import { vapidKeys } from '../../server/push/keys.ts';
import { send } from '../../server/push/send.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { leadNamesTo } from '../support/dns-double.ts';
import { PushDouble } from '../support/push-double.ts';
import { openTestStore, temporaryFolder } from '../support/store.ts';

const CONTACT = 'mailto:studio@example.org';
const BROWSERS_MAX = 10;
const AT_ONCE_MAX = 8;
const WAITING_MAX = 1_000;
const ANSWER_MS_MAX = 10_000;
const TEST: PushNotification = { kind: 'test' };

// Further authorities can be named at the start of a process only; the double's certificate is not what is tested here.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const data = temporaryFolder('push-delivery');
const service = await PushDouble.start();
const store = await openTestStore(temporaryFolder('push-store'));
t.teardown(async () => {
  service.stop();
  await store.close();
  fs.rmSync(data, { recursive: true });
});
const database = store.main;
const accounts = new Accounts(database);
const signIn = new SignIn(database);
const sender = { keys: vapidKeys(data), contact: CONTACT, allowPrivate: true };

/** The module with its counters. */
function openPush(settings: { allowPrivate: boolean; contact: string } = { allowPrivate: true, contact: CONTACT }) {
  const metrics = createMetrics();
  const push = new Push({ database, settings: { data, push: settings }, log: createLog('silent'), metrics });
  const countOf = async (result: string) => {
    const { values } = await metrics.pushes.get();
    return values.find(({ labels }) => labels.result === result)?.value ?? 0;
  };
  return { push, countOf };
}
const { push, countOf } = openPush();

let count = 0;
const make = (): Promise<Person> => accounts.makePerson('client', `person${++count}`, `Person ${count}`);
const sessionOf = async ({ personId }: Person) => digestOf(await signIn.openSession(personId));
/** A further device of a person, with a browser of this name that takes notifications. */
async function subscribed(person: Person, name: string): Promise<Buffer> {
  const session = await sessionOf(person);
  await push.subscribe(session, service.browser(name));
  return session;
}
const arrived = (name: string) => service.delivered.filter(({ browser }) => browser === name).length;
const subscriptionOf = (name: string) => {
  const { endpoint, keys } = service.browser(name);
  return { endpoint, ...keys };
};
/** Whatever was sent beside these few has arrived by then. */
async function later(): Promise<void> {
  for (let n = 0; n < 3; n++) await send(subscriptionOf('beside'), TEST, sender);
}

// ---- into the studio's own network nothing goes -------------------------------------------------------------------

const inside = { keys: sender.keys, contact: CONTACT, allowPrivate: false };

t.test('a name that leads inside is found out when it is sent', async (t) => {
  const { keys } = service.browser('inside');
  const subscription = { endpoint: 'https://push.example.org/x', ...keys };
  t.teardown(leadNamesTo(['127.0.0.1']));
  await t.rejects(send(subscription, TEST, inside), /push\.example\.org leads to 127\.0\.0\.1/);
});

t.test('an address that was kept is checked again when it is sent', async (t) => {
  const { keys } = service.browser('kept');
  const kept = { endpoint: 'https://127.0.0.1/x', ...keys };
  await t.rejects(send(kept, TEST, inside), { code: 'bad_push_endpoint' });
});

t.test('without the operator’s leave no private address is subscribed', async (t) => {
  const strict = openPush({ allowPrivate: false, contact: '' }).push;
  const session = await sessionOf(await make());
  const browser = service.browser('strict');
  for (const endpoint of [
    browser.endpoint,
    'https://192.168.1.1/x',
    'https://nas.local/x',
    'https://u@push.example/',
  ]) {
    await t.rejects(strict.subscribe(session, { ...browser, endpoint }), { code: 'bad_push_endpoint' }, endpoint);
  }
  t.match(await strict.state(session), { endpoint: null });
});

// ---- how it is sent -----------------------------------------------------------------------------------------------

t.test('each kind has its time, its topic and its urgency', async (t) => {
  const about = { name: 'Mia', personId: 3 };
  for (const [news, ttl, topic, urgency] of [
    [{ kind: 'ring', name: 'Alex', callId: 9 }, 45, 'call-9', 'high'],
    [{ kind: 'missed', callId: 9, ...about }, 86_400, 'call-9', 'normal'],
    [{ kind: 'message', ...about }, 86_400, 'message-3', 'normal'],
    [{ kind: 'free', ...about }, 600, 'free-3', 'normal'],
    [{ kind: 'away' }, 3_600, 'away', 'high'],
    [{ kind: 'test' }, 60, 'test', 'normal'],
  ] as const) {
    t.equal(await send(subscriptionOf(news.kind), news, sender), 'sent');
    t.match(service.delivered.at(-1), { browser: news.kind, news, ttl, topic, urgency, contact: CONTACT });
  }
});

t.test('what a push service answers: taken, gone, refused; a redirect is not followed', async (t) => {
  for (const [status, delivery] of [
    [200, 'sent'],
    [201, 'sent'],
    [299, 'sent'],
    [302, 'refused'],
    [404, 'gone'],
    [410, 'gone'],
    [429, 'refused'],
    [500, 'refused'],
  ] as const) {
    service.answers.set('answer', status);
    t.equal(await send(subscriptionOf('answer'), TEST, sender), delivery, `${status}`);
  }
});

t.test('a notification that is too long for a push service is not sent', async (t) => {
  const long = { kind: 'message', name: 'x'.repeat(3_072), personId: 1 } as const;
  await t.rejects(send(subscriptionOf('long'), long, sender), /too long/);
});

t.test('a push service that does not answer within ten seconds is given up', async (t) => {
  const real = AbortSignal.timeout;
  const asked: number[] = [];
  AbortSignal.timeout = (ms) => {
    asked.push(ms);
    return real.call(AbortSignal, 1);
  };
  t.teardown(() => {
    AbortSignal.timeout = real;
  });
  service.holds.set('silent', new Promise(() => {}));
  await t.rejects(send(subscriptionOf('silent'), TEST, sender), { name: 'AbortError' });
  t.same(asked, [ANSWER_MS_MAX]);
});

// ---- whose browsers are told --------------------------------------------------------------------------------------

t.test('a browser is one person’s: who signed in there last', async (t) => {
  const [alex, bob] = [await make(), await make()];
  const [his, ofBob] = [await sessionOf(alex), await sessionOf(bob)];
  const shared = service.browser('shared');
  await push.subscribe(his, shared);
  await push.subscribe(ofBob, shared);
  t.match(await push.state(his), { endpoint: null });
  t.match(await push.state(ofBob), { endpoint: shared.endpoint });
});

t.test('a session has one browser: a new subscription takes the place of the old one', async (t) => {
  const session = await subscribed(await make(), 'first');
  const second = service.browser('second');
  await push.subscribe(session, second);
  t.match(await push.state(session), { endpoint: second.endpoint });
});

t.test('a subscription needs a session', async (t) => {
  const nobody = digestOf('nobody');
  const browser = service.browser('nobody');
  t.match(await push.subscribe(nobody, browser), { endpoint: null });
  t.same(await database.query('select 1 from push_subscription where endpoint = $1', [browser.endpoint]), []);
});

t.test('notifications are turned off for this browser alone', async (t) => {
  const alex = await make();
  const [one, other] = [await subscribed(alex, 'one'), await subscribed(alex, 'other')];
  await push.unsubscribe(one);
  t.match(await push.state(one), { endpoint: null });
  t.match(await push.state(other), { endpoint: `${service.origin}/to/other` });
});

t.test('a session that is over is told nothing, and its person is not reachable', async (t) => {
  const [alex, bob] = [await make(), await make()];
  await subscribed(bob, 'of-bob');
  // Now, since a sign-in clears away the sessions that are over, and their subscriptions with them.
  const good = await sessionOf(alex);
  const over = await subscribed(alex, 'over');
  t.same(await push.reachable([alex.personId]), new Set([alex.personId]), 'only who was asked for');
  await database.query(`update session set expires_at = now() - interval '1 second' where digest = $1`, [over]);
  t.same(await push.reachable([alex.personId]), new Set());
  t.same(await push.reachable([]), new Set());
  await push.subscribe(good, service.browser('good'));
  push.send(alex.personId, { kind: 'away' });
  await service.until(({ browser }) => browser === 'good');
  await later();
  t.same([arrived('over'), arrived('of-bob')], [0, 0]);
});

t.test('the ten browsers that subscribed last are told', async (t) => {
  const alex = await make();
  const sessions: Buffer[] = [];
  for (let n = 0; n <= BROWSERS_MAX; n++) sessions.push(await subscribed(alex, `many${n}`));
  await database.query(`update push_subscription set made_at = now() - interval '1 day' where session_digest = $1`, [
    sessions[4],
  ]);
  push.send(alex.personId, { kind: 'away' });
  await Promise.all([0, 1, 2, 3, 5, 6, 7, 8, 9, 10].map((n) => service.until(({ browser }) => browser === `many${n}`)));
  await later();
  t.equal(arrived('many4'), 0);
});

t.test('who subscribes anew has subscribed last', async (t) => {
  const session = await subscribed(await make(), 'anew');
  await database.query(`update push_subscription set made_at = now() - interval '1 day' where session_digest = $1`, [
    session,
  ]);
  await push.subscribe(session, service.browser('anew'));
  const { isNew } = await database.one<{ isNew: boolean }>(
    `select made_at > now() - interval '1 minute' as "isNew" from push_subscription where session_digest = $1`,
    [session],
  );
  t.equal(isNew, true);
});

t.test(
  'a test says whether it was delivered; a subscription that is gone is forgotten, a refused one stays',
  async (t) => {
    const session = await subscribed(await make(), 'tested');
    const before = await countOf('sent');
    await push.test(session);
    t.equal(await countOf('sent'), before + 1);
    t.match(service.delivered.at(-1), { browser: 'tested', news: TEST, contact: CONTACT });
    service.answers.set('tested', 500);
    await t.rejects(push.test(session), { code: 'push_not_delivered' });
    t.match(await push.state(session), { endpoint: `${service.origin}/to/tested` });
    service.answers.set('tested', 410);
    await t.rejects(push.test(session), { code: 'push_not_delivered' });
    t.match(await push.state(session), { endpoint: null });
    await t.rejects(push.test(session), { code: 'push_off' });
  },
);

t.test('a push service that is not there is counted', async (t) => {
  const session = await sessionOf(await make());
  const browser = service.browser('nowhere');
  await push.subscribe(session, { ...browser, endpoint: 'https://localhost:1/x' });
  const before = await countOf('failed');
  await t.rejects(push.test(session), { code: 'push_not_delivered' });
  t.equal(await countOf('failed'), before + 1);
});

// ---- how many at once ---------------------------------------------------------------------------------------------

t.test('eight requests at once, a thousand wait, and what comes on top is dropped', async (t) => {
  const crowd = openPush();
  let open = () => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  const alex = await make();
  const session = await subscribed(await make(), 'of-another');
  for (let n = 0; n < BROWSERS_MAX; n++) {
    service.holds.set(`crowd${n}`, held);
    await subscribed(alex, `crowd${n}`);
  }
  const atOnce = () => service.delivered.filter(({ browser }) => browser.startsWith('crowd')).length;
  crowd.push.send(alex.personId, { kind: 'away' });
  while (atOnce() < AT_ONCE_MAX) await new Promise(setImmediate);
  await later();
  t.equal(atOnce(), AT_ONCE_MAX);

  const callCount = (WAITING_MAX + AT_ONCE_MAX) / BROWSERS_MAX;
  for (let n = 0; n < callCount; n++) crowd.push.send(alex.personId, { kind: 'away' });
  const surplus = BROWSERS_MAX * (1 + Math.ceil(callCount)) - AT_ONCE_MAX - WAITING_MAX;
  while ((await crowd.countOf('dropped')) < surplus) await new Promise(setImmediate);
  t.equal(await crowd.countOf('dropped'), surplus);
  // Nobody is there any more: the rest fails quickly, and each that is done makes room for the next.
  service.stop();
  open();
  const rest = AT_ONCE_MAX + WAITING_MAX;
  const ended = async () => (await crowd.countOf('failed')) + (await crowd.countOf('sent'));
  while ((await ended()) < rest) await new Promise(setImmediate);
  await t.rejects(crowd.push.test(session), { code: 'push_not_delivered' });
  t.equal(await ended(), rest + 1, 'and this one');
});
