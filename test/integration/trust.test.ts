// What people are to each other, on a real database: blocks, favourites, wishes, ratings, reports, threads; and what
// operators did. Where time decides, rows are moved into the past.
import fs from 'node:fs';
import path from 'node:path';
import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import { Accounts, type Person } from '../../server/accounts/index.ts';
import { Audit, detailOf } from '../../server/audit/index.ts';
import {
  type CallId,
  FAVOURITES_MAX,
  type HubMessage,
  RATING_DAYS_MAX,
  RATINGS_SHOWN_MIN,
  type Role,
  type SetRating,
  toMinor,
} from '../../server/contract/index.ts';
import { type Connection, Hub } from '../../server/hub/index.ts';
import { CallLines, type CallSummary, Threads } from '../../server/messages/index.ts';
import { MeterLog } from '../../server/meter/index.ts';
import { migrate } from '../../server/store/index.ts';
import { createMetrics } from '../../server/telemetry/index.ts';
import {
  Blocks,
  callerCard,
  Favourites,
  FreeNotices,
  forgetPerson,
  IssueReports,
  pairOf,
  Ratings,
} from '../../server/trust/index.ts';
import { migrations, openOwnStore, openTestStore, quiet, temporaryFolder } from '../support/store.ts';

const WISHES_PER_CLIENT_MAX = 20;
const WISH_HOURS_MAX = 24;
const TEXT_BURST_MAX = 10;

const store = await openTestStore(temporaryFolder('trust'));
t.teardown(() => store.close());
const database = store.main;
const accounts = new Accounts(database);
const blocks = new Blocks(database);
const favourites = new Favourites(database);
const freeNotices = new FreeNotices(database);
const ratings = new Ratings(database);
const reports = new IssueReports(database);
const hub = new Hub(quiet, createMetrics());
const threads = new Threads({ database, accounts, blocks, hub });
const audit = new Audit(database, quiet);

let count = 0;
const make = (role: Role): Promise<Person> => accounts.makePerson(role, `person${++count}`, `Person ${count}`);
const refused = (code: string) => ({ code });
const countOf = async (text: string, ...values: unknown[]): Promise<number> =>
  (await database.one<{ count: number }>(`select count(*) as count from ${text}`, values)).count;
/** A client and a model who do not know each other. */
const couple = async () => ({ alex: await make('client'), mia: await make('model') });

interface CallTerms {
  readonly state?: CallSummary['state'];
  readonly isAccepted?: boolean;
  readonly isLive?: boolean;
  readonly endedDaysAgo?: number;
}

/** A call of two people, over unless it is said otherwise. */
async function callOf(alex: Person, mia: Person, terms: CallTerms = {}): Promise<CallId> {
  const { state = 'ended', isAccepted = true, isLive = true, endedDaysAgo = 0 } = terms;
  const { id } = await database.one<{ id: CallId }>(
    `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, outcome,
                       accepted_at, live_at, ended_at)
     values ($1, $2, $3, 200, 0, 'per_minute', 60, $4, $5, $6, now() - make_interval(secs => $7::double precision))
     returning id`,
    [
      alex.personId,
      mia.personId,
      state,
      state === 'ended' ? 'client_ended' : null,
      isAccepted ? new Date() : null,
      isLive ? new Date() : null,
      endedDaysAgo * 86_400,
    ],
  );
  return id;
}

/** A page of a person that keeps what it hears. */
function pageOf({ personId, role }: Person) {
  const heard: HubMessage[] = [];
  const connection: Connection = hub.connect(
    { send: (text) => heard.push(JSON.parse(text)), close: () => {} },
    { personId, role, session: 's', address: '127.0.0.1' },
  );
  const unread = () => heard.flatMap((message) => (message.type === 'unread' ? [message.unreadCount] : [])).at(-1);
  const texts = () =>
    heard.flatMap((message) =>
      message.type === 'message' && message.message.content.kind === 'text' ? [message.message.content.text] : [],
    );
  return { heard, unread, texts, close: () => hub.disconnect(connection) };
}

// ---- blocks -------------------------------------------------------------------------------------------------------

t.test('a block stands between two people, from both sides, until who made it lifts it', async (t) => {
  const { alex, mia } = await couple();
  const [a, m] = [alex.personId, mia.personId];
  t.equal(await blocks.block(a, m), true);
  t.equal(await blocks.block(a, m), false, 'it stood already');
  t.equal(await blocks.standsBetween(a, m), true);
  t.equal(await blocks.standsBetween(m, a), true);
  t.equal(await blocks.stands(a, m), true);
  t.equal(await blocks.stands(m, a), false, 'she has blocked nobody');
  t.ok((await blocks.pairs()).has(pairOf(m, a)));
  await blocks.lift(m, a);
  t.equal(await blocks.stands(a, m), true, 'hers is not his to lift, nor the other way round');
  await blocks.lift(a, m);
  t.equal(await blocks.standsBetween(a, m), false);
  t.equal(await blocks.stands(a, m), false);
  t.notOk((await blocks.pairs()).has(pairOf(a, m)));
  t.same(await blocks.of(a), []);
});

