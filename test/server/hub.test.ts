import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import {
  HUB_BAD_MESSAGES_MAX,
  HUB_CLOSE_BAD_MESSAGES,
  HUB_CLOSE_TOO_MANY,
  type HubMessage,
  type PersonId,
  type Role,
  UserError,
} from '../../server/contract/index.ts';
import { type Connection, Hub } from '../../server/hub/index.ts';
import { TokenBucket } from '../../server/rates/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { handlersOf } from '../support/hub-handlers.ts';

const CONNECTIONS_PER_PERSON_MAX = 16;
const MESSAGE_BURST_MAX = 120;
const MESSAGES_PER_SECOND_MAX = 30;
const PERSON_BURST_MAX = 240;
const EXCESS_BURST_MAX = 300;
/** A message that counts once. */
const read = { type: 'message.read', personId: 8, messageId: 1 } as const;

interface Page {
  readonly connection: Connection;
  readonly heard: HubMessage[];
  readonly closed: number[];
}

/** A hub, what it has logged, and pages of it that keep what they hear. */
function fixture() {
  const logged: string[] = [];
  const hub = new Hub(createLog('info', { write: (line: string) => void logged.push(line) }), createMetrics());
  const page = (personId: PersonId, role: Role = 'client'): Page => {
    const heard: HubMessage[] = [];
    const closed: number[] = [];
    const socket = { send: (text: string) => heard.push(JSON.parse(text)), close: (code: number) => closed.push(code) };
    return { connection: hub.connect(socket, { personId, role, session: 's', address: '127.0.0.1' }), heard, closed };
  };
  return { hub, page, logged };
}

const ring = (id: number, more: object = {}) => JSON.stringify({ type: 'call.ring', id, modelId: 1, ...more });
const changed = (reportId: number): HubMessage => ({ type: 'report.changed', reportId });
const reportsHeard = ({ heard }: Page) =>
  heard.flatMap((message) => (message.type === 'report.changed' ? [message.reportId] : []));

// ---- who is connected ---------------------------------------------------------------------------------------------

t.test('hello is the first message on every page', async (t) => {
  const { page } = fixture();
  t.same(page(7).heard, [{ type: 'hello', personId: 7 }]);
});

t.test('a person is online while any of their pages is there', async (t) => {
  const { hub, page } = fixture();
  const [one, other] = [page(7), page(7)];
  page(8);
  t.not(one.connection.connectionId, other.connection.connectionId);
  t.equal(hub.connectionCount, 3);
  hub.disconnect(one.connection);
  t.equal(hub.isOnline(7), true);
  t.equal(hub.isConnected(one.connection.connectionId), false);
  hub.disconnect(other.connection);
  t.equal(hub.isOnline(7), false);
  t.equal(hub.connectionCount, 1);
});

t.test('others hear of each page that comes and goes, once', async (t) => {
  const { hub, page } = fixture();
  const events: string[] = [];
  hub.onOpen(({ personId }) => events.push(`open ${personId}`));
  hub.onClose(({ personId }) => events.push(`close ${personId}`));
  const { connection } = page(7);
  hub.disconnect(connection);
  hub.disconnect(connection);
  t.same(events, ['open 7', 'close 7']);
});

t.test('a person has sixteen pages at most; the oldest gives way', async (t) => {
  const { page } = fixture();
  const pages = Array.from({ length: CONNECTIONS_PER_PERSON_MAX }, () => page(7));
  t.same(
    pages.flatMap(({ closed }) => closed),
    [],
  );
  const last = page(7);
  t.same(pages[0]?.closed, [HUB_CLOSE_TOO_MANY]);
  t.same(
    [...pages.slice(1), last].flatMap(({ closed }) => closed),
    [],
  );
});

t.test('only the pages that are named are closed', async (t) => {
  const { hub, page } = fixture();
  const [one, other] = [page(7), page(8)];
  hub.close(4401, 'signed out', ({ personId }) => personId === 7);
  t.same([one.closed, other.closed], [[4401], []]);
});

// ---- who hears what -----------------------------------------------------------------------------------------------

t.test('every page of a person hears what is sent to them, and nobody else', async (t) => {
  const { hub, page } = fixture();
  const [one, second, gone, other] = [page(7), page(7), page(7), page(8)];
  hub.disconnect(gone.connection);
  hub.sendToPerson(7, changed(1));
  t.same([one, second, gone, other].map(reportsHeard), [[1], [1], [], []]);
});

