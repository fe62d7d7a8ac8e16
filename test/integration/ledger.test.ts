import t from 'tap';
import { toMinor } from '../../server/contract/index.ts';
import { type Charge, Ledger } from '../../server/ledger/index.ts';
import { postTransfers, type Transfer } from '../../server/ledger/statements.ts';
import { MoneyFixture, type People } from '../support/money-fixture.ts';

const money = await MoneyFixture.open(t, 'ledger');
const { ledger, store } = money;
/** Eight connections instead of one. */
const wide = new Ledger({ ...store, money: store.main });

/** What pages hear of while `act` runs: the last balance of each person, with the unit that went back, if one did. */
async function notifiedIn(act: () => Promise<unknown>, by: Ledger = ledger): Promise<Map<number, unknown>> {
  const heard = new Map<number, unknown>();
  by.onBalance((personId, balanceMinor, released) =>
    heard.set(personId, released ? { balanceMinor, ...released } : balanceMinor),
  );
  await act();
  by.onBalance(() => {});
  return heard;
}
const both = ({ clientId, modelId }: People, creditMinor: unknown, earningsMinor: unknown) =>
  new Map([
    [clientId, creditMinor],
    [modelId, earningsMinor],
  ]);
const tip = (
  people: People,
  callId: number,
  amountMinor: number,
  change: { key?: string; keepMinor?: number } = {},
) => ({
  ...people,
  callId,
  amountMinor: toMinor(amountMinor),
  keepMinor: toMinor(change.keepMinor ?? 0),
  sharePercent: 60,
  key: change.key ?? money.newKey(),
});

t.test('rule 4: each unit of each call is charged under its own key, once', async (t) => {
  const [people, others] = [await money.pair(1_000), await money.pair(1_000)];
  const [callId, otherId] = [money.newCall(), money.newCall()];
  const post = async (charge: Charge) => (await ledger.postCharges([charge]))[0];
  const first = await post(money.charge(people, callId, 1, 100));
  t.match(first, { status: 'posted', balanceMinor: 900 });
  t.same(await post(money.charge(people, callId, 1, 100)), first, 'the same answer, and the same balance');
  t.match(await post(money.charge(people, callId, 2, 100, 100)), { status: 'posted', balanceMinor: 800 });
  t.match(await post(money.charge(others, otherId, 1, 100)), { status: 'posted', balanceMinor: 900 });
  await t.rejects(post(money.charge(people, callId, 1, 101)), /posted with 100, not with 101/);
});

t.test('rule 4: a charge is taken to the last cent, and refused whole beyond it', async (t) => {
  const people = await money.pair(150);
  const callId = money.newCall();
  t.match(await ledger.postCharges([money.charge(people, callId, 1, 151)]), [
    { status: 'refused', transferId: null, balanceMinor: 150 },
  ]);
  t.match(await ledger.postCharges([money.charge(people, callId, 1, 150)]), [{ status: 'posted', balanceMinor: 0 }]);
});