t.test('a person reads whom they have blocked, newest first, and not who has blocked them', async (t) => {
  const [alex, mia, zoe] = [await make('client'), await make('model'), await make('model')];
  for (const { personId } of [mia, zoe]) await blocks.block(alex.personId, personId);
  t.match(await blocks.of(alex.personId), [
    { person: { personId: zoe.personId, displayName: zoe.displayName } },
    { person: { personId: mia.personId, displayName: mia.displayName } },
  ]);
  t.same(await blocks.of(mia.personId), []);
});

t.test('one block is lifted, and the others of the same people stand', async (t) => {
  const [alex, bob, mia, zoe] = [await make('client'), await make('client'), await make('model'), await make('model')];
  await blocks.block(alex.personId, mia.personId);
  await blocks.block(alex.personId, zoe.personId);
  await blocks.block(bob.personId, mia.personId);
  await blocks.lift(alex.personId, mia.personId);
  t.equal(await blocks.stands(alex.personId, zoe.personId), true);
  t.equal(await blocks.stands(bob.personId, mia.personId), true);
});

t.test(
  'the card of a caller: calls that were live, a block that she lifted, and the staff mark where wanted',
  async (t) => {
    const { alex, mia } = await couple();
    const zoe = await make('model');
    await callOf(alex, mia);
    await callOf(alex, mia, { isLive: false });
    await callOf(alex, zoe);
    await accounts.setMarks(alex.personId, { isVerified: true, isStaff: true });
    await ratings.rate(await callOf(alex, mia, { isLive: false }), mia.personId, { isUp: true, stars: null });
    const card = (modelId: number, showStaff: boolean) =>
      callerCard(database, ratings, alex.personId, modelId, showStaff, 3);
    t.match(await card(mia.personId, false), {
      isVerified: true,
      isStaff: false,
      callsWithYou: 1,
      callsInAll: 2,
      wasBlocked: false,
      rating: { upCount: 1 },
      looksWithYou: 3,
    });
    t.equal((await card(mia.personId, true)).isStaff, true);
    await blocks.block(alex.personId, zoe.personId);
    t.equal((await card(zoe.personId, false)).wasBlocked, false, 'that he has blocked her is not hers to know');
    await blocks.block(mia.personId, alex.personId);
    await blocks.lift(mia.personId, alex.personId);
    t.equal((await card(mia.personId, false)).wasBlocked, true);
  },
);

// ---- favourites and wishes ----------------------------------------------------------------------------------------

t.test('favourites: the newest first, taken off by their client alone', async (t) => {
  const [alex, bob, mia, zoe] = [await make('client'), await make('client'), await make('model'), await make('model')];
  for (const client of [alex, bob]) {
    await favourites.add(client.personId, mia.personId);
    await favourites.add(client.personId, zoe.personId);
  }
  t.same(await favourites.of(alex.personId), [zoe.personId, mia.personId]);
  await favourites.remove(alex.personId, mia.personId);
  t.same(await favourites.of(alex.personId), [zoe.personId]);
  t.same(await favourites.of(bob.personId), [zoe.personId, mia.personId]);
});

t.test('two hundred favourites, and not one more', async (t) => {
  t.equal(FAVOURITES_MAX, 200);
  const { alex, mia } = await couple();
  const rows = await database.query<{ id: number }>(
    `insert into person (role, username, display_name)
     select 'model', 'liked' || n, 'Liked' from generate_series(1, $1) n returning id`,
    [FAVOURITES_MAX],
  );
  for (const { id } of rows) await favourites.add(alex.personId, id);
  await t.rejects(favourites.add(alex.personId, mia.personId), refused('too_many_favourites'));
  await favourites.add(alex.personId, rows[0]?.id as number);
  t.equal((await favourites.of(alex.personId)).length, FAVOURITES_MAX, 'one that stands can be set again');
});

t.test('a wish is met once, when its model is free and its client can be told', async (t) => {
  const [alex, bob, mia, zoe] = [await make('client'), await make('client'), await make('model'), await make('model')];
  for (const client of [alex, bob])
    for (const model of [mia, zoe]) await freeNotices.ask(client.personId, model.personId);
  t.same(await freeNotices.of(alex.personId), [mia.personId, zoe.personId]);
  const hears = async () => new Set([alex.personId]);
  const take = () => freeNotices.take([mia.personId], hears);
  t.same(await take(), [{ clientId: alex.personId, modelId: mia.personId }]);
  t.same(await take(), [], 'once');
  t.same(await freeNotices.of(alex.personId), [zoe.personId], 'the wish for another model stays');
  t.same(await freeNotices.of(bob.personId), [mia.personId, zoe.personId], 'who cannot be told waits');
});

t.test('a wish is taken back alone', async (t) => {
  const [alex, mia, zoe] = [await make('client'), await make('model'), await make('model')];
  for (const model of [mia, zoe]) await freeNotices.ask(alex.personId, model.personId);
  await freeNotices.forget(alex.personId, mia.personId);
  t.same(await freeNotices.of(alex.personId), [zoe.personId]);
});

