import t from 'tap';
import { toMinor } from '../../server/contract/index.ts';
import { Ledger, type Refunder } from '../../server/ledger/index.ts';
import { postTransfers } from '../../server/ledger/statements.ts';
import { MoneyFixture } from '../support/money-fixture.ts';

// The largest batch, and refunds that are longer than one statement.

const money = await MoneyFixture.open(t, 'ledger-sizes');
const { ledger, store, operator } = money;
const refund = (callId: number, by: Refunder, of: Ledger = ledger) =>
  of.refund({ callId, units: 'all', reason: 'frozen', by });
const refundedMinor = async (callId: number) => (await ledger.refundsOfCall(callId, operator)).refundedMinor;
// The studio has revenue to cover with.
await money.call(await money.pair(100_000), [100_000]);

t.test('a batch has ten thousand transfers, and not one more', async (t) => {
  const payers = await store.main.query<{ id: number }>(
    `insert into ledger_account (kind, name)
     select 'provider_clearing', 'payer ' || n from generate_series(1, 10001) n returning id`,
  );
  const { id: credit } = await store.main.one<{ id: number }>(
    `insert into ledger_account (kind, name) values ('provider_clearing', 'taker') returning id`,
  );
  const transfers = payers.map(({ id }) => ({
    key: `batch:${id}`,
    kind: 'top_up' as const,
    debit: id,
    credit,
    amountMinor: 1,
  }));
  await t.rejects(postTransfers(store.money, transfers), RangeError);
  t.equal((await postTransfers(store.money, transfers.slice(1))).length, 10_000);
});

t.test('a long refund goes by parts of 500 units, between which charges are posted', async (t) => {
  const people = await money.pair(1_001);
  const { callId } = await money.call(people, Array(1_001).fill(1));
  const parted: typeof store.money = Object.create(store.money);
  let parts = 0;
  parted.query = (text, values, options) => {
    if (text.includes('studio_paid')) parts++;
    return store.money.query(text, values, options);
  };
  await refund(callId, operator, new Ledger({ ...store, money: parted }));
  t.equal(parts, 3);
  t.match(await money.balances(people), { credit: 1_001, earnings: 0 });
});

/** More than goes back in one statement. */
const LONG = 501;

t.test('the model’s cover of a long refund is judged of the whole, to the last cent', async (t) => {
  const people = await money.pair(LONG * 1_000);
  const { callId } = await money.call(people, Array(LONG).fill(1_000), 100);
  const payout = { payoutId: 80_001, modelId: people.modelId, amountMinor: toMinor(1) };
  await ledger.holdPayout(payout);
  await t.rejects(refund(callId, { role: 'model', personId: people.modelId }), { code: 'refund_not_covered' });
  t.equal(await refundedMinor(callId), 0, 'not even the first part');
  await ledger.finishPayout(payout, 'returned');
  await refund(callId, { role: 'model', personId: people.modelId });
  t.match(await money.balances(people), { credit: LONG * 1_000, earnings: 0 });
});

t.test('for an operator the studio covers of a long refund what the model no longer has, and no more', async (t) => {
  const people = await money.pair(LONG * 10_000);
  const { callId } = await money.call(people, Array(LONG).fill(10_000), 100);
  const { revenue } = await money.balances(people);
  t.ok(revenue < LONG * 10_000, 'the studio could not cover it all');
  await money.hold(people.modelId, 1);
  await refund(callId, operator);
  t.same(await money.balances(people), { credit: LONG * 10_000, earnings: 0, revenue: revenue - 1 });
});

t.test('the studio’s cover of a long refund is judged of the whole', async (t) => {
  const people = await money.pair(LONG);
  const { callId } = await money.call(people, Array(LONG).fill(1), 0);
  await money.leaveRevenue(LONG - 1);
  await t.rejects(refund(callId, operator), { code: 'refund_not_covered' });
  t.equal(await refundedMinor(callId), 0, 'not even the first part');
});