t.test('rule 7: in one batch each charge is split, and two equal ones are two', async (t) => {
  const [one, other, poor] = [await money.pair(1_000), await money.pair(1_000), await money.pair(99)];
  const { revenue } = await money.balances(one);
  const charges = [one, other, poor].map((people) => money.charge(people, money.newCall(), 1, 100));
  t.match(await ledger.postCharges(charges), [{ status: 'posted' }, { status: 'posted' }, { status: 'refused' }]);
  t.same(await money.balances(one), { credit: 900, earnings: 60, revenue: revenue + 80 });
  t.same(await money.balances(other), { credit: 900, earnings: 60, revenue: revenue + 80 });
  t.same(await money.balances(poor), { credit: 99, earnings: 0, revenue: revenue + 80 });
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

t.test('rule 7: after each charge the model has her share of the sum, rounded down', async (t) => {
  const people = await money.pair(100);
  const { callId } = await money.call(people, [1, 1, 1, 1, 1]);
  t.match(await money.balances(people), { credit: 95, earnings: 3 });
  t.equal((await ledger.earningsOfCalls([callId])).get(callId), 3);
  t.equal(await ledger.studioPartOf(callId), 2);
});

t.test('a batch that would change an account twice is a bug, not a loss', async (t) => {
  const row = { kind: 'charge' as const, amountMinor: 1, callId: 1, unit: 1 };
  const post = (...transfers: Pick<Transfer, 'key' | 'debit' | 'credit' | 'share'>[]) =>
    postTransfers(
      store.money,
      transfers.map((transfer) => ({ ...row, ...transfer })),
    );
  await t.rejects(post({ key: 'a', debit: 1, credit: 9 }, { key: 'a', debit: 2, credit: 9 }), /stands twice/);
  await t.rejects(post({ key: 'a', debit: 1, credit: 9 }, { key: 'b', debit: 1, credit: 9 }), /pays twice/);
  await t.rejects(post({ key: 'a', debit: 1, credit: 2 }, { key: 'b', debit: 2, credit: 9 }), /pays and receives/);
  const share = { account: 2, amountMinor: 1 };
  await t.rejects(post({ key: 'a', debit: 1, credit: 9, share }, { key: 'b', debit: 2, credit: 9 }), /and receives/);
});

t.test('rule 5: the rest of the minimum is taken as far as the balance covers it, once', async (t) => {
  const people = await money.pair(150);
  const rest = money.charge(people, money.newCall(), 0, 400);
  const taken = await ledger.postMinimum(rest);
  t.match(taken, { amountMinor: 150, transferId: Number });
  t.same(await ledger.postMinimum(rest), taken, 'of an empty wallet');
  await money.give(people.clientId, 500);
  t.same(await ledger.postMinimum(rest), taken, 'not of later credit');
  t.match(await money.balances(people), { credit: 500, earnings: 90 });
});

t.test('rule 5: the rest of the minimum, and no more', async (t) => {
  const people = await money.pair(1_000);
  t.match(await ledger.postMinimum(money.charge(people, money.newCall(), 0, 400)), { amountMinor: 400 });
  t.match(await ledger.postMinimum(money.charge(people, money.newCall(), 0, 400)), { amountMinor: 400 });
  t.match(await money.balances(people), { credit: 200 });
});

t.test('rule 5: an empty wallet owes nothing', async (t) => {
  const rest = money.charge(await money.pair(), money.newCall(), 0, 400);
  t.same(await ledger.postMinimum(rest), { amountMinor: 0, transferId: null });
});

t.test('rule 5: the minimum of a call is taken once, however many take it at once', async (t) => {
  const people = await money.pair(1_000);
  const rest = money.charge(people, money.newCall(), 0, 150);
  const answers = await Promise.all(Array.from({ length: 6 }, () => wide.postMinimum(rest)));
  t.equal(new Set(answers.map(({ transferId }) => transferId)).size, 1);
  t.match(await money.balances(people), { credit: 850 });
});

/** A ledger that looked for the minimum just before another one took it. */
class LateLedger extends Ledger {
  #looks = 0;

  override async transfersOfCall(callId: number) {
    return this.#looks++ === 0 ? [] : super.transfersOfCall(callId);
  }
}

t.test('rule 5: who takes the minimum a moment later says what was taken', async (t) => {
  const people = await money.pair(1_000);
  const rest = money.charge(people, money.newCall(), 0, 600);
  const taken = await ledger.postMinimum(rest);
  t.same(await new LateLedger(store).postMinimum(rest), taken);
});

t.test('rule 5: the minimum is a charge of the call, a tip is none', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  await ledger.postMinimum(money.charge(people, callId, 0, 50, 100));
  await money.tip(people, callId, 10);
  const found = await ledger.transfersOfCall(callId);
  t.same(
    found.map(({ kind, unit, amountMinor, shareMinor }) => [kind, unit, amountMinor, shareMinor]),
    [
      ['charge', 1, 100, 60],
      ['minimum', 0, 50, 30],
    ],
  );
});

t.test('rule 9: a tip is split by the share and given once under its key', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  const wish = tip(people, callId, 101);
  t.same(await ledger.tip(wish), { balanceMinor: 799, isNew: true });
  t.same(await ledger.tip(wish), { balanceMinor: 799, isNew: false });
  await t.rejects(ledger.tip({ ...wish, amountMinor: toMinor(102) }), { code: 'key_reused' });
  t.match(await ledger.tip(tip(people, callId, 1)), { balanceMinor: 798, isNew: true }, 'another key, another tip');
  t.match(await ledger.tipsOfCalls([callId]), [
    { amountMinor: 101, shareMinor: 60 },
    { amountMinor: 1, shareMinor: 0 },
  ]);
  t.equal((await ledger.tipsOfCalls([callId])).length, 2);
  t.equal((await ledger.earningsOfCalls([callId])).get(callId), 60, 'no part of what the call earned');
  t.equal(await ledger.studioPartOf(callId), 40, 'nor of the studio’s part of it');
});

t.test('rule 5: a tip leaves what is kept for the minimum, to the last cent', async (t) => {
  const people = await money.pair(500);
  const callId = money.newCall();
  await t.rejects(ledger.tip(tip(people, callId, 101, { keepMinor: 400 })), { code: 'balance_too_low' });
  t.match(await ledger.tip(tip(people, callId, 100, { keepMinor: 400 })), { balanceMinor: 400 });
});