t.test('a wish is forgotten after a day, and counts anew when it is made again', async (t) => {
  const { alex, mia } = await couple();
  const age = (hours: number) =>
    database.query('update free_notice set asked_at = now() - make_interval(hours => $1) where client_id = $2', [
      hours,
      alex.personId,
    ]);
  const everybody = async (clientIds: readonly number[]) => new Set(clientIds);
  await freeNotices.ask(alex.personId, mia.personId);
  await age(WISH_HOURS_MAX - 1);
  t.same(await freeNotices.of(alex.personId), [mia.personId]);
  await age(WISH_HOURS_MAX + 1);
  t.same(await freeNotices.of(alex.personId), []);
  t.same(await freeNotices.take([mia.personId], everybody), []);
  await freeNotices.ask(alex.personId, mia.personId);
  t.same(await freeNotices.take([mia.personId], everybody), [{ clientId: alex.personId, modelId: mia.personId }]);
});

t.test('twenty wishes of a client; the oldest gives way', async (t) => {
  const alex = await make('client');
  const models: Person[] = [];
  for (let n = 0; n <= WISHES_PER_CLIENT_MAX; n++) models.push(await make('model'));
  for (const { personId } of models) await freeNotices.ask(alex.personId, personId);
  t.same(
    await freeNotices.of(alex.personId),
    models.slice(1).map(({ personId }) => personId),
  );
});

t.test('a deleted person is nobody’s favourite, waits for nobody and is blocked by nobody', async (t) => {
  const [alex, bob, mia, zoe] = [await make('client'), await make('client'), await make('model'), await make('model')];
  for (const client of [alex, bob]) {
    for (const model of [mia, zoe]) {
      await favourites.add(client.personId, model.personId);
      await freeNotices.ask(client.personId, model.personId);
      await blocks.block(client.personId, model.personId);
      await blocks.block(model.personId, client.personId);
    }
  }
  for (const { personId } of [alex, mia]) await forgetPerson(database, personId);
  for (const [table, columns] of [
    ['favourite', 'client_id, model_id'],
    ['free_notice', 'client_id, model_id'],
    ['block', 'blocker_id, blocked_id'],
  ] as const) {
    for (const { personId } of [alex, mia])
      t.equal(await countOf(`${table} where $1 in (${columns})`, personId), 0, table);
    t.ok((await countOf(`${table} where $1 in (${columns})`, bob.personId)) > 0, `${table}: those of others stay`);
  }
});

// ---- ratings ------------------------------------------------------------------------------------------------------

const UP: SetRating = { isUp: true, stars: 5 };
const DOWN: SetRating = { isUp: false, stars: 1, issue: { kind: 'no_sound', words: 'Silence' } };

t.test('each of the two rates the other, and reads their own', async (t) => {
  const { alex, mia } = await couple();
  const callId = await callOf(alex, mia);
  t.equal(await ratings.rate(callId, alex.personId, UP), null);
  t.type(await ratings.rate(callId, mia.personId, DOWN), 'number');
  t.match(await ratings.ofCall(callId, alex.personId), {
    canRate: true,
    rating: { isUp: true, stars: 5 },
    issue: null,
  });
  t.match(await ratings.ofCall(callId, mia.personId), {
    rating: { isUp: false, stars: 1 },
    issue: { words: 'Silence' },
  });
  t.match(await ratings.summaryOf(mia.personId), { count: 1, upCount: 1, downCount: 0 }, 'about her');
  t.match(await ratings.summaryOf(alex.personId), { count: 1, upCount: 0, downCount: 1 });
});

t.test('a rating is changed, and its sums with it at once', async (t) => {
  const { alex, mia } = await couple();
  const callId = await callOf(alex, mia);
  const sums = async () => (await ratings.summaries()).get(mia.personId);
  t.equal(await sums(), undefined);
  await ratings.rate(callId, alex.personId, UP);
  t.match(await sums(), { upCount: 1, downCount: 0 });
  await ratings.rate(callId, alex.personId, DOWN);
  t.match(await sums(), { upCount: 0, downCount: 1 });
  t.match(await ratings.ofCall(callId, alex.personId), { rating: { isUp: false, stars: 1 } });
});

t.test('an issue goes with a thumb down only', async (t) => {
  const { alex, mia } = await couple();
  const wrong = { ...UP, issue: { kind: 'no_sound', words: '' } } as const;
  await t.rejects(ratings.rate(await callOf(alex, mia), alex.personId, wrong), refused('malformed'));
});

