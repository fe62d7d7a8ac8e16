import t from 'tap';
import { type ReportFigures, type ReportQuery, type TransferKind, toMinor } from '../../server/contract/index.ts';
import { MoneyFixture } from '../support/money-fixture.ts';

// What people and operators read of money: histories, earnings, reports.

const money = await MoneyFixture.open(t, 'reports');
const { ledger, store, operator } = money;
const idsOf = async (...kinds: TransferKind[]): Promise<number[]> =>
  (
    await store.main.query<{ id: number }>('select id from ledger_transfer where kind = any($1::text[]) order by id', [
      kinds,
    ])
  ).map(({ id }) => id);
const give = (clientId: number, amountMinor: number, kind: 'top_up' | 'voucher' | 'payment' | 'bonus') =>
  ledger.topUp({ key: money.newKey(), kind, clientId, amountMinor: toMinor(amountMinor), reason: 'x', actorId: null });
const adjust = (personId: number, role: 'client' | 'model', amountMinor: number) => {
  const request = { key: money.newKey(), personId, role, amountMinor: toMinor(amountMinor), reason: 'x' };
  return ledger.adjust({ ...request, actorId: operator.personId });
};
const payout = (payoutId: number, modelId: number, amountMinor: number) => ({
  payoutId,
  modelId,
  amountMinor: toMinor(amountMinor),
});

// A day on which everything happens once. It is an evening in Berlin and the next day in Tokyo.
const EVENING = '2026-02-10T20:00:00Z';
const people = await money.pair();
const { clientId, modelId } = people;
await give(clientId, 1_000, 'top_up');
await give(clientId, 500, 'voucher');
await give(clientId, 300, 'payment');
await give(clientId, 70, 'bonus');
await adjust(clientId, 'client', 5);
await adjust(clientId, 'client', -2);
await adjust(modelId, 'model', 11);
await adjust(modelId, 'model', -4);
const { callId } = await money.call(people, [101, 101, 101, 101]);
await ledger.release({ callId, unit: 4 });
await ledger.postMinimum(money.charge(people, callId, 0, 50, 303));
await money.tip(people, callId, 40);
await ledger.refund({ callId, units: [2], reason: 'x', by: operator });
await ledger.holdPayout(payout(1, modelId, 30));
await ledger.finishPayout(payout(1, modelId, 30), 'paid');
await ledger.holdPayout(payout(2, modelId, 10));
await ledger.finishPayout(payout(2, modelId, 10), 'returned');
await ledger.holdPayout(payout(3, modelId, 7));
// Another pair, whose unit was released when its model had been paid out in part: the studio gave back 70 of 100.
const others = await money.pair(100);
const second = await money.call(others, [100]);
await ledger.holdPayout(payout(4, others.modelId, 30));
await ledger.release({ callId: second.callId, unit: 1 });
const day = await store.main.query<{ id: number }>('select id from ledger_transfer order by id');
await money.date(
  day.map(({ id }) => id),
  EVENING,
);

// What a person with a calculator makes of it.
const FIRST: ReportFigures = {
  calls: 1,
  turnoverMinor: toMinor(303 + 50 + 40 - 101),
  modelMinor: toMinor(211 + 24 - 60),
  studioMinor: toMinor(292 - 175),
  refundsMinor: toMinor(101),
  creditMinor: toMinor(1_800),
  bonusMinor: toMinor(70),
  adjustmentsMinor: toMinor(10),
  payoutsMinor: toMinor(30),
};
const SECOND = { calls: 1, turnoverMinor: 0, modelMinor: 30, studioMinor: -30, refundsMinor: 100 };
const SPAN = { from: '2026-02-10T00:00:00+01:00', to: '2026-02-11T00:00:00+01:00', zone: 'Europe/Berlin' };
const report = (query: Partial<ReportQuery>) => ledger.report({ by: 'day', ...SPAN, ...query });