t.test('credit is given once under its key, whoever asks again', async (t) => {
  const [{ clientId }, { clientId: otherId }] = [await money.pair(), await money.pair(30)];
  const credit = { key: 'key-same', clientId, amountMinor: toMinor(70), reason: 'x', actorId: null };
  t.same(await ledger.topUp(credit), { balanceMinor: 70, isNew: true });
  await money.give(clientId, 5);
  t.same(await ledger.topUp(credit), { balanceMinor: 75, isNew: false }, 'answered with the balance of now');
  t.match(
    await ledger.topUp({ ...credit, clientId: otherId }),
    { balanceMinor: 100, isNew: true },
    'a client’s own key',
  );
  await t.rejects(ledger.topUp({ ...credit, amountMinor: toMinor(71) }), { code: 'key_reused' });
  await t.rejects(ledger.topUp({ ...credit, kind: 'bonus' }), { code: 'key_reused' });
  await t.rejects(ledger.topUp({ ...credit, provider: 'bank' }), { code: 'key_reused' });
});

t.test('a payment and a voucher of one number are two credits, each of one client', async (t) => {
  const [{ clientId }, { clientId: otherId }] = [await money.pair(), await money.pair()];
  const credit = { key: '17', clientId, amountMinor: toMinor(70), reason: 'x', actorId: null };
  await ledger.topUp({ ...credit, kind: 'voucher' });
  t.match(await ledger.topUp({ ...credit, kind: 'payment', provider: 'bank' }), { balanceMinor: 140, isNew: true });
  await t.rejects(ledger.topUp({ ...credit, kind: 'voucher', clientId: otherId }), { code: 'key_reused' });
});

t.test('credit comes from its provider’s account, a bonus from the studio’s', async (t) => {
  const { clientId } = await money.pair();
  const give = (amountMinor: number, from: { kind: 'payment'; provider: string } | { kind: 'bonus' }) =>
    ledger.topUp({
      ...from,
      key: money.newKey(),
      clientId,
      amountMinor: toMinor(amountMinor),
      reason: 'x',
      actorId: null,
    });
  await give(100, { kind: 'payment', provider: 'first bank' });
  await give(20, { kind: 'payment', provider: 'second bank' });
  await give(3, { kind: 'bonus' });
  const rows = await store.main.query(
    `select kind, name, balance_minor as balance from ledger_account
      where name like '% bank' or kind = 'bonus' order by balance_minor`,
  );
  t.same(rows, [
    { kind: 'provider_clearing', name: 'first bank', balance: -100 },
    { kind: 'provider_clearing', name: 'second bank', balance: -20 },
    { kind: 'bonus', name: '', balance: -3 },
  ]);
});

t.test('a correction goes up or down, once under its key, and never below zero', async (t) => {
  const { clientId, modelId } = await money.pair(50);
  const fix = (amountMinor: number, key = money.newKey()) => ({
    key,
    personId: clientId,
    role: 'client' as const,
    amountMinor: toMinor(amountMinor),
    reason: 'x',
    actorId: money.operator.personId,
  });
  t.equal(await ledger.adjust(fix(-20, 'key-fix')), 30);
  t.equal(await ledger.adjust(fix(-20, 'key-fix')), 30, 'once');
  await t.rejects(ledger.adjust(fix(20, 'key-fix')), { code: 'key_reused' }, 'the other way');
  await t.rejects(ledger.adjust(fix(-21, 'key-fix')), { code: 'key_reused' }, 'another amount');
  await t.rejects(ledger.adjust(fix(-31)), { code: 'balance_too_low' });
  t.equal(await ledger.adjust(fix(7)), 37);
  t.equal(await ledger.adjust({ ...fix(9, 'key-fix'), personId: modelId, role: 'model' }), 9, 'a person’s own key');
});

t.test('a payout is set aside once, when the earnings cover it', async (t) => {
  const people = await money.pair(1_000);
  await money.call(people, [1_000]);
  const payout = { payoutId: 70_001, modelId: people.modelId, amountMinor: toMinor(500) };
  const { payoutsDueMinor } = await ledger.totals();
  t.equal(await ledger.holdPayout(payout), true);
  t.equal(await ledger.holdPayout(payout), true, 'again');
  t.match(await money.balances(people), { earnings: 100 });
  t.equal((await ledger.totals()).payoutsDueMinor, payoutsDueMinor + 500);
  t.equal(await ledger.holdPayout({ ...payout, payoutId: 70_002, amountMinor: toMinor(101) }), false);
  t.equal(
    await ledger.holdPayout({ ...payout, payoutId: 70_003, amountMinor: toMinor(100) }),
    true,
    'to the last cent',
  );
});