t.test('what cannot be rated: not accepted, not over, over for too long, of others', async (t) => {
  t.equal(RATING_DAYS_MAX, 30);
  const [alex, bob, mia] = [await make('client'), await make('client'), await make('model')];
  const cannot = async (callId: CallId, by: Person, what: string) => {
    await t.rejects(ratings.rate(callId, by.personId, UP), refused('cannot_rate'), what);
    t.equal(await countOf('rating where call_id = $1 and by_id = $2', callId, by.personId), 0, what);
  };
  await cannot(await callOf(alex, mia, { isAccepted: false, isLive: false }), alex, 'not accepted');
  await cannot(await callOf(alex, mia, { endedDaysAgo: RATING_DAYS_MAX + 0.1 }), alex, 'too late');
  await ratings.rate(await callOf(alex, mia, { endedDaysAgo: RATING_DAYS_MAX - 0.1 }), alex.personId, UP);
  const ofOthers = await callOf(alex, mia);
  await cannot(ofOthers, bob, 'of others');
  await t.rejects(ratings.ofCall(ofOthers, bob.personId), refused('call_not_found'));
  const goingOn = await callOf(alex, mia, { state: 'live' });
  await cannot(goingOn, alex, 'not over');
  t.match(await ratings.ofCall(goingOn, alex.personId), { canRate: false });
});

t.test('an average is shown from three ratings with stars on, rounded', async (t) => {
  const mia = await make('model');
  const rate = async (stars: number | null) => {
    const alex = await make('client');
    await ratings.rate(await callOf(alex, mia), alex.personId, { isUp: true, stars });
  };
  for (const stars of [5, 5, null]) await rate(stars);
  t.match(await ratings.summaryOf(mia.personId), { count: RATINGS_SHOWN_MIN - 1, averageTenths: null, upCount: 3 });
  await rate(4);
  t.match(await ratings.summaryOf(mia.personId), { count: RATINGS_SHOWN_MIN, averageTenths: 47 });
});

t.test('the sums of ratings are a minute old at most', async (t) => {
  const { alex, mia } = await couple();
  const callId = await callOf(alex, mia);
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const known = new Ratings(database);
  const ups = async () => (await known.summaries()).get(mia.personId)?.upCount ?? 0;
  t.equal(await ups(), 0);
  await new Ratings(database).rate(callId, alex.personId, UP);
  clock.tick(59_999);
  t.equal(await ups(), 0);
  clock.tick(1);
  t.equal(await ups(), 1);
});

t.test('who was never rated has no ratings', async (t) => {
  const { personId } = await make('model');
  t.same(await ratings.summaryOf(personId), { count: 0, averageTenths: null, upCount: 0, downCount: 0 });
});

// ---- reports ------------------------------------------------------------------------------------------------------

const ISSUE = { kind: 'fraud', words: 'Asked for money outside' } as const;

t.test('a report of a call is made by one of its two people, about the other', async (t) => {
  const [alex, bob, mia, zoe] = [await make('client'), await make('client'), await make('model'), await make('model')];
  const callId = await callOf(alex, mia);
  const report = (by: Person, about: Person) => reports.make(by.personId, about.personId, ISSUE, callId);
  await t.rejects(report(bob, mia), refused('call_not_found'));
  await t.rejects(report(alex, zoe), refused('call_not_found'));
  const reportId = await report(alex, mia);
  t.match(await reports.read(reportId), {
    reporter: { personId: alex.personId },
    about: { personId: mia.personId },
    callId,
    ...ISSUE,
    answer: null,
  });
});

t.test('the report of a call can be changed until it is answered, and is answered once', async (t) => {
  const { alex, mia } = await couple();
  const boss = await make('operator');
  const callId = await callOf(alex, mia);
  const say = (words: string) => reports.make(alex.personId, mia.personId, { ...ISSUE, words }, callId);
  const reportId = await say('first');
  t.equal(await say('second'), reportId, 'one report of a call');
  t.match(await reports.answer(reportId, boss.personId, 'We look into it'), {
    words: 'second',
    answer: 'We look into it',
    answeredBy: boss.displayName,
  });
  await t.rejects(say('third'), refused('report_answered'));
  await t.rejects(reports.answer(reportId, boss.personId, 'again'), refused('report_answered'));
  await ratings.rate(callId, alex.personId, { ...DOWN, issue: { ...ISSUE, words: 'fourth' } });
  t.match(await reports.read(reportId), { words: 'second', answer: 'We look into it' });
  await t.rejects(reports.answer(999_999, boss.personId, 'nothing'), refused('report_not_found'));
});

t.test('people read and count their own reports, the operator all, page by page', async (t) => {
  const [alex, bob, mia, boss] = [
    await make('client'),
    await make('client'),
    await make('model'),
    await make('operator'),
  ];
  const before = await reports.openCount();
  const [first, second, third] = [
    await reports.make(alex.personId, mia.personId, ISSUE, null),
    await reports.make(alex.personId, mia.personId, ISSUE, null),
    await reports.make(bob.personId, mia.personId, ISSUE, null),
  ];
  await reports.answer(first, boss.personId, 'done');
  const idsOf = async (query: Parameters<IssueReports['list']>[0], reporterId: number | null) =>
    (await reports.list(query, reporterId)).map(({ reportId }) => reportId);
  t.same(await idsOf({}, alex.personId), [second, first], 'newest first');
  t.same(await idsOf({ state: 'open' }, alex.personId), [second]);
  t.same(await idsOf({ state: 'answered' }, alex.personId), [first]);
  t.same(await idsOf({ before: second }, alex.personId), [first]);
  t.same((await idsOf({ limit: 3 }, null)).slice(0, 3), [third, second, first]);
  t.equal(await reports.openCount(alex.personId), 1);
  t.equal(await reports.openCount(bob.personId), 1);
  t.equal(await reports.openCount(), before + 2);
});