t.test('a report by model: each figure is what a calculator says', async (t) => {
  const { rows } = await report({ by: 'model' });
  const rowOf = (personId: number) => rows.find(({ person }) => person?.personId === personId);
  t.match(rowOf(modelId), {
    ...FIRST,
    // Credit and its corrections are the client's.
    creditMinor: 0,
    bonusMinor: 0,
    adjustmentsMinor: 7,
  });
  t.match(rowOf(others.modelId), SECOND);
});

t.test('a report by client: each figure is what a calculator says', async (t) => {
  const { rows } = await report({ by: 'client' });
  const rowOf = (personId: number) => rows.find(({ person }) => person?.personId === personId);
  t.match(rowOf(clientId), { ...FIRST, adjustmentsMinor: 3, payoutsMinor: 0 });
  t.match(rowOf(others.clientId), { ...SECOND, creditMinor: 100 });
});

t.test('a report by day: the total is the sum over everybody', async (t) => {
  const { rows, total } = await report({});
  t.match(total, {
    calls: 2,
    turnoverMinor: FIRST.turnoverMinor,
    modelMinor: FIRST.modelMinor + 30,
    studioMinor: FIRST.studioMinor - 30,
    refundsMinor: 201,
    creditMinor: 1_900,
    bonusMinor: 70,
    adjustmentsMinor: 10,
    payoutsMinor: 30,
  });
  t.same(
    rows.map(({ day, turnoverMinor }) => [day, turnoverMinor]),
    [['2026-02-10', FIRST.turnoverMinor]],
  );
});

t.test('a report names what is owed now: to clients, to models, and in payouts', async (t) => {
  const { creditOutstandingMinor, earningsOwedMinor, payoutsDueMinor } = await report({});
  t.same(
    { creditOutstandingMinor, earningsOwedMinor, payoutsDueMinor },
    {
      creditOutstandingMinor: 1_873 - 303 - 50 - 40 + 101 + 100,
      earningsOwedMinor: 7 + 175 - 30 - 7,
      payoutsDueMinor: 7 + 30,
    },
  );
});

t.test('days are those of the zone that is asked for', async (t) => {
  const days = async (zone: string) => {
    const { rows } = await report({ from: '2026-02-10T12:00:00Z', to: '2026-02-11T12:00:00Z', zone });
    return rows.filter(({ calls }) => calls > 0).map(({ day }) => day);
  };
  t.same([await days('Europe/Berlin'), await days('Asia/Tokyo')], [['2026-02-10'], ['2026-02-11']]);
});

t.test('a span has its first moment in it, and not its last', async (t) => {
  const callsIn = async (from: string, to: string) => (await report({ from, to })).total.calls;
  t.equal(await callsIn(EVENING, '2026-02-10T20:00:01Z'), 2);
  t.equal(await callsIn('2026-02-10T19:00:00Z', EVENING), 0);
});

t.test('a report by day has every day of its span, over the change of the clocks, for ten years', async (t) => {
  const spring = await report({ from: '2026-03-28T00:00:00+01:00', to: '2026-03-31T00:00:00+02:00' });
  t.same(
    spring.rows.map(({ day }) => day),
    ['2026-03-28', '2026-03-29', '2026-03-30'],
  );
  const zone = 'UTC';
  const from = '2000-01-01T00:00:00Z';
  const ten = await report({ zone, from, to: '2010-01-08T00:00:00Z' });
  t.equal(ten.rows.length, 3_660);
  await t.rejects(report({ zone, from, to: '2010-01-09T00:00:00Z' }), { code: 'malformed' });
});

t.test('a zone that does not exist is said', async (t) => {
  await t.rejects(report({ zone: 'Mars/Olympus' }), { code: 'malformed' });
  await t.rejects(ledger.earnings(modelId, 'Mars/Olympus'), { code: 'malformed' });
});