t.test('one page alone hears what is sent to it', async (t) => {
  const { hub, page } = fixture();
  const [one, second] = [page(7), page(7)];
  hub.sendToConnection(second.connection.connectionId, changed(1));
  t.same([one, second].map(reportsHeard), [[], [1]]);
});

t.test('what is for a role is heard by that role', async (t) => {
  const { hub, page } = fixture();
  const [boss, client] = [page(1, 'operator'), page(7, 'client')];
  hub.sendToRole('operator', changed(1));
  t.same([boss, client].map(reportsHeard), [[1], []]);
});

t.test('each person of a role hears their own, or nothing', async (t) => {
  const { hub, page } = fixture();
  const [boss, none, one, second, same] = [page(1, 'operator'), page(7), page(8), page(8), page(9)];
  const shared = changed(9);
  hub.sendToEach('client', (personId) => (personId === 7 ? null : personId === 8 ? changed(8) : shared));
  t.same([boss, none, one, second, same].map(reportsHeard), [[], [], [8], [8], [9]]);
});

// ---- what a page may say ------------------------------------------------------------------------------------------

t.test('the answer has the id of the question, and what the handler says', async (t) => {
  const { hub, page } = fixture();
  hub.handle(handlersOf(async () => ({ callId: 40 })));
  const { connection, heard } = page(7);
  await hub.receive(connection, ring(5));
  t.same(heard.at(-1), { type: 'ok', id: 5, callId: 40 });
});

t.test('before there are handlers a page is told so', async (t) => {
  const { hub, page } = fixture();
  const { connection, heard } = page(7);
  await hub.receive(connection, ring(5));
  t.match(heard.at(-1), { type: 'error', id: 5, error: { code: 'unavailable' } });
});

t.test(
  'a refusal has its code; a database that is away is said to be; what went wrong inside stays inside',
  async (t) => {
    for (const [error, code, level] of [
      [new UserError('model_busy'), 'model_busy', null],
      [new StoreUnavailable('the server said: secret'), 'unavailable', 40],
      [new Error('secret'), 'internal', 50],
    ] as const) {
      const { hub, page, logged } = fixture();
      hub.handle(handlersOf(() => Promise.reject(error)));
      const { connection, heard } = page(7);
      await hub.receive(connection, ring(5));
      t.match(heard.at(-1), { type: 'error', id: 5, error: { code } });
      t.notMatch(JSON.stringify(heard), /secret/);
      t.equal(logged.map((line) => (JSON.parse(line) as { level: number }).level).at(-1) ?? null, level, code);
    }
  },
);

t.test('what cannot be read is answered, with the id where there is one, and never handled', async (t) => {
  const { hub, page } = fixture();
  let handled = 0;
  hub.handle(
    handlersOf(async () => {
      handled += 1;
      return undefined;
    }),
  );
  for (const [text, id, code] of [
    ['{', null, 'malformed'],
    ['null', null, 'unknown_type'],
    ['{"type":"call.ring"}', null, 'malformed'],
    ['{"type":"call.fly","id":3}', 3, 'unknown_type'],
    ['{"type":"toString","id":3}', 3, 'unknown_type'],
    [ring(4, { modelId: 0 }), 4, 'malformed'],
    [ring(4, { extra: true }), 4, 'malformed'],
    ['{"type":"message.send","id":5,"personId":2,"text":"a\\u0000b","key":"key-12345678"}', 5, 'malformed'],
  ] as const) {
    const { connection, heard } = page(7);
    await hub.receive(connection, text);
    t.match(heard.at(-1), { type: 'error', id, error: { code } }, text);
    hub.disconnect(connection);
  }
  t.equal(handled, 0);
});

t.test('three malformed messages in a row close the page; a good one starts the count anew', async (t) => {
  t.equal(HUB_BAD_MESSAGES_MAX, 3);
  const { hub, page } = fixture();
  hub.handle(handlersOf(async () => undefined));
  const { connection, closed } = page(7);
  for (const text of ['{', '{', ring(1), '{', '{']) await hub.receive(connection, text);
  t.same(closed, []);
  await hub.receive(connection, '{');
  t.same(closed, [HUB_CLOSE_BAD_MESSAGES]);
});