// ---- threads ------------------------------------------------------------------------------------------------------

let keys = 0;
const newKey = () => `key-${String(++keys).padStart(8, '0')}`;

t.test('a text is heard by every page of both, and is news to the other', async (t) => {
  const { alex, mia } = await couple();
  const [his, hers] = [pageOf(alex), pageOf(mia)];
  const notified: number[] = [];
  threads.onMessage((personId) => notified.push(personId));
  await threads.send(alex, mia.personId, ' Hello ', newKey());
  t.same(his.texts(), ['Hello']);
  t.same(hers.texts(), ['Hello']);
  t.same([his.unread(), hers.unread()], [undefined, 1]);
  t.same(notified, [mia.personId]);
  t.equal(await threads.unreadCount(alex.personId), 0, 'one’s own text is not unread');
  threads.onMessage(() => {});
});

t.test('a text that is sent again is kept once, and told once', async (t) => {
  const { alex, mia } = await couple();
  const hers = pageOf(mia);
  const key = newKey();
  const first = await threads.send(alex, mia.personId, 'Hello', key);
  t.same(await threads.send(alex, mia.personId, 'Hello', key), first);
  t.same(hers.texts(), ['Hello']);
  await t.rejects(threads.send(alex, mia.personId, 'Other', key), refused('key_reused'));
  await t.rejects(threads.send(alex, (await make('model')).personId, 'Hello', key), refused('key_reused'));
  const bob = await make('client');
  t.match(await threads.send(bob, mia.personId, 'Hi', key), { authorId: bob.personId }, 'keys are each person’s own');
});

t.test('who cannot be reached is not written to: own kind, operator, blocked, deleted', async (t) => {
  const [alex, bob, mia, boss] = [
    await make('client'),
    await make('client'),
    await make('model'),
    await make('operator'),
  ];
  const cannot = (from: Person, to: Person, what: string) =>
    t.rejects(threads.send(from, to.personId, 'Hello', newKey()), refused('not_reachable'), what);
  await cannot(alex, bob, 'clients do not write to each other');
  await cannot(alex, boss, 'nobody writes to the operator');
  await blocks.block(mia.personId, alex.personId);
  await cannot(alex, mia, 'she has blocked him');
  t.match(await threads.thread(alex, mia.personId, {}), { isBlocked: false, canWrite: false }, 'he does not read so');
  t.match(await threads.thread(mia, alex.personId, {}), { isBlocked: true, canWrite: false });
  await blocks.lift(mia.personId, alex.personId);
  await blocks.block(alex.personId, mia.personId);
  await cannot(alex, mia, 'he has blocked her');
  await blocks.lift(alex.personId, mia.personId);
  await threads.send(alex, mia.personId, 'Hello', newKey());
  t.match(await threads.thread(alex, mia.personId, {}), { canWrite: true });
  await accounts.erase(mia.personId);
  await cannot(alex, mia, 'she is gone');
  t.equal(await countOf('message where author_id = $1', alex.personId), 1);
});

t.test('a model writes to who has written or called, and to nobody else', async (t) => {
  const [alex, bob, eve, mia] = [await make('client'), await make('client'), await make('client'), await make('model')];
  const toThem = (to: Person) => threads.send(mia, to.personId, 'Hello', newKey());
  await t.rejects(toThem(alex), refused('write_first'));
  await threads.send(alex, mia.personId, 'Hello', newKey());
  t.match(await toThem(alex), { authorId: mia.personId });
  const line = { clientId: bob.personId, modelId: mia.personId, authorId: null, unreadFor: null, at: new Date() };
  await threads.append([{ ...line, key: newKey(), content: { kind: 'low', callId: 1 } }]);
  await t.rejects(toThem(bob), refused('write_first'), 'a line of another kind is none of his');
  const called = { callId: 1, outcome: 'missed', endedBy: null, billableMs: 0, rejectReason: null } as const;
  const content = { kind: 'call', ...called, chargedMinor: toMinor(0) } as const;
  await threads.append([{ ...line, key: newKey(), content }]);
  t.match(await toThem(bob), { authorId: mia.personId });
  await t.rejects(toThem(eve), refused('write_first'), 'each is asked for alone');
});

t.test('ten texts of a person in a burst, and not one more; then one each two seconds', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const { alex, mia } = await couple();
  for (let n = 0; n < TEXT_BURST_MAX; n++) await threads.send(alex, mia.personId, `${n}`, newKey());
  await t.rejects(threads.send(alex, mia.personId, 'more', newKey()), refused('too_many_requests'));
  clock.tick(2_000);
  await t.resolves(threads.send(alex, mia.personId, 'later', newKey()));
  await t.rejects(threads.send(alex, mia.personId, 'more', newKey()), refused('too_many_requests'));
  const bob = await make('client');
  t.match(await threads.send(bob, mia.personId, 'Hello', newKey()), { authorId: bob.personId }, 'of one person');
});

