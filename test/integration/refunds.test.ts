import t from 'tap';
import { Ledger, type Refunder } from '../../server/ledger/index.ts';
import { MoneyFixture, type People } from '../support/money-fixture.ts';

// Charging rules 4, 7, 8 and 9: what goes back, to whom, from whom, for how long, and once.

const money = await MoneyFixture.open(t, 'refunds');
const { ledger, store, operator } = money;
const modelOf = ({ modelId }: People): Refunder => ({ role: 'model', personId: modelId });
const refund = (callId: number, units: readonly number[] | 'all', by: Refunder, of: Ledger = ledger) =>
  of.refund({ callId, units, reason: 'frozen', by });
const refundTip = (callId: number, transferId: number, by: Refunder, of: Ledger = ledger) =>
  of.refundTip({ callId, transferId, reason: 'a slip', by });
const refundedMinor = async (callId: number) => (await ledger.refundsOfCall(callId, operator)).refundedMinor;
// The studio has revenue to cover with.
await money.call(await money.pair(100_000), [100_000]);

t.test('rule 8: the named units go back, each whole, from the model and the studio', async (t) => {
  const people = await money.pair(1_000);
  const before = await money.balances(people);
  const { callId, transferIds } = await money.call(people, [101, 101, 101]);
  const one = await refund(callId, [2], operator);
  t.same(one.refundableUnits, [1, 3]);
  t.match(one.refunds, [
    { chargeId: transferIds[1], unit: 2, amountMinor: 101, reason: 'frozen', byName: 'Boss', transferId: Number },
  ]);
  t.same(await money.balances(people), { credit: 798, earnings: 121, revenue: before.revenue + 81 });
  t.match(await refund(callId, 'all', operator), { refundedMinor: 303, refundableUnits: { length: 0 } });
  t.same(await money.balances(people), before);
  t.match(await refund(callId, 'all', operator), { refundedMinor: 303 }, 'again is harmless');
  t.same(await money.balances(people), before);
  t.equal((await ledger.refundedOfCalls([callId])).get(callId), 303);
  t.equal(await ledger.studioPartOf(callId), 0);
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

t.test('rule 8: the minimum goes back, too', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  await ledger.postMinimum(money.charge(people, callId, 0, 50, 100));
  t.same((await ledger.refundsOfCall(callId, operator)).refundableUnits, [1, 0]);
  t.match(await refund(callId, [0], operator), { refundedMinor: 50 });
  t.match(await money.balances(people), { credit: 900, earnings: 60 });
});

t.test('rule 8: units that are not there cannot be refunded', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  await t.rejects(refund(callId, [7], operator), { code: 'refund_nothing' });
  await t.rejects(refund(money.newCall(), 'all', operator), { code: 'refund_nothing' });
  t.match(await money.balances(people), { credit: 900 });
});

t.test('rule 7: the model gives back her share of all that was refunded, rounded down', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [1, 1, 1, 1, 1]);
  const earnings: number[] = [];
  for (const unit of [5, 1, 3]) {
    await refund(callId, [unit], operator);
    earnings.push((await money.balances(people)).earnings);
  }
  t.same(earnings, [3, 2, 2]);
  const other = await money.call(people, [1, 1, 1, 1, 1]);
  await refund(other.callId, [1, 2, 3], operator);
  t.match(await money.balances(people), { earnings: 2 + 3 - 1 }, 'three units at once');
});

t.test('rule 7: a tip that went back does not count in the split of the units', async (t) => {
  const people = await money.pair(1_000);
  await money.call(people, [100]);
  const { callId } = await money.call(people, [101]);
  await refundTip(callId, await money.tip(people, callId, 51), operator);
  await refund(callId, [1], operator);
  t.match(await money.balances(people), { earnings: 60 });
});

t.test('rule 7: charges that were rounded each by itself go back as they came', async (t) => {
  const people = await money.pair(1_000);
  await money.call(people, [100]);
  const callId = money.newCall();
  for (const unit of [1, 2, 3]) await ledger.postCharges([money.charge(people, callId, unit, 101)]);
  t.match(await money.balances(people), { earnings: 60 + 180 });
  await refund(callId, 'all', operator);
  t.match(await money.balances(people), { earnings: 60 });
});

t.test('a model refunds with her own money, to the last cent', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100, 100]);
  t.equal(await money.hold(people.modelId, 1), true);
  await t.rejects(refund(callId, 'all', modelOf(people)), { code: 'refund_not_covered' });
  t.match(await money.balances(people), { credit: 800, earnings: 119 }, 'refused whole');
  await refund(callId, [1], modelOf(people));
  t.match(await money.balances(people), { credit: 900, earnings: 59 });
  await money.call(people, [2]);
  await refund(callId, [2], modelOf(people));
  t.match(await money.balances(people), { earnings: 0 });
});