t.test('what was set aside leaves the house, or goes back to the model', async (t) => {
  const people = await money.pair(1_000);
  await money.call(people, [1_000]);
  const payout = (payoutId: number) => ({ payoutId, modelId: people.modelId, amountMinor: toMinor(200) });
  for (const payoutId of [70_011, 70_012]) await ledger.holdPayout(payout(payoutId));
  const { payoutsDueMinor } = await ledger.totals();
  await ledger.finishPayout(payout(70_011), 'paid');
  t.match(await money.balances(people), { earnings: 200 });
  await ledger.finishPayout(payout(70_012), 'returned');
  t.match(await money.balances(people), { earnings: 400 });
  t.equal((await ledger.totals()).payoutsDueMinor, payoutsDueMinor - 400);
  const never = { ...payout(70_013), amountMinor: toMinor(1_000_000) };
  await t.rejects(ledger.finishPayout(never, 'paid'), /was not set aside/);
});

t.test('both pages hear of what a call moves; of a charge the answer tells', async (t) => {
  const people = await money.pair(1_000);
  const { callId } = await money.call(people, [100]);
  const second = money.charge(people, callId, 2, 100, 100);
  const answer = { status: 'posted', balanceMinor: 800, earningsMinor: 120, shareMinor: 60 };
  t.same(await notifiedIn(async () => t.match(await ledger.postCharges([second]), [answer])), new Map(), 'a charge');
  const again = new Ledger(store);
  t.match(await again.postCharges([second]), [answer], 'its lost answer');
  const much = money.charge(people, callId, 3, 1_000, 200);
  t.match(await ledger.postCharges([much]), [{ status: 'refused', balanceMinor: 800, earningsMinor: null }]);
  const rest = money.charge(people, callId, 0, 50, 200);
  t.same(await notifiedIn(() => ledger.postMinimum(rest)), both(people, 750, 150), 'the minimum');
  t.same(await notifiedIn(() => ledger.tip(tip(people, callId, 50))), both(people, 700, 180), 'a tip');
  const transferId = (await ledger.tipsOfCalls([callId]))[0]?.transferId as number;
  const by = money.operator;
  const back = { callId, reason: 'x', by };
  t.same(
    await notifiedIn(() => ledger.refundTip({ ...back, transferId })),
    both(people, 750, 150),
    'a tip that goes back',
  );
  t.same(await notifiedIn(() => ledger.refund({ ...back, units: [1] })), both(people, 850, 90), 'a refund');
  const ahead = { callId, unit: 2 };
  t.same(
    await notifiedIn(() => ledger.release(ahead)),
    both(people, { balanceMinor: 950, ...ahead }, { balanceMinor: 30, ...ahead }),
    'a release, and of which unit',
  );
});

t.test('the person’s pages hear of credit, corrections and payouts', async (t) => {
  const people = await money.pair();
  const { clientId, modelId } = people;
  t.same(await notifiedIn(() => money.give(clientId, 70)), new Map([[clientId, 70]]), 'credit');
  const fix = { key: money.newKey(), amountMinor: toMinor(90), reason: 'x', actorId: money.operator.personId };
  t.same(await notifiedIn(() => ledger.adjust({ ...fix, personId: modelId, role: 'model' })), new Map([[modelId, 90]]));
  const payout = { payoutId: 70_021, modelId, amountMinor: toMinor(40) };
  t.same(await notifiedIn(() => ledger.holdPayout(payout)), new Map([[modelId, 50]]), 'set aside');
  t.same(await notifiedIn(() => ledger.finishPayout(payout, 'returned')), new Map([[modelId, 90]]), 'back again');
});

t.test('who posts over many connections at once sees what the others did', async (t) => {
  const people = await money.pair(1_000);
  const callId = money.newCall();
  const posts = Array.from({ length: 16 }, (_, n) =>
    wide.postCharges([money.charge(people, callId, 1 + (n % 4), 100)]),
  );
  const answers = (await Promise.all(posts)).flat();
  t.ok(answers.every(({ status }) => status === 'posted'));
  t.match(await money.balances(people), { credit: 600 });
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

t.test('the books stay in the currency of their first start', async (t) => {
  await ledger.holdCurrency({ code: 'EUR', minorDigits: 2 });
  await ledger.holdCurrency({ code: 'EUR', minorDigits: 2 });
  await t.rejects(ledger.holdCurrency({ code: 'USD', minorDigits: 2 }), { name: 'CurrencyDiffers' });
  await t.rejects(ledger.holdCurrency({ code: 'EUR', minorDigits: 0 }), { name: 'CurrencyDiffers' });
});
