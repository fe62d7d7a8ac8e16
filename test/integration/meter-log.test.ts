import fs from 'node:fs';
import t, { type Test } from 'tap';
import { Accounts } from '../../server/accounts/index.ts';
import { MeterLog, type MeterLogEntry } from '../../server/meter/index.ts';
import { type Database, StoreUnavailable } from '../../server/store/index.ts';
import { openTestStore, quiet, temporaryFolder } from '../support/store.ts';

const data = temporaryFolder('meter-log');
const store = await openTestStore(data);
t.teardown(async () => {
  await store.close();
  fs.rmSync(data, { recursive: true, force: true });
});
const accounts = new Accounts(store.main);
const client = await accounts.makePerson('client', 'alex', 'Alex');
const model = await accounts.makePerson('model', 'mia', 'Mia');
async function newCall(): Promise<number> {
  const { id } = await store.main.one<{ id: number }>(
    `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, outcome)
     values ($1, $2, 'ended', 100, 0, 'per_minute', 60, 'client_ended') returning id`,
    [client.personId, model.personId],
  );
  return id;
}
const line = (callId: number, change: Partial<MeterLogEntry> = {}): Omit<MeterLogEntry, 'seq'> => ({
  callId,
  kind: 'paused',
  at: new Date(Date.UTC(2026, 0, 1)),
  monoMs: 70_000,
  billableMs: 61_500,
  detail: { reason: 'no_media' },
  ...change,
});
/** The lines of a call, with a number of each in its detail. */
const numbered = (callId: number, count: number) =>
  Array.from({ length: count }, (_, n) => line(callId, { detail: { n } }));

/** A log on the same database, whose statements a test counts and lets fail. */
function logWith(onWrite: (count: number, write: () => Promise<unknown>) => Promise<unknown>) {
  const database: Database = Object.create(store.main);
  let count = 0;
  const query = store.main.query.bind(store.main);
  database.query = async (text, values, options) => {
    if (!text.includes('insert into meter_log')) return query(text, values, options);
    await onWrite(++count, () => query(text, values, options));
    return [];
  };
  return { log: new MeterLog(database, quiet), written: () => count };
}
const plain = () => logWith((_, write) => write());
const seqsOf = async (log: MeterLog, callId: number) => (await log.read(callId)).map(({ seq }) => seq);
const isInOrder = (t: Test, lines: readonly MeterLogEntry[], count: number) => {
  t.same(
    lines.map(({ seq, detail }) => [seq, detail.n]),
    Array.from({ length: count }, (_, n) => [n + 1, n]),
  );
};

t.test('a log is read as it was written, in its order, of one call', async (t) => {
  const { log } = plain();
  const [callId, other] = [await newCall(), await newCall()];
  log.append(line(callId));
  log.append(line(other));
  log.append(line(callId, { kind: 'resumed', monoMs: null }));
  await log.flush();
  t.same(await log.read(callId), [
    { ...line(callId), seq: 1 },
    { ...line(callId, { kind: 'resumed', monoMs: null }), seq: 2 },
  ]);
});

t.test('after a crash the log goes on after its last line: no number is used again', async (t) => {
  const callId = await newCall();
  const first = plain().log;
  for (const one of numbered(callId, 2)) first.append(one);
  await first.flush();
  const second = plain().log;
  second.resume(callId, 2);
  second.append(line(callId, { detail: { n: 2 } }));
  await second.flush();
  isInOrder(t, await second.read(callId), 3);
});

t.test('a call that is over is forgotten', async (t) => {
  const { log } = plain();
  const callId = await newCall();
  log.append(line(callId));
  await log.flush();
  log.forget(callId);
  log.append(line(callId, { kind: 'closed' }));
  await log.flush();
  t.match(await log.read(callId), { length: 1 }, 'the number was used before');
});

t.test('lines that come while others are written are written after them, one statement at a time', async (t) => {
  const callId = await newCall();
  let atOnce = 0;
  let atOnceMax = 0;
  const { log } = logWith(async (count, write) => {
    atOnceMax = Math.max(atOnceMax, ++atOnce);
    await null; // the log has asked, and waits
    if (count === 1) for (const one of numbered(callId, 3).slice(1)) log.append(one);
    await write();
    atOnce--;
  });
  log.append(line(callId, { detail: { n: 0 } }));
  await log.flush();
  isInOrder(t, await log.read(callId), 3);
  t.equal(atOnceMax, 1);
  log.append(line(callId, { detail: { n: 3 } }));
  await log.flush();
  t.same(await seqsOf(log, callId), [1, 2, 3, 4], 'and later ones, too');
});

t.test('a statement has at most a thousand lines', async (t) => {
  const callId = await newCall();
  const { log, written } = plain();
  for (const one of numbered(callId, 1_002)) log.append(one);
  await log.flush();
  t.equal(written(), 3, 'the first by itself, a thousand, and the last');
  isInOrder(t, await log.read(callId), 1_002);
});

t.test('a statement whose answer was lost is repeated, and finds its lines there', async (t) => {
  const callId = await newCall();
  const { log, written } = logWith(async (count, write) => {
    await write();
    if (count === 1) throw new StoreUnavailable('the answer was lost');
  });
  for (const one of numbered(callId, 2)) log.append(one);
  await log.flush();
  t.equal(written(), 2);
  isInOrder(t, await log.read(callId), 2);
});

t.test('lines wait until they are durable', async (t) => {
  const callId = await newCall();
  const { log } = logWith(async (count, write) => {
    if (count <= 2) throw new StoreUnavailable('away');
    await write();
  });
  for (const one of numbered(callId, 2)) log.append(one);
  await log.flush();
  isInOrder(t, await log.read(callId), 2);
});

t.test('nothing is tried after the stop', async (t) => {
  const { log, written } = logWith(async () => {
    log.stop();
    throw new StoreUnavailable('away');
  });
  log.append(line(await newCall()));
  await log.flush();
  t.equal(written(), 1);
});

t.test('a hundred thousand lines wait for a database that is away, and not one more', async (t) => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { log } = logWith(() => held);
  const callId = await newCall();
  for (let n = 0; n < 100_000; n++) log.append(line(callId));
  t.throws(() => log.append(line(callId)), /cannot be written/);
  letGo();
  await log.flush();
});