t.test('for an operator the studio covers what the model no longer has', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100, 100]);
  const { revenue } = await money.balances(people);
  await money.hold(people.modelId, 30);
  await refund(callId, 'all', operator);
  t.same(await money.balances(people), { credit: 1_000, earnings: 0, revenue: revenue - 110 });
  t.match(await ledger.check(), { isBalanced: true });
});

t.test('a model refunds calls of her own, and is shown no others', async (t) => {
  const [people, others] = [await money.pair(1_000), await money.pair()];
  const { callId } = await money.call(people, [100]);
  const tipId = await money.tip(people, callId, 50);
  const stranger = modelOf(others);
  await t.rejects(refund(callId, [1], stranger), { code: 'call_not_found' });
  await t.rejects(refundTip(callId, tipId, stranger), { code: 'call_not_found' });
  t.match(await ledger.refundsOfCall(callId, stranger), {
    refundableUnits: { length: 0 },
    tips: [{ isRefundable: false }],
  });
  t.match(await money.balances(people), { credit: 850 });
});

t.test('a client refunds nothing, and does not read who did', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100, 100]);
  const tips = [await money.tip(people, callId, 50), await money.tip(people, callId, 51)];
  await refund(callId, [1], operator);
  await refundTip(callId, tips[0] as number, operator);
  const seen = await ledger.refundsOfCall(callId, null);
  t.match(seen, { refunds: [{ unit: 1, byName: null }], refundableUnits: { length: 0 } });
  t.match(seen.tips, [{ refund: { byName: null } }, { isRefundable: false }]);
  t.match((await ledger.refundsOfCall(callId, operator)).tips, [
    { refund: { byName: 'Boss' } },
    { isRefundable: true },
  ]);
});

t.test('rule 9: the named tip goes back whole and once, and the price of the call stands', async (t) => {
  const people = await money.pair(1_000);
  const { callId, transferIds } = await money.call(people, [100]);
  const [first, second] = [await money.tip(people, callId, 101), await money.tip(people, callId, 50)];
  const other = await money.call(people, [1]);
  await t.rejects(
    refundTip(callId, transferIds[0] as number, operator),
    { code: 'refund_nothing' },
    'a charge is no tip',
  );
  await t.rejects(refundTip(other.callId, first, operator), { code: 'refund_nothing' }, 'a tip of another call');
  for (let n = 0; n < 2; n++) {
    const { refunds, refundedMinor, tips } = await refundTip(callId, first, modelOf(people));
    t.same([refunds, refundedMinor], [[], 0], 'no unit of the call');
    t.match(tips, [
      { refund: { reason: 'a slip' }, isRefundable: false },
      { refund: null, isRefundable: true },
    ]);
  }
  t.match(await money.balances(people), { credit: 1_000 - 100 - 50 - 1, earnings: 60 + 30 });
  t.same(
    (await ledger.tipsOfCalls([callId])).map(({ transferId }) => transferId),
    [second],
  );
  t.same(await ledger.refundedOfCalls([callId]), new Map());
  t.equal(await ledger.studioPartOf(callId), 40);
});

t.test('rule 9: a model gives back a tip with her own money', async (t) => {
  const people = await money.pair(1_000);
  const callId = money.newCall();
  const tipId = await money.tip(people, callId, 100);
  await money.hold(people.modelId, 1);
  await t.rejects(refundTip(callId, tipId, modelOf(people)), { code: 'refund_not_covered' });
  t.match(await money.balances(people), { credit: 900, earnings: 59 });
  await refundTip(callId, tipId, operator);
  t.match(await money.balances(people), { credit: 1_000, earnings: 0 });
});

t.test('rule 4: a unit that never fell due is released once, and stands nowhere', async (t) => {
  const people = await money.pair(1_000);
  const { callId, transferIds } = await money.call(people, [101, 101, 101]);
  const { revenue } = await money.balances(people);
  const released = await ledger.release({ callId, unit: 3 });
  t.match(released, { transferId: transferIds[2], balanceMinor: 798 });
  t.same(await ledger.release({ callId, unit: 3 }), released, 'again');
  t.same(await money.balances(people), { credit: 798, earnings: 121, revenue: revenue - 41 });
  t.match(await ledger.releasedOfCall(callId), [{ unit: 3, amountMinor: 101, transferId: transferIds[2] }]);
  t.same(
    (await ledger.transfersOfCall(callId)).map(({ unit }) => unit),
    [1, 2],
  );
  t.same(await ledger.refundedOfCalls([callId]), new Map(), 'a release is no refund');
  t.same((await ledger.refundsOfCall(callId, operator)).refundableUnits, [1, 2]);
  await t.rejects(refund(callId, [3], operator), { code: 'refund_nothing' });
  t.equal(await ledger.release({ callId, unit: 4 }), null, 'no such unit');
  await refund(callId, [2], operator);
  t.equal(await ledger.release({ callId, unit: 2 }), null, 'what was refunded is back');
});