t.test('a history: each line with its amount and the balance after it, newest first', async (t) => {
  const lines = async (personId: number) =>
    (await ledger.history(personId, {})).map(({ kind, amountMinor, balanceMinor }) => [
      kind,
      amountMinor,
      balanceMinor,
    ]);
  t.same(await lines(clientId), [
    ['refund', 101, 1_581],
    ['tip', -40, 1_480],
    ['minimum', -50, 1_520],
    ['charge', -101, 1_570],
    ['charge', -101, 1_671],
    ['charge', -101, 1_772],
    ['adjustment', -2, 1_873],
    ['adjustment', 5, 1_875],
    ['bonus', 70, 1_870],
    ['payment', 300, 1_800],
    ['voucher', 500, 1_500],
    ['top_up', 1_000, 1_000],
  ]);
  t.same(await lines(modelId), [
    ['payout', -7, 145],
    ['payout_returned', 10, 152],
    ['payout', -10, 142],
    ['payout', -30, 152],
    ['refund', -60, 182],
    ['tip', 24, 242],
    ['minimum', 30, 218],
    ['charge', 60, 188],
    ['charge', 61, 128],
    ['charge', 60, 67],
    ['adjustment', -4, 7],
    ['adjustment', 11, 11],
  ]);
  t.same(await lines(others.modelId), [
    ['release', -30, 0],
    ['payout', -30, 30],
    ['charge', 60, 60],
  ]);
});

t.test('a history by kind, by time and by page, with balances that count what is left out', async (t) => {
  const kinds = await ledger.history(clientId, { kind: 'charge,bonus' });
  t.same(
    kinds.map(({ kind, balanceMinor }) => [kind, balanceMinor]),
    [
      ['charge', 1_570],
      ['charge', 1_671],
      ['charge', 1_772],
      ['bonus', 1_870],
    ],
  );
  const before = kinds[1]?.transferId as number;
  const page = await ledger.history(clientId, { kind: 'charge', limit: 1, before });
  t.same(
    page.map(({ transferId }) => transferId),
    [kinds[2]?.transferId],
  );
  t.equal((await ledger.history(clientId, { from: EVENING })).length, 12, 'from: the moment is in it');
  t.equal((await ledger.history(clientId, { to: EVENING })).length, 0, 'to: the moment is not in it');
  await t.rejects(ledger.history(clientId, { kind: 'charge,nonsense' }), { code: 'malformed' });
});

t.test('a page of a history has fifty lines, a file has them all', async (t) => {
  const many = await money.pair(60);
  await money.call(many, Array(60).fill(1));
  t.equal((await ledger.history(many.clientId, {})).length, 50);
  t.equal((await ledger.history(many.clientId, {}, 'file')).length, 61);
});

t.test('earnings since the last midnight, Monday and first of the month of her zone', async (t) => {
  const hers = await money.pair(1_000);
  const { callId, transferIds } = await money.call(hers, [1, 2, 4, 8, 16, 32, 128], 100);
  // Wednesday, six in the morning in New York; summer time began there on the 8th.
  const later = money.ledgerAt('2026-03-18T10:00:00Z');
  const times = [
    '2026-03-18T04:00:00Z', // midnight
    '2026-03-18T03:59:59.999Z',
    '2026-03-16T04:00:00Z', // Monday
    '2026-03-16T03:59:59.999Z',
    '2026-03-01T05:00:00Z', // the first
    '2026-03-01T04:59:59.999Z',
    '2026-02-01T05:00:00Z',
  ];
  for (const [index, at] of times.entries()) await money.date([transferIds[index] as number], at);
  await ledger.refund({ callId, units: [7], reason: 'x', by: operator });
  await money.date([...(await idsOf('refund')).slice(-1), await money.tip(hers, callId, 100)], times[6] as string);
  t.same(await later.earnings(hers.modelId, 'America/New_York'), {
    todayMinor: 1,
    weekMinor: 1 + 2 + 4,
    monthMinor: 1 + 2 + 4 + 8 + 16,
    allMinor: 63 + 60,
  });
});