t.test('what is read is read up to that message, for both to see, and stays read', async (t) => {
  const { alex, mia } = await couple();
  const sent: number[] = [];
  for (const text of ['one', 'two', 'three']) {
    sent.push((await threads.send(alex, mia.personId, text, newKey())).messageId);
  }
  const [first, second, third] = sent as [number, number, number];
  const [his, hers] = [pageOf(alex), pageOf(mia)];
  await threads.read(mia, alex.personId, second);
  t.match(his.heard.at(-1), { type: 'message.read', readerId: mia.personId, messageId: second });
  t.equal(hers.unread(), 1);
  await threads.read(mia, alex.personId, first);
  t.equal(await threads.unreadCount(mia.personId), 1, 'it does not become unread again');
  t.match(await threads.thread(alex, mia.personId, {}), { peerReadId: second }, 'he reads what she has read');
  t.match(await threads.thread(mia, alex.personId, {}), { peerReadId: 0 });
  t.match(await threads.list(mia), [{ peer: { personId: alex.personId }, unreadCount: 1, isBlocked: false }]);
  await threads.read(mia, alex.personId, third);
  t.match(await threads.list(mia), [{ unreadCount: 0 }]);
  t.equal(await threads.unreadCount(mia.personId), 0);
});

t.test('a block that was lifted is none in the list', async (t) => {
  const { alex, mia } = await couple();
  await threads.send(alex, mia.personId, 'Hello', newKey());
  await blocks.block(mia.personId, alex.personId);
  t.match(await threads.list(mia), [{ isBlocked: true }]);
  t.match(await threads.list(alex), [{ isBlocked: false }]);
  await blocks.lift(mia.personId, alex.personId);
  t.match(await threads.list(mia), [{ isBlocked: false }]);
});

t.test('a thread is of two people, newest first, page by page', async (t) => {
  const [alex, bob, mia, zoe] = [await make('client'), await make('client'), await make('model'), await make('model')];
  const one = await threads.send(alex, mia.personId, 'one', newKey());
  const two = await threads.send(alex, mia.personId, 'two', newKey());
  await threads.send(alex, zoe.personId, 'to another', newKey());
  await threads.send(bob, mia.personId, 'of another', newKey());
  const ids = async (page: { before?: number; limit?: number }) =>
    (await threads.thread(alex, mia.personId, page)).messages.map(({ messageId }) => messageId);
  t.same(await ids({}), [two.messageId, one.messageId]);
  t.same(await ids({ limit: 1 }), [two.messageId]);
  t.same(await ids({ before: two.messageId }), [one.messageId]);
  await t.rejects(threads.thread(alex, bob.personId, {}), refused('not_reachable'));
});

t.test('what a person wrote is forgotten; what others wrote, and what happened, stays', async (t) => {
  const { alex, mia } = await couple();
  await threads.send(alex, mia.personId, 'mine', newKey());
  await threads.send(mia, alex.personId, 'hers', newKey());
  const line = { clientId: alex.personId, modelId: mia.personId, authorId: null, unreadFor: null, at: new Date() };
  await threads.append([{ ...line, key: newKey(), content: { kind: 'low', callId: 1 } }]);
  await threads.forgetTexts(alex.personId);
  const { messages } = await threads.thread(mia, alex.personId, {});
  t.match(messages, [{ content: { kind: 'low' } }, { content: { text: 'hers' } }]);
  t.equal(messages.length, 2);
});

// ---- lines of calls -----------------------------------------------------------------------------------------------

const callIn = (callId: CallId, alex: Person, mia: Person, state: CallSummary['state']): CallSummary => ({
  callId,
  clientId: alex.personId,
  modelId: mia.personId,
  tariff: 'per_minute',
  rateMinor: 200,
  state,
  outcome: state === 'ended' ? 'missed' : null,
  endedBy: null,
  rejectReason: null,
  liveAt: null,
  endedAt: null,
  billableMs: 0,
  chargedMinor: 0,
  agrees: null,
});

t.test('lines of a call: once, whatever is told again, and what comes meanwhile', async (t) => {
  const { alex, mia } = await couple();
  const callId = await callOf(alex, mia, { isLive: false });
  const meterLog = new MeterLog(database, quiet);
  t.teardown(() => meterLog.stop());
  let state: CallSummary['state'] = 'ringing';
  const lines = new CallLines({
    threads,
    meterLog,
    summaryOf: async () => {
      const asItWas = callIn(callId, alex, mia, state);
      // It ends while its lines are written.
      if (state === 'ringing') {
        state = 'ended';
        await lines.write(callId);
      }
      return asItWas;
    },
    tipsOf: async () => [],
    log: quiet,
  });
  await lines.write(callId);
  t.match((await threads.thread(mia, alex.personId, {})).messages, [{ content: { kind: 'call', outcome: 'missed' } }]);
  await lines.write(callId);
  t.equal((await threads.thread(mia, alex.personId, {})).messages.length, 1);
  t.equal(await threads.unreadCount(mia.personId), 1, 'a missed call is news to her');
});