t.test('rule 4: a release of what the model was paid out meanwhile: the studio gives back her part', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  const { revenue } = await money.balances(people);
  await money.hold(people.modelId, 60);
  t.match(await ledger.release({ callId, unit: 1 }), { balanceMinor: 1_000 });
  t.same(await money.balances(people), { credit: 1_000, earnings: 0, revenue: revenue - 100 });
});

t.test('many at once give back once, over one connection and over eight', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100, 100]);
  const wide = new Ledger({ ...store, money: store.main });
  const ends = await Promise.allSettled(
    Array.from({ length: 16 }, (_, n) => refund(callId, n % 2 ? 'all' : [1], operator, n % 4 ? wide : ledger)),
  );
  t.same(
    ends.filter(({ status }) => status === 'rejected'),
    [],
  );
  t.match(await money.balances(people), { credit: 1_000, earnings: 0 });
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

const DAY = '2026-01-01T12:00:00Z';
/** Thirty days after it, and a millisecond before that. */
const TOO_LATE = '2026-01-31T12:00:00.000Z';
const IN_TIME = '2026-01-31T11:59:59.999Z';

t.test('a model can refund a unit for 30 days, an operator at any time', async (t) => {
  const people = await money.pair(1_000);
  const { callId, transferIds } = await money.call(people, [100, 100]);
  await money.date(transferIds, DAY);
  const [late, inTime] = [money.ledgerAt(TOO_LATE), money.ledgerAt(IN_TIME)];
  t.match(await late.refundsOfCall(callId, modelOf(people)), { refundableUnits: { length: 0 } });
  t.match(await late.refundsOfCall(callId, operator), { refundableUnits: [1, 2] });
  for (const units of [[1], 'all'] as const) {
    await t.rejects(refund(callId, units, modelOf(people), late), { code: 'refund_too_late' });
  }
  t.equal(await refundedMinor(callId), 0);
  t.match(await inTime.refundsOfCall(callId, modelOf(people)), { refundableUnits: [1, 2] });
  await refund(callId, [1], modelOf(people), inTime);
  t.equal(await refundedMinor(callId), 100);
  await refund(callId, [1], modelOf(people), late);
  t.equal(await refundedMinor(callId), 100, 'what is back already is not too late');
  await refund(callId, 'all', operator, late);
  t.equal(await refundedMinor(callId), 200);
});

t.test('of a call that is partly too old, named units stop all, and all is what is not too old', async (t) => {
  const people = await money.pair(1_000);
  const { callId, transferIds } = await money.call(people, [100, 100]);
  await money.date(transferIds.slice(0, 1), DAY);
  await money.date(transferIds.slice(1), '2026-01-02T12:00:00Z');
  const late = money.ledgerAt(TOO_LATE);
  const mine = modelOf(people);
  await t.rejects(refund(callId, [1, 2], mine, late), { code: 'refund_too_late', message: /unit 1\. / });
  t.equal(await refundedMinor(callId), 0, 'nothing of it is done');
  t.match(await refund(callId, 'all', mine, late), { refundedMinor: 100, refunds: [{ unit: 2 }] });
  await t.rejects(refund(callId, 'all', mine, late), { code: 'refund_too_late' }, 'all that is left is too old');
});

t.test('a model can give back a tip for 30 days, an operator at any time', async (t) => {
  const people = await money.pair(1_000);
  const callId = money.newCall();
  const tips = [await money.tip(people, callId, 100), await money.tip(people, callId, 100)] as const;
  await money.date(tips, DAY);
  const [late, inTime] = [money.ledgerAt(TOO_LATE), money.ledgerAt(IN_TIME)];
  t.match(await late.refundsOfCall(callId, modelOf(people)), { tips: [{ isRefundable: false }] });
  t.match(await late.refundsOfCall(callId, operator), { tips: [{ isRefundable: true }] });
  await t.rejects(refundTip(callId, tips[0], modelOf(people), late), { code: 'refund_too_late' });
  t.match(await money.balances(people), { credit: 800 });
  t.match(await inTime.refundsOfCall(callId, modelOf(people)), { tips: [{ isRefundable: true }] });
  await refundTip(callId, tips[0], modelOf(people), inTime);
  await refundTip(callId, tips[1], operator, late);
  t.match(await money.balances(people), { credit: 1_000 });
});

t.test('the studio gives back what it has, to the last cent', async (t) => {
  await money.leaveRevenue(0);
  t.match(await ledger.totals(), { revenueMinor: 0 });
});

t.test('the studio gives back no more than it has: a refund, a tip, a release', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  const tipId = await money.tip(people, callId, 100);
  await money.hold(people.modelId, 120);
  await money.leaveRevenue(0);
  await t.rejects(refund(callId, [1], operator), { code: 'refund_not_covered' });
  await t.rejects(refundTip(callId, tipId, operator), { code: 'refund_not_covered' });
  await t.rejects(ledger.release({ callId, unit: 1 }), { code: 'refund_not_covered' });
  t.match(await money.balances(people), { credit: 800, earnings: 0, revenue: 0 });
});