t.test('a page that has gone is not listened to', async (t) => {
  const { hub, page } = fixture();
  hub.handle(handlersOf(async () => undefined));
  const { connection, heard } = page(7);
  hub.disconnect(connection);
  await hub.receive(connection, ring(1));
  t.equal(heard.length, 1, 'nothing after hello');
});

t.test('a hundred and twenty messages in a burst, thirty a second in the long run', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const { hub, page } = fixture();
  hub.handle(handlersOf(async () => undefined));
  const { connection, heard } = page(7);
  const answered = async (count: number) => {
    const before = heard.length;
    for (let id = 1; id <= count; id++) await hub.receive(connection, JSON.stringify({ id, ...read }));
    return heard.slice(before).filter(({ type }) => type === 'ok').length;
  };
  t.equal(await answered(MESSAGE_BURST_MAX + 1), MESSAGE_BURST_MAX);
  t.match(heard.at(-1), { error: { code: 'too_many_requests' } });
  clock.tick(1_000);
  t.equal(await answered(MESSAGES_PER_SECOND_MAX + 1), MESSAGES_PER_SECOND_MAX);
});

t.test(
  'a person may say so much on all pages together, and their next page begins where the last one ended',
  async (t) => {
    const clock = FakeTimers.install({ toFake: ['performance'] });
    t.teardown(() => clock.uninstall());
    const { hub, page } = fixture();
    hub.handle(handlersOf(async () => undefined));
    const pages = [page(7), page(7), page(7), page(7)];
    const other = page(8);
    for (let id = 1; id <= 80; id++)
      for (const { connection } of pages) await hub.receive(connection, JSON.stringify({ id, ...read }));
    const answered = pages.flatMap(({ heard }) => heard.filter(({ type }) => type === 'ok')).length;
    t.equal(answered, PERSON_BURST_MAX);
    t.match(pages[0]?.heard.at(-1), { type: 'error', id: 80, error: { code: 'too_many_requests' } });
    await hub.receive(other.connection, JSON.stringify({ id: 1, ...read }));
    t.match(other.heard.at(-1), { type: 'ok' }, 'nobody else has to wait for that');
    for (const { connection } of pages) hub.disconnect(connection);
    const next = page(7);
    await hub.receive(next.connection, JSON.stringify({ id: 1, ...read }));
    t.match(next.heard.at(-1), { error: { code: 'too_many_requests' } });
    clock.tick(1_000);
    await hub.receive(next.connection, JSON.stringify({ id: 2, ...read }));
    t.match(next.heard.at(-1), { type: 'ok', id: 2 });
  },
);

t.test('a message that makes more work counts for several', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const { hub, page } = fixture();
  hub.handle(handlersOf(async () => undefined));
  const { connection, heard } = page(7);
  for (let id = 1; id <= 30; id++) await hub.receive(connection, ring(id));
  t.equal(heard.filter(({ type }) => type === 'ok').length, PERSON_BURST_MAX / 10);
});

t.test('what is refused is not read, and who does not stop is closed', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const { hub, page } = fixture();
  hub.handle(handlersOf(async () => undefined));
  const { connection, heard, closed } = page(7);
  for (let id = 1; id <= MESSAGE_BURST_MAX; id++) await hub.receive(connection, JSON.stringify({ id, ...read }));
  for (let n = 0; n < EXCESS_BURST_MAX; n++) await hub.receive(connection, 'not JSON');
  t.match(heard.at(-1), { type: 'error', id: null, error: { code: 'too_many_requests' } });
  t.same(closed, []);
  await hub.receive(connection, 'not JSON');
  t.same(closed, [HUB_CLOSE_TOO_MANY]);
});

t.test('a token bucket fills up to its burst, at its rate, and gives no part of a token', async (t) => {
  const bucket = new TokenBucket(2, 10, 0);
  const take = (...times: number[]) => times.map((atMs) => bucket.take(atMs));
  t.same(take(0, 0, 0), [true, true, false], 'the burst');
  t.same(take(50, 99), [false, false], 'a part of a token is none');
  t.same(take(100, 100), [true, false], 'one after a tenth of a second');
  t.same(take(60_000, 60_000, 60_000), [true, true, false], 'no more than the burst, however long it takes');
});