/** A log of which nothing is read before it is durable. */
class DurableLog extends MeterLog {
  #isDurable = false;

  override async flush(): Promise<void> {
    await super.flush();
    this.#isDurable = true;
  }

  override async read(callId: CallId) {
    return this.#isDurable ? super.read(callId) : [];
  }
}

t.test('lines of a call are made of its whole log, of what is on its way to the database, too', async (t) => {
  const { alex, mia } = await couple();
  const callId = await callOf(alex, mia, { state: 'live' });
  const meterLog = new DurableLog(database, quiet);
  t.teardown(() => meterLog.stop());
  const summaryOf = async () => callIn(callId, alex, mia, 'live');
  const lines = new CallLines({ threads, meterLog, summaryOf, tipsOf: async () => [], log: quiet });
  meterLog.append({ callId, kind: 'low_on', at: new Date(), monoMs: 1, billableMs: 1, detail: {} });
  await lines.write(callId);
  t.match((await threads.thread(mia, alex.personId, {})).messages, [{ content: { kind: 'low' } }]);
});

// ---- what operators did -------------------------------------------------------------------------------------------

t.test('entries are narrowed down, newest first, page by page', async (t) => {
  const [boss, second, alex] = [await make('operator'), await make('operator'), await make('client')];
  const note = (actorId: number, action: 'credit_given' | 'person_reset', personId: number | null) =>
    audit.note({ actorId, action, personId, detail: { reason: 'test' } });
  await note(boss.personId, 'credit_given', alex.personId);
  await note(boss.personId, 'person_reset', alex.personId);
  await note(second.personId, 'credit_given', null);
  const list = (query: Parameters<Audit['list']>[0]) => audit.list(query);
  const [newest, middle, oldest] = await list({});
  t.match(
    [newest, middle, oldest],
    [
      { action: 'credit_given', actor: { displayName: second.displayName }, person: null },
      { action: 'person_reset', person: { displayName: alex.displayName } },
      { action: 'credit_given', actor: { displayName: boss.displayName }, detail: { reason: 'test' } },
    ],
  );
  t.match(await list({ action: 'person_reset' }), { length: 1 });
  t.match(await list({ actorId: second.personId }), { length: 1 });
  t.match(await list({ personId: alex.personId }), { length: 2 });
  t.match(await list({ limit: 1 }), [{ entryId: newest?.entryId }]);
  t.match(await list({ before: middle?.entryId as number }), [{ entryId: oldest?.entryId }]);
  t.equal((await list({ before: middle?.entryId as number })).length, 1);
});

t.test('an entry holds what was asked for, and neither a secret nor what was not meant to be kept', async (t) => {
  const secrets = { password: 'p', oldPassword: 'o', token: 't', key: 'k', code: 'c', text: 'x' };
  const kept = { amountMinor: 5, units: [1, 2], isVerified: true, isStaff: false, all: true, callId: 7, label: 'A' };
  t.same(detailOf({ ...secrets, ...kept }, null, { reason: 'r'.repeat(400), note: null }), {
    ...kept,
    units: '1, 2',
    reason: 'r'.repeat(300),
  });
});

t.test('an entry is never edited or removed', async (t) => {
  await t.rejects(database.query(`update audit_entry set action = 'set_up'`), /never edited or removed/);
  await t.rejects(database.query('delete from audit_entry'), /never edited or removed/);
});

t.test('a deed has its line before it is done, and how it ended after it', async (t) => {
  const [boss, alex] = [await make('operator'), await make('client')];
  const note = { actorId: boss.personId, action: 'credit_given', personId: alex.personId, detail: {} } as const;
  const begun = await audit.begin(note);
  const newest = async () => (await audit.list({ limit: 1 }))[0];
  t.match(await newest(), { entryId: begun, outcome: null }, 'where the appliance stops now, it is not known');
  await audit.end(begun, 'done', null);
  t.match(await newest(), { entryId: begun, outcome: 'done', person: { personId: alex.personId } });

  const refusedOne = await audit.begin({ ...note, personId: 999_999 });
  await audit.end(refusedOne, 'person_not_found', null);
  t.match(await newest(), { entryId: refusedOne, outcome: 'person_not_found', person: null }, 'of whom there is none');

  const made = await audit.begin({ ...note, action: 'person_made', personId: null });
  await audit.end(made, 'done', alex.personId);
  t.match(await newest(), { entryId: made, person: { personId: alex.personId } }, 'whom only the deed has made');
  t.match(await audit.list({ personId: alex.personId }), { length: 2 }, 'is found by them as well');
  await audit.end(made, 'not_allowed', null);
  t.match(await newest(), { entryId: made, outcome: 'done' }, 'a deed ends once');
});

t.test('a line that cannot be written is an error before the deed, and none after it', async (t) => {
  const own = await openTestStore(temporaryFolder('audit-away'));
  t.teardown(() => own.close());
  const away = new Audit(own.main, quiet);
  await own.main.script('drop table audit_head');
  const note = { actorId: null, action: 'sign_in_refused', personId: null, detail: {} } as const;
  await t.rejects(away.begin(note));
  await t.rejects(away.note(note));
  await t.resolves(away.refused(note, 'wrong_credentials'));
  await t.resolves(away.end(1, 'done', null));
});

t.test('coming in stands apart from what operators did', async (t) => {
  const alex = await make('client');
  const detail = { by: 'password', address: '192.0.2.7' };
  await audit.note({ actorId: alex.personId, action: 'signed_in', personId: alex.personId, detail });
  await audit.refused(
    { actorId: null, action: 'sign_in_refused', personId: alex.personId, detail },
    'wrong_credentials',
  );
  const of = async (about?: 'deeds' | 'access' | 'all') =>
    (await audit.list({ personId: alex.personId, ...(about && { about }) })).map(({ action }) => action);
  t.same(await of(), [], 'not among what operators did');
  t.same(await of('access'), ['sign_in_refused', 'signed_in']);
  t.same(await of('all'), ['sign_in_refused', 'signed_in']);
  t.match(await audit.list({ action: 'sign_in_refused', limit: 1 }), [
    { actor: null, person: { personId: alex.personId }, detail, outcome: 'wrong_credentials' },
  ]);
});

t.test('refusals are written sixty times a minute, and how many more there were is said', async (t) => {
  const own = new Audit(database, quiet);
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const strangers = async (count: number) => {
    const note = { actorId: null, action: 'sign_in_refused', personId: null, detail: {} } as const;
    for (let one = 0; one < count; one += 1) await own.refused(note, 'wrong_credentials');
  };
  const written = () => countOf(`audit_entry where action = 'sign_in_refused'`);
  const before = await written();
  await strangers(75);
  t.equal((await written()) - before, 60);
  clock.tick(60_000);
  await strangers(2);
  t.equal((await written()) - before, 62);
  t.match(await audit.list({ action: 'sign_in_refused', limit: 2 }), [{ detail: {} }, { detail: { unwritten: 15 } }]);
});

t.test('what an earlier version wrote down is bound as it stands, and goes on', async (t) => {
  const earlier = temporaryFolder('migrations');
  for (const name of fs.readdirSync(migrations).filter((each) => each < '017'))
    fs.copyFileSync(path.join(migrations, name), path.join(earlier, name));
  const old = await openOwnStore(temporaryFolder('audit-old'), earlier);
  t.teardown(() => old.close());
  const boss = await new Accounts(old.main).makePerson('operator', 'boss', 'Boss');
  for (const action of ['set_up', 'credit_given', 'ledger_checked'])
    await old.main.query('insert into audit_entry (actor_id, action, detail) values ($1, $2, $3::text::jsonb)', [
      boss.personId,
      action,
      '{"reason": "before"}',
    ]);
  await migrate(old.main, migrations, quiet);
  const log = new Audit(old.main, quiet);
  t.match(await log.check(), { lineCount: 3, head: { line: 3 }, firstBreak: null });
  await log.note({ actorId: boss.personId, action: 'ledger_checked', personId: null, detail: {} });
  t.match(await log.check(), { lineCount: 4, head: { line: 4 }, firstBreak: null });
  t.match(await log.list({ action: 'credit_given' }), [{ detail: { reason: 'before' }, outcome: 'done' }]);
  await t.rejects(old.main.query('delete from audit_entry'), /never edited or removed/);
});

t.test('each line is bound to the one before: whatever is changed behind its back shows', async (t) => {
  const intact = await audit.check();
  t.match(intact, { firstBreak: null, head: { hash: /^[0-9a-f]{64}$/ } });
  t.equal(intact.lineCount, await countOf('audit_entry'));
  const last = intact.head.line;
  const behind = async (change: string) => {
    const own = await openTestStore(temporaryFolder('audit'));
    t.teardown(() => own.close());
    const accounts = new Accounts(own.main);
    const boss = await accounts.makePerson('operator', 'boss', 'Boss');
    const log = new Audit(own.main, quiet);
    const at = { actorId: boss.personId, action: 'ledger_checked', personId: null } as const;
    for (let count = 1; count <= 5; count += 1) await log.note({ ...at, detail: { count } });
    t.equal((await log.check()).firstBreak, null);
    await own.main.script(`alter table audit_entry disable trigger user; ${change}`);
    return (await log.check()).firstBreak;
  };
  t.ok(last > 0);
  t.equal(await behind(`update audit_entry set detail = '{"count": 4}' where id = 3`), 3, 'an edited line');
  t.equal(await behind('delete from audit_entry where id = 3'), 4, 'a line that was taken away');
  t.equal(await behind('delete from audit_entry where id = 5'), 5, 'the newest one');
  t.equal(await behind('delete from audit_entry'), 5, 'all of them');
  t.equal(
    await behind(`insert into audit_entry (id, action, detail, outcome, hash)
                  values (6, 'set_up', '{}', 'done', sha256('x'))`),
    6,
    'a line that was put in',
  );
});
