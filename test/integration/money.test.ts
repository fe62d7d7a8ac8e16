import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { Accounts, SignIn } from '../../server/accounts/index.ts';
import { fromDecimal, toDecimal, toMinor } from '../../server/contract/index.ts';
import { type Charge, Ledger, REFUND_UNITS_MAX, type Refunder, shareOf } from '../../server/ledger/index.ts';
import { Payouts, Vouchers } from '../../server/payments/index.ts';
import { newCode, readCode } from '../../server/payments/voucher-code.ts';
import { AttemptLimit } from '../../server/rates/index.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { NaiveBooks, type NaiveTip } from '../support/naive-books.ts';
import { openTestStore, temporaryFolder } from '../support/store.ts';

const data = temporaryFolder('money');
const store = await openTestStore(data);
const accounts = new Accounts(store.main);
const ledger = new Ledger(store);
const limits = loadSettings({
  environment: {},
  overrides: { payments: { payoutSecondApprovalMinor: 10_000 } },
}).payments;
const vouchers = new Vouchers(store.main, ledger);
const payouts = new Payouts(store.main, ledger, limits);
t.teardown(async () => {
  await store.close();
  fs.rmSync(data, { recursive: true, force: true });
});

const { token } = await new SignIn(store.main).newSetUpLink();
const boss = await new SignIn(store.main).setUp(token, 'boss', 'Boss', 'a long password');
const second = await accounts.makePerson('operator', 'second', 'Second');
let made = 0;
let keys = 0;
const newKey = () => `key-number-${++keys}`;
async function pair(creditMinor: number): Promise<{ clientId: number; modelId: number }> {
  const n = ++made;
  const client = await accounts.makePerson('client', `client-${n}`, `Client ${n}`);
  const model = await accounts.makePerson('model', `model-${n}`, `Model ${n}`);
  if (creditMinor > 0) await give(client.personId, creditMinor);
  return { clientId: client.personId, modelId: model.personId };
}
const give = (clientId: number, amountMinor: number, kind: 'top_up' | 'bonus' = 'top_up') =>
  ledger.topUp({ key: newKey(), kind, clientId, amountMinor: toMinor(amountMinor), reason: 'test', actorId: null });
let calls = 0;
/** A call of so many units of 101 at 60 per cent: 60 for the model, 41 for the studio. */
async function call(people: { clientId: number; modelId: number }, units: number, amountMinor = 101): Promise<number> {
  const callId = ++calls;
  for (let unit = 1; unit <= units; unit++) {
    const chargedBeforeMinor = toMinor((unit - 1) * amountMinor);
    const charge: Charge = {
      ...people,
      callId,
      unit,
      amountMinor: toMinor(amountMinor),
      chargedBeforeMinor,
      sharePercent: 60,
    };
    const [answer] = await ledger.postCharges([charge]);
    if (answer?.status !== 'posted') throw new Error('the client had too little');
  }
  return callId;
}
const operator = { role: 'operator', personId: boss.personId } as const;
await call(await pair(100_000), 5, 20_000); // the studio has revenue to cover refunds with
const balances = async ({ clientId, modelId }: { clientId: number; modelId: number }) => ({
  credit: await ledger.balanceOf(clientId, 'client'),
  earnings: await ledger.balanceOf(modelId, 'model'),
  revenue: (await ledger.totals()).revenueMinor,
});
const wish = (amountMinor: number, key = newKey()) => ({ key, amountMinor, destination: 'DE00 1234' });
const payout = (modelId: number, amountMinor: number) => payouts.request(modelId, wish(amountMinor));

t.test('a refund gives back whole units, the share from the model and the rest from the studio', async (t) => {
  const people = await pair(1_000);
  const before = await balances(people);
  const callId = await call(people, 3);
  const one = await ledger.refund({ callId, units: [2], reason: 'frozen', by: operator });
  t.match(one, { refundedMinor: 101, refundableUnits: [1, 3] });
  t.match(one.refunds, [{ unit: 2, amountMinor: 101, reason: 'frozen', byName: 'Boss' }]);
  t.match(await balances(people), { credit: 1_000 - 202, earnings: 121, revenue: before.revenue + 81 });
  t.match(await ledger.refund({ callId, units: 'all', reason: 'sorry', by: operator }), { refundedMinor: 303 });
  t.same(await balances(people), before);
  const again = await ledger.refund({ callId, units: 'all', reason: 'sorry', by: operator });
  t.match(again, { refundedMinor: 303, refundableUnits: { length: 0 } }, 'again is harmless');
  t.equal((await ledger.earningsOfCalls([callId])).get(callId), 0);
  t.match(await ledger.transfersOfCall(callId), { length: 3 }, 'the charges stand as they were posted');
});

t.test('never more than was charged: refund against refund, fifty at once, by model and operator', async (t) => {
  const people = await pair(1_000);
  const callId = await call(people, 3);
  const model = { role: 'model', personId: people.modelId } as const;
  const ledgers = Array.from({ length: 5 }, () => new Ledger(store));
  const tries = Array.from({ length: 50 }, (_, index) =>
    (ledgers[index % 5] as Ledger).refund({
      callId,
      units: index % 3 === 0 ? 'all' : [1 + (index % 3)],
      reason: 'race',
      by: index % 2 ? model : operator,
    }),
  );
  t.ok((await Promise.allSettled(tries)).every((end) => end.status === 'fulfilled'));
  t.match(await balances(people), { credit: 1_000, earnings: 0 });
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

t.test('a race over two connections gives back once, too', async (t) => {
  const people = await pair(1_000);
  const callId = await call(people, 2);
  const other = new Ledger({ ...store, money: store.main }); // eight connections instead of one
  const tries = Array.from({ length: 16 }, () => other.refund({ callId, units: 'all', reason: 'race', by: operator }));
  t.ok((await Promise.allSettled(tries)).every((end) => end.status === 'fulfilled'));
  t.match(await balances(people), { credit: 1_000, earnings: 0 });
});

t.test('a model refunds her own calls only, within 30 days, and while her earnings cover her share', async (t) => {
  const [mine, other] = [await pair(1_000), await pair(1_000)];
  const callId = await call(mine, 2);
  const refund = (modelId: number, units: number[] | 'all' = 'all') =>
    ledger.refund({ callId, units, reason: 'x', by: { role: 'model', personId: modelId } });
  await t.rejects(refund(other.modelId), { code: 'call_not_found' });
  await t.rejects(refund(mine.modelId, [7]), { code: 'refund_nothing' });
  await payout(mine.modelId, 100);
  await t.rejects(refund(mine.modelId), { code: 'refund_not_covered' });
  t.match(await balances(mine), { credit: 798, earnings: 21 }, 'refused whole');
  const back = await ledger.refund({ callId, units: 'all', reason: 'x', by: operator });
  t.equal(back.refundedMinor, 202);
  t.match(await balances(mine), { credit: 1_000, earnings: 0 }, 'for an operator the studio covers the rest');

  const old = await call(other, 1);
  await store.main.query('alter table ledger_transfer disable trigger ledger_transfer_is_final');
  await store.main.query(`update ledger_transfer set at = at - interval '31 days' where call_id = $1`, [old]);
  const late = {
    callId: old,
    units: 'all' as const,
    reason: 'x',
    by: { role: 'model' as const, personId: other.modelId },
  };
  await t.rejects(ledger.refund(late), { code: 'refund_too_late' });
  const next = { ...other, callId: old, unit: 2, amountMinor: toMinor(101), chargedBeforeMinor: toMinor(101) };
  await ledger.postCharges([{ ...next, sharePercent: 60 }]);
  await t.rejects(ledger.refund({ ...late, units: [1, 2] }), { code: 'refund_too_late', message: /unit 1\. / });
  t.equal((await ledger.refundsOfCall(old, operator)).refundedMinor, 0, 'nothing of it is done');
  t.match(await ledger.refund({ ...late, units: [2] }), { refundedMinor: 101 }, 'what was posted a moment ago goes');
  t.same((await ledger.refundsOfCall(old, late.by)).refundableUnits, []);
  await store.main.query(`update ledger_transfer set at = at + interval '31 days' where call_id = $1 and unit = 1`, [
    old,
  ]);
  await store.main.query('alter table ledger_transfer enable trigger ledger_transfer_is_final');
  t.match(await ledger.check(), { isChainIntact: true }, 'put right again');
});

t.test('rule 4: a unit that never fell due is released once, and stands nowhere', async (t) => {
  const people = await pair(1_000);
  const before = { balances: await balances(people), report: (await ledger.report({ by: 'day' })).total };
  const callId = await call(people, 3);
  const lines = async () => [
    ...(await ledger.history(people.clientId, { kind: 'charge,release,refund' })),
    ...(await ledger.history(people.modelId, { kind: 'charge,release,refund' })),
  ];
  const two = { ...before.balances, credit: 798, earnings: 121, revenue: before.balances.revenue + 81 };
  const wide = new Ledger({ ...store, money: store.main });
  const told: number[] = [];
  ledger.onBalance((personId) => told.push(personId));
  const tries = Array.from({ length: 12 }, (_, n) => (n % 2 ? wide : ledger).release({ callId, unit: 3 }));
  const answers = await Promise.all(tries);
  ledger.onBalance(() => {});
  t.same(new Set(answers.map((answer) => answer?.releaseId)).size, 1, 'at the same time, over two connections');
  t.match(answers[0], { balanceMinor: 798 });
  t.ok(told.includes(people.clientId) && told.includes(people.modelId));
  t.same(await balances(people), two);
  t.equal((await lines()).length, 4);
  t.match(await ledger.transfersOfCall(callId), [{ unit: 1 }, { unit: 2 }]);
  t.equal((await ledger.transfersOfCall(callId)).length, 2);
  t.match(await ledger.releasedOfCall(callId), [{ unit: 3, amountMinor: 101, ...pick(answers[0]) }]);
  t.equal((await ledger.earningsOfCalls([callId])).get(callId), 121);
  t.equal((await ledger.refundedOfCalls([callId])).get(callId), undefined);
  t.equal(await ledger.studioPartOf(callId), 81);
  t.match(await ledger.earnings(people.modelId, 'UTC'), { allMinor: 121 });
  const { total } = await ledger.report({ by: 'day' });
  t.equal(total.turnoverMinor - before.report.turnoverMinor, 202);
  t.equal(total.refundsMinor, before.report.refundsMinor);
  t.match(await ledger.refundsOfCall(callId, operator), { refunds: { length: 0 }, refundableUnits: [1, 2] });
  await t.rejects(ledger.refund({ callId, units: [3], reason: 'x', by: operator }), { code: 'refund_nothing' });
  t.equal(await ledger.release({ callId, unit: 4 }), null, 'no such unit');
  const last = { ...people, callId, unit: 3, amountMinor: toMinor(101), sharePercent: 60 };
  t.match(
    await ledger.postCharges([{ ...last, chargedBeforeMinor: toMinor(202) }]),
    [{ status: 'posted', balanceMinor: 798 }],
    'a late answer of the charge posts nothing',
  );
  await ledger.refund({ callId, units: [2], reason: 'x', by: operator });
  t.equal(await ledger.release({ callId, unit: 2 }), null, 'what was refunded is back');
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});
const pick = (released: Awaited<ReturnType<Ledger['release']>> | undefined) => ({
  transferId: released?.transferId,
  releaseId: released?.releaseId,
});

t.test('a release of what the model was paid out meanwhile: the studio gives back her part', async (t) => {
  const people = await pair(1_000);
  const callId = await call(people, 1);
  await payout(people.modelId, 60);
  t.match(await ledger.release({ callId, unit: 1 }), { balanceMinor: 1_000 });
  t.match(await balances(people), { credit: 1_000, earnings: 0 });
  const [released, held, charged] = await ledger.history(people.modelId, {});
  t.match(released, { kind: 'release', amountMinor: 0, balanceMinor: 0 }, 'her lines still add up');
  t.match([held, charged], [{ kind: 'payout' }, { kind: 'charge', balanceMinor: 60 }]);
});

t.test('a tip leaves what is kept for the minimum, at the same time, too', async (t) => {
  const people = await pair(1_000);
  const callId = await call(people, 1);
  const wide = new Ledger({ ...store, money: store.main });
  const tip = (amountMinor: number, keepMinor: number) =>
    wide.tip({
      ...people,
      callId,
      amountMinor: toMinor(amountMinor),
      keepMinor: toMinor(keepMinor),
      sharePercent: 60,
      key: newKey(),
    });
  await t.rejects(tip(400, 500), { code: 'balance_too_low' });
  const ends = await Promise.allSettled(Array.from({ length: 8 }, () => tip(200, 499)));
  t.equal(ends.filter(({ status }) => status === 'fulfilled').length, 2);
  t.match(await tip(499, 0), { balanceMinor: 0, isNew: true });
});

t.test('rule 9: a tip goes back whole and once, by the model of the call or an operator', async (t) => {
  const people = await pair(1_000);
  const others = await pair(0);
  const callId = await call(people, 1);
  const given = async (amountMinor: number) => {
    await ledger.tip({
      ...people,
      callId,
      amountMinor: toMinor(amountMinor),
      keepMinor: toMinor(0),
      sharePercent: 60,
      key: newKey(),
    });
    return (await ledger.tipsOfCalls([callId])).at(-1)?.transferId as number;
  };
  const [first, second] = [await given(101), await given(50)];
  const paidMinor = (await balances(people)).earnings;
  const model = { role: 'model' as const, personId: people.modelId };
  const stranger = { role: 'model' as const, personId: others.modelId };
  const back = (transferId: number, by: Refunder) => ledger.refundTip({ callId, transferId, reason: 'x', by });
  await t.rejects(back(first, stranger), { code: 'call_not_found' });
  const charge = (await ledger.transfersOfCall(callId))[0]?.transferId as number;
  await t.rejects(back(charge, operator), { code: 'refund_nothing' }, 'a charge is no tip');
  await t.rejects(ledger.refundTip({ callId: callId + 1_000, transferId: first, reason: 'x', by: operator }), {
    code: 'refund_nothing',
  });
  const all = await Promise.all(Array.from({ length: 6 }, () => back(first, model)));
  t.match(all.at(-1), {
    refunds: { length: 0 },
    refundedMinor: 0,
    tips: [
      { transferId: first, amountMinor: 101, isRefundable: false, refund: { reason: 'x' } },
      { transferId: second, amountMinor: 50, isRefundable: true, refund: null },
    ],
  });
  t.match(await balances(people), { earnings: paidMinor - 60 }, 'her part of 101 is 60, and it is taken once');
  const mine = (await ledger.tipsOfCalls([callId])).map(({ transferId }) => transferId);
  t.same(mine, [second], 'what went back is no tip of the call any more');
  t.match(await ledger.refundsOfCall(callId, null), { tips: [{ refund: { byName: null } }, { isRefundable: false }] });
  await payout(people.modelId, paidMinor - 60);
  await t.rejects(back(second, model), { code: 'refund_not_covered' }, 'it would be the money of the studio');
  await back(second, operator);
  t.match(await balances(people), { earnings: 0 });
  t.same(await ledger.refundedOfCalls([callId]), new Map(), 'the price of the call is as it was');
  t.equal((await ledger.earningsOfCalls([callId])).get(callId), paidMinor - 60 - 30, 'and so is her part of it');
  const [line] = await ledger.history(people.clientId, {});
  t.match(line, { kind: 'refund', callId, unit: null, amountMinor: 50, reason: 'x' });
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

t.test('rule 7: at 60 cents a minute by the second, the model has her share of the sum', async (t) => {
  const people = await pair(1_000);
  const callId = await call(people, 60, 1);
  t.match(await balances(people), { credit: 940, earnings: 36 }, 'each cent alone would round to nothing');
  for (const unit of [60, 1, 30]) await ledger.refund({ callId, units: [unit], reason: 'x', by: operator });
  t.match(await balances(people), { credit: 943, earnings: 36 - 1 }, 'three cents back: one of hers');
  await ledger.refund({ callId, units: 'all', reason: 'x', by: operator });
  t.match(await balances(people), { credit: 1_000, earnings: 0 });
});

t.test('charges are answered while a refund of 3,000 units runs, and a cut one is finished by a retry', async (t) => {
  const people = await pair(10_000);
  const callId = await call(people, 3_000, 1);
  const [other, timesMs]: [typeof people, number[]] = [await pair(10_000), []];
  let isRunning = true;
  const refund = () => ledger.refund({ callId, units: 'all', reason: 'x', by: operator });
  const startedAt = performance.now();
  const running = refund().finally(() => {
    isRunning = false;
  });
  const otherCall = ++calls;
  for (let unit = 1; isRunning; unit++) {
    const charge = { ...other, callId: otherCall, unit, amountMinor: toMinor(1), sharePercent: 60 };
    const askedAt = performance.now();
    await ledger.postCharges([{ ...charge, chargedBeforeMinor: toMinor(unit - 1) }]);
    timesMs.push(performance.now() - askedAt);
  }
  t.match(await running, { refundedMinor: 3_000, refundableUnits: { length: 0 } });
  t.ok(timesMs.length >= 3_000 / REFUND_UNITS_MAX - 1, 'at least one between two parts');
  t.comment(
    `refund ${Math.round(performance.now() - startedAt)} ms, longest charge ${Math.round(Math.max(...timesMs))} ms`,
  );
  t.match(await balances(people), { credit: 10_000, earnings: 0 });

  const again = await call(people, REFUND_UNITS_MAX + 10, 1);
  const money = Object.create(store.money) as typeof store.money;
  let parts = 0;
  money.query = async (text, values, options) => {
    if (text.includes('studio_paid') && ++parts === 2) throw new StoreUnavailable('cut');
    return store.money.query(text, values, options);
  };
  const cut = new Ledger({ ...store, money });
  const all = { callId: again, units: 'all' as const, reason: 'x', by: operator };
  await t.rejects(cut.refund(all), StoreUnavailable);
  t.equal((await ledger.refundsOfCall(again, operator)).refundedMinor, REFUND_UNITS_MAX, 'the first part stands');
  t.match(await ledger.refund(all), { refundedMinor: REFUND_UNITS_MAX + 10 });
  t.match(await balances(people), { credit: 10_000, earnings: 0 });

  const late = await call(people, REFUND_UNITS_MAX + 10, 1);
  await payout(people.modelId, 1);
  const by = { role: 'model', personId: people.modelId } as const;
  await t.rejects(ledger.refund({ ...all, callId: late, by }), { code: 'refund_not_covered' });
  t.equal((await ledger.refundsOfCall(late, operator)).refundedMinor, 0, 'cover is judged of the whole first');
});

t.test('a client with money for one call, in two at once, pays for one', async (t) => {
  const { clientId, modelId } = await pair(150);
  const other = await pair(0);
  const unit = (callId: number, model: number): Charge => ({
    callId,
    unit: 1,
    amountMinor: toMinor(101),
    chargedBeforeMinor: toMinor(0),
    clientId,
    modelId: model,
    sharePercent: 60,
  });
  const wide = new Ledger({ ...store, money: store.main });
  const [first, second] = [++calls, ++calls];
  const tries = Array.from({ length: 10 }, (_, n) =>
    wide.postCharges([n % 2 ? unit(first, modelId) : unit(second, other.modelId)]),
  );
  const answers = (await Promise.all(tries)).flat();
  t.equal(answers.filter(({ status }) => status === 'posted').length, 5, 'one call each time, the other never');
  t.equal(await ledger.balanceOf(clientId, 'client'), 49);
});

t.test('corrections and bonuses: up and down, once for a key, never below zero', async (t) => {
  const { clientId, modelId } = await pair(0);
  await give(clientId, 50, 'bonus');
  const fix = (amountMinor: number, key = newKey()) =>
    ledger.adjust({
      key,
      personId: clientId,
      role: 'client',
      amountMinor: toMinor(amountMinor),
      reason: 'x',
      actorId: boss.personId,
    });
  t.equal(await fix(-20, 'key-same-one'), 30);
  t.equal(await fix(-20, 'key-same-one'), 30);
  await t.rejects(fix(20, 'key-same-one'), { code: 'key_reused' });
  await t.rejects(fix(-31), { code: 'balance_too_low' });
  const up = { key: newKey(), personId: modelId, role: 'model' as const, amountMinor: toMinor(7), reason: 'x' };
  t.equal(await ledger.adjust({ ...up, actorId: boss.personId }), 7);
});

t.test('a voucher typed by fifty people at once is worth one credit', async (t) => {
  const { codes, batch } = await vouchers.make(boss.personId, {
    key: newKey(),
    count: 3,
    amountMinor: 500,
    label: 'Kiosk',
  });
  const people = await Promise.all(Array.from({ length: 50 }, () => pair(0)));
  const [code] = codes as [string];
  const typed = [code, code.toLowerCase().replaceAll('-', ' '), code.replaceAll('-', '').replaceAll('0', 'o')];
  const ends = await Promise.allSettled(
    people.map(({ clientId }, index) => vouchers.redeem(clientId, typed[index % 3] as string, `10.0.0.${index}`)),
  );
  t.equal(ends.filter((end) => end.status === 'fulfilled').length, 1);
  for (const end of ends) if (end.status === 'rejected') t.equal(end.reason.code, 'voucher_used');
  const credits = await Promise.all(people.map(({ clientId }) => ledger.balanceOf(clientId, 'client')));
  t.equal(
    credits.reduce((sum, credit) => sum + credit, 0),
    500,
  );
  t.match(await vouchers.batch(batch.batchId), { batch: { count: 3, redeemedCount: 1, voidedCount: 0 } });

  const { clientId } = await pair(0);
  const alone = codes[1] as string;
  const own = await Promise.allSettled(Array.from({ length: 9 }, () => vouchers.redeem(clientId, alone, '10.1.1.1')));
  t.ok(own.some((end) => end.status === 'fulfilled'));
  t.equal(await ledger.balanceOf(clientId, 'client'), 500, 'one person nine times at once, too');
  await vouchers.void({ batchId: batch.batchId });
  await t.rejects(vouchers.redeem(clientId, codes[2] as string, 'x'), { code: 'voucher_void' });
  t.match(await vouchers.batch(batch.batchId), { batch: { redeemedCount: 2, voidedCount: 1 } });
});

t.test('a claim that a crash left without its credit is credited by the sweep, and by asking again', async (t) => {
  const { codes } = await vouchers.make(boss.personId, { key: newKey(), count: 2, amountMinor: 300, label: 'Crash' });
  const { clientId } = await pair(0);
  await store.main.query(
    `update voucher set redeemed_by = $1, redeemed_at = now()
      where batch_id = (select max(id) from voucher_batch)`,
    [clientId],
  );
  await vouchers.redeem(clientId, codes[0] as string, 'x');
  await vouchers.sweep();
  await vouchers.sweep();
  t.equal(await ledger.balanceOf(clientId, 'client'), 600);
});

t.test(
  'a batch that a crash took the answer of is not made again, and no codes are told that it has not',
  async (t) => {
    const order = { key: newKey(), count: 2, amountMinor: 400, label: 'Restart' };
    const { batch } = await vouchers.make(boss.personId, order);
    const restarted = new Vouchers(store.main, ledger);
    const tries = await Promise.allSettled([1, 2, 3].map(() => restarted.make(boss.personId, order)));
    for (const one of tries) t.match(one, { status: 'rejected', reason: { code: 'vouchers_made_already' } });
    await t.rejects(restarted.make(boss.personId, order), { code: 'vouchers_made_already' });
    t.match(await vouchers.batch(batch.batchId), { batch: { count: 2 } });
    t.equal((await vouchers.batches()).filter(({ label }) => label === 'Restart').length, 1);
    t.ok(await vouchers.make(boss.personId, { ...order, key: newKey() }), 'another order is another batch');
  },
);

t.test('voucher codes: typing errors are found, guesses run out', async (t) => {
  const code = newCode();
  t.match(code, /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
  const plain = code.replaceAll('-', '');
  t.equal(readCode(` ${code.toLowerCase()} `), plain);
  for (let at = 0; at < plain.length; at++) {
    const wrong = plain[at] === '7' ? '8' : '7';
    t.equal(readCode(plain.slice(0, at) + wrong + plain.slice(at + 1)), null, `a wrong character at ${at}`);
  }
  t.equal(readCode(plain.slice(1)), null);
  t.equal(readCode('!'.repeat(20)), null);

  const { clientId } = await pair(0);
  const guesses = await Promise.allSettled(
    Array.from({ length: 40 }, () => vouchers.redeem(clientId, newCode(), '10.9.9.9')),
  );
  const codes = guesses.map((end) => end.status === 'rejected' && end.reason.code);
  t.equal(codes.filter((one) => one === 'voucher_unknown').length, 10, 'ten guesses, also when all come at once');
  t.equal(codes.filter((one) => one === 'too_many_requests').length, 30);
  const limit = new AttemptLimit(2, 1_000);
  t.same(
    [0, 1, 2, 1_001].map((ms) => limit.take('a', ms)),
    [true, true, false, true],
    'the window ends',
  );
});

t.test('a payout: set aside, approved, paid; each step once and written down', async (t) => {
  const people = await pair(1_000);
  await call(people, 5, 100);
  const key = newKey();
  const first = await payouts.request(people.modelId, wish(250, key));
  t.match(await payouts.request(people.modelId, wish(250, key)), { payoutId: first.payoutId }, 'the key asks once');
  await t.rejects(payouts.request(people.modelId, wish(251, key)), { code: 'key_reused' });
  await t.rejects(payout(people.modelId, 51), { code: 'balance_too_low' });
  t.match(await balances(people), { earnings: 50 });
  const by = { personId: boss.personId, ownOnly: false };
  const { payoutId } = first;
  await t.rejects(payouts.step('paid', by, payoutId, null), { code: 'payout_state' }, 'not approved yet');
  t.match(await payouts.approve(boss.personId, payoutId, null), { state: 'approved' });
  await t.rejects(payouts.step('failed', by, payoutId, null), { code: 'malformed' }, 'why?');
  t.match(await payouts.step('paid', by, payoutId, 'SEPA 17'), { state: 'paid' });
  t.match(await payouts.step('paid', by, payoutId, 'SEPA 17'), { state: 'paid' }, 'again is harmless');
  await t.rejects(payouts.step('failed', by, payoutId, 'no'), { code: 'payout_state' });
  const { steps } = await payouts.read(payoutId);
  t.same(
    steps.map(({ step, byName, note }) => [step, byName, note]),
    [
      ['requested', `Model ${made}`, null],
      ['approved', 'Boss', null],
      ['paid', 'Boss', 'SEPA 17'],
    ],
  );
  t.match(await balances(people), { earnings: 50 });

  const back = await payout(people.modelId, 50);
  const own = { personId: people.modelId, ownOnly: true };
  await t.rejects(payouts.step('withdraw', { ...own, personId: (await pair(0)).modelId }, back.payoutId, null), {
    code: 'payout_not_found',
  });
  t.match(await payouts.step('withdraw', own, back.payoutId, null), { state: 'withdrawn' });
  t.match(await balances(people), { earnings: 50 }, 'the earnings are back');
  const kinds = (await ledger.history(people.modelId, { kind: 'payout,payout_returned' })).map((line) => line.kind);
  t.same(kinds, ['payout_returned', 'payout', 'payout']);
});

t.test('above the set amount two different operators approve, also when both do so at once', async (t) => {
  const people = await pair(100_000);
  await call(people, 2, 20_000);
  const { payoutId, approvalsNeeded } = await payout(people.modelId, 10_001);
  t.equal(approvalsNeeded, 2);
  t.match(await payouts.approve(boss.personId, payoutId, null), { state: 'requested' });
  await t.rejects(payouts.approve(boss.personId, payoutId, null), { code: 'already_approved' });
  t.match(await payouts.approve(second.personId, payoutId, null), { state: 'approved' });

  const race = await payout(people.modelId, 10_001);
  const tries = [boss, second, boss, second].map(({ personId }) => payouts.approve(personId, race.payoutId, null));
  await Promise.allSettled(tries);
  t.match(await payouts.read(race.payoutId), { state: 'approved', approvedBy: { length: 2 } });
  const by = { personId: boss.personId, ownOnly: false };
  const ends = await Promise.allSettled([
    payouts.step('paid', by, race.payoutId, null),
    payouts.step('failed', { ...by, personId: second.personId }, race.payoutId, 'bounced'),
  ]);
  t.equal(ends.filter((end) => end.status === 'fulfilled').length, 1, 'paid or failed, never both');
  t.match(await ledger.check(), { isBalanced: true });
});

t.test('what a crash leaves of payouts between row and ledger, the sweep books once', async (t) => {
  const people = await pair(1_000);
  await call(people, 5, 100);
  await store.main.query(
    `insert into payout (model_id, key, amount_minor, destination, state, approvals_needed)
     values ($1, 'key-crashed-1', 200, 'x', 'opening', 1), ($1, 'key-crashed-2', 9000, 'x', 'opening', 1)`,
    [people.modelId],
  );
  await payouts.sweep();
  t.match(await balances(people), { earnings: 100 });
  const [held] = await payouts.list(people.modelId, {});
  t.match(held, { state: 'requested', amountMinor: 200 });
  await store.main.query(`update payout set state = 'rejected' where id = $1`, [held?.payoutId]);
  await payouts.sweep();
  await payouts.sweep();
  t.match(await balances(people), { earnings: 300 });
});

t.test('history: filters, and a balance that is right at every line', async (t) => {
  const people = await pair(1_000);
  const callId = await call(people, 3);
  await ledger.refund({ callId, units: [3], reason: 'x', by: operator });
  const all = await ledger.history(people.clientId, {});
  t.same(
    all.map(({ kind, amountMinor, balanceMinor }) => [kind, amountMinor, balanceMinor]),
    [
      ['refund', 101, 798],
      ['charge', -101, 697],
      ['charge', -101, 798],
      ['charge', -101, 899],
      ['top_up', 1_000, 1_000],
    ],
  );
  const page = await ledger.history(people.clientId, {
    kind: 'charge',
    limit: 1,
    before: all[1]?.transferId as number,
  });
  t.match(page, [{ kind: 'charge', balanceMinor: 798 }], 'the balance counts what the filter leaves out');
  t.same(await ledger.history(people.clientId, { to: all[4]?.at as string }), []);
  t.equal((await ledger.history(people.clientId, { from: all[4]?.at as string })).length, 5);
  await t.rejects(ledger.history(people.clientId, { kind: 'charge,nonsense' }), { code: 'malformed' });
  const hers = (await ledger.history(people.modelId, {})).map(({ amountMinor, balanceMinor }) => [
    amountMinor,
    balanceMinor,
  ]);
  t.same(hers, [
    [-60, 121],
    [60, 181],
    [61, 121],
    [60, 60],
  ]);
});

t.test('amounts of currencies with 0, 2 and 3 digits, there and back', async (t) => {
  t.same(
    [0, 5, -5, 1_234, -120_000].map((minor) => toDecimal(minor, 2)),
    ['0.00', '0.05', '-0.05', '12.34', '-1200.00'],
  );
  t.same([toDecimal(1_234, 0), toDecimal(1_234, 3), toDecimal(7, 3)], ['1234', '1.234', '0.007']);
  t.same(
    [fromDecimal('12.3400', 2), fromDecimal('12.345', 2), fromDecimal('12', 3), fromDecimal('1e5', 2)],
    [1_234, null, 12_000, null],
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom(0, 2, 3), (minor, digits) => {
      return Math.abs(minor) >= 1e15 || Object.is(fromDecimal(toDecimal(minor, digits), digits), minor);
    }),
  );
});

t.test('the chain names the first break: an edit, a removal, an insertion, an exchange, a cut end', async (t) => {
  const people = await pair(10_000);
  for (let n = 0; n < 4; n++) await call(people, 1);
  const ids = (await ledger.history(people.clientId, { kind: 'charge', limit: 4 })).map((line) => line.transferId);
  const [d, c, b, a] = ids as [number, number, number, number];
  const [off, on] = ['set session_replication_role = replica;', 'set session_replication_role = default'];
  const tamper = async (sql: string, expected: RegExp | null, undo: string) => {
    await store.main.script(`${off} ${sql}; ${on}`);
    const state = await ledger.check();
    if (expected) t.match(state, { isChainIntact: false, firstBreak: expected }, sql);
    await store.main.script(`${off} ${undo}; ${on}`);
    t.match(await ledger.check(), { isChainIntact: true, isBalanced: true }, `undone: ${sql.slice(0, 40)}`);
  };
  const exchange = `alter table ledger_transfer alter id set generated by default;
    update ledger_transfer set id = -1 where id = ${b}; update ledger_transfer set id = ${b} where id = ${c};
    update ledger_transfer set id = ${c} where id = -1; alter table ledger_transfer alter id set generated always`;
  const set = (id: number, what: string) => `update ledger_transfer set ${what} where id = ${id}`;
  await tamper(
    set(b, `reason = 'x'`),
    new RegExp(`transfers \\d+ to ${b}.*does not fit its hash`),
    set(b, 'reason = null'),
  );
  await tamper(set(c, 'amount_minor = 102'), new RegExp(`to ${c},.*does not fit`), set(c, 'amount_minor = 101'));
  await tamper(
    set(a, `at = at - interval '1 microsecond'`),
    /does not fit/,
    set(a, `at = at + interval '1 microsecond'`),
  );
  await tamper(
    `create table kept as select * from ledger_transfer where id = ${b}; delete from ledger_transfer where id = ${b}`,
    /had 1 transfers and has 0: some were removed/,
    `insert into ledger_transfer overriding system value select * from kept; drop table kept`,
  );
  await tamper(exchange, new RegExp(`to ${b},.*does not fit`), exchange);
  await tamper(
    `insert into ledger_transfer (key, kind, debit_account, credit_account, amount_minor)
     select 'forged', 'bonus', debit_account, credit_account, 1 from ledger_transfer where id = ${d}`,
    /Transfer \d+ stands in no batch/,
    `delete from ledger_transfer where key = 'forged'`,
  );
  await tamper(
    `create table kept as select * from ledger_batch order by number desc limit 1;
     delete from ledger_batch where number = (select number from kept)`,
    /was the newest, and the last one that is there is/,
    'insert into ledger_batch select * from kept; drop table kept',
  );
  await tamper(
    `create table kept as select * from ledger_batch where number = 3; delete from ledger_batch where number = 3`,
    /Batch 3 is missing/,
    'insert into ledger_batch select * from kept; drop table kept',
  );
  const wallet = `(select debit_account from ledger_transfer where id = ${a})`;
  await store.main.query(`update ledger_account set balance_minor = balance_minor + 1 where id = ${wallet}`);
  t.match(await ledger.check(), { isBalanced: false, isChainIntact: true }, 'a balance without a transfer');
  await store.main.query(`update ledger_account set balance_minor = balance_minor - 1 where id = ${wallet}`);
  await t.rejects(
    store.main.query(`update ledger_account set person_id = null where id = ${wallet}`),
    /never changes hands/,
  );
  await t.rejects(
    store.main.query(
      `insert into ledger_transfer (key, kind, debit_account, credit_account, amount_minor) values ('x', 'bonus', 1, 999999, 1)`,
    ),
    /names an account that does not exist/,
  );
});

t.test('the program of docs/receipt.md walks the chain from two tables, and finds an edit', async (t) => {
  const text = fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/receipt.md'), 'utf8');
  const program = /```python\n([\s\S]*?)```/.exec(text)?.[1] as string;
  const people = await pair(1_000);
  await call(people, 3);
  const folder = temporaryFolder('chain');
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const save = async (name: string, sql: string, change = (text: string) => text) => {
    const rows = await store.main.query<Record<string, unknown>>(sql);
    const csv = rows.map((row) => Object.values(row).map(cell).join(',')).join('\n');
    fs.writeFileSync(path.join(folder, name), `${change(csv)}\n`);
  };
  const lines = 'select t.id, ledger_line(t) as line from ledger_transfer t order by id';
  await save(
    'batches.csv',
    `select number, last_transfer, transfer_count, encode(hash, 'hex') from ledger_batch order by number`,
  );
  const run = () => spawnSync('python3', ['-c', program], { cwd: folder, encoding: 'utf8' });
  await save('transfers.csv', lines);
  const { head } = await ledger.check();
  t.match(run(), { status: 0, stdout: `intact: ${head?.batch}:${head?.hash}\n` });
  await save('transfers.csv', lines, (csv) => csv.replace(',charge,', ',tip,'));
  t.match(run(), { status: 1, stderr: /batch \d+ does not fit/ });
  await save('transfers.csv', `${lines} desc offset 1`);
  t.match(run(), { status: 1, stderr: /batch \d+ does not fit/ }, 'the last one left out');
});

t.test('random histories end as a notebook says: balances, reports, zero sum, chain', async (t) => {
  const percent = 60;
  const action = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('charge' as const),
        who: fc.nat(2),
        call: fc.nat(2),
        unit: fc.integer({ min: 1, max: 6 }),
        amount: fc.integer({ min: 1, max: 300 }),
        isTwice: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('give' as const),
        who: fc.nat(2),
        amount: fc.integer({ min: 1, max: 900 }),
        isBonus: fc.boolean(),
        isTwice: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('refund' as const),
        who: fc.nat(2),
        call: fc.nat(2),
        units: fc.oneof(
          fc.constant('all' as const),
          fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
        ),
        isModel: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('payout' as const),
        who: fc.nat(2),
        amount: fc.integer({ min: 1, max: 400 }),
        end: fc.constantFrom('paid' as const, 'failed' as const, 'open' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('tip' as const),
        who: fc.nat(2),
        call: fc.nat(2),
        amount: fc.integer({ min: 1, max: 200 }),
        keep: fc.integer({ min: 0, max: 200 }),
        isTwice: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('tip_back' as const),
        which: fc.nat(2),
        isModel: fc.boolean(),
        isTwice: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('release' as const),
        who: fc.nat(2),
        call: fc.nat(2),
        isTwice: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('adjust' as const),
        who: fc.nat(2),
        of: fc.constantFrom('client' as const, 'model' as const),
        amount: fc.integer({ min: -300, max: 300 }).filter((n) => n !== 0),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), async (actions) => {
      const people = [await pair(0), await pair(0), await pair(0)];
      const firstCall = calls + 1;
      calls += 9;
      const books = new NaiveBooks();
      /** Each tip of the books with its call and transfer. */
      const given: { tip: NaiveTip; callId: number; transferId: number }[] = [];
      const before = { report: await ledger.report({ by: 'day' }), totals: await ledger.totals() };
      books.revenue = before.totals.revenueMinor;
      for (const step of actions) {
        if (step.do === 'tip_back') {
          const back = given[step.which];
          if (!back) continue;
          const role = step.isModel ? ('model' as const) : ('operator' as const);
          const by = { role, personId: step.isModel ? back.tip.model : boss.personId };
          for (let n = 0; n < (step.isTwice ? 2 : 1); n++) {
            const expected = books.refundTip(back.tip, role);
            const got = await ledger.refundTip({ ...back, reason: 'x', by }).then(
              () => null,
              (error: { code: string }) => error.code,
            );
            t.equal(got, expected, 'a tip that goes back');
          }
          continue;
        }
        const one = people[step.who] as (typeof people)[number];
        const { clientId, modelId } = one;
        if (step.do === 'charge') {
          const callId = firstCall + step.who * 3 + step.call;
          const known = books.charges.get(`${callId}:${step.unit}`)?.amount ?? step.amount;
          const amountMinor = toMinor(known);
          const chargedBeforeMinor = toMinor(books.chargedOf(callId));
          const charge = { ...one, callId, unit: step.unit, amountMinor, chargedBeforeMinor, sharePercent: percent };
          const is = books.charge(callId, step.unit, clientId, modelId, known, percent);
          for (let n = 0; n < (step.isTwice ? 2 : 1); n++) {
            const [answer] = await ledger.postCharges([charge]);
            t.match(answer, { status: is ? 'posted' : 'refused', balanceMinor: books.of(books.credit, clientId) });
          }
        } else if (step.do === 'give') {
          const kind = step.isBonus ? ('bonus' as const) : ('top_up' as const);
          const credit = {
            key: newKey(),
            kind,
            clientId,
            amountMinor: toMinor(step.amount),
            reason: 'x',
            actorId: null,
          };
          books.give(clientId, step.amount, step.isBonus ? 'bonus' : 'paid');
          for (let n = 0; n < (step.isTwice ? 2 : 1); n++) await ledger.topUp(credit);
        } else if (step.do === 'tip') {
          const callId = firstCall + step.who * 3 + step.call;
          const keepMinor = toMinor(step.keep);
          const amountMinor = toMinor(step.amount);
          const tip = { ...one, callId, amountMinor, keepMinor, sharePercent: percent, key: newKey() };
          const is = books.tip(clientId, modelId, step.amount, percent, step.keep);
          for (let n = 0; n < (step.isTwice ? 2 : 1); n++) {
            const got = await ledger.tip(tip).catch((error: { code: string }) => error.code);
            t.match(got, is ? { balanceMinor: books.of(books.credit, clientId), isNew: n === 0 } : 'balance_too_low');
          }
          const transferId = is ? (await ledger.tipsOfCalls([callId])).at(-1)?.transferId : undefined;
          const last = books.tips.at(-1);
          if (transferId !== undefined && last) given.push({ tip: last, callId, transferId });
        } else if (step.do === 'release') {
          // The unit that was charged last, as the meter does.
          const callId = firstCall + step.who * 3 + step.call;
          const unit = books.lastUnitOf(callId) ?? 1;
          const expected = books.release(callId, unit);
          for (let n = 0; n < (step.isTwice ? 2 : 1); n++) {
            const got = await ledger.release({ callId, unit }).catch((error: { code: string }) => error.code);
            if (expected !== 'released') t.equal(got, expected);
            else t.match(got, { balanceMinor: books.of(books.credit, clientId) });
          }
        } else if (step.do === 'refund') {
          const callId = firstCall + step.who * 3 + step.call;
          const role = step.isModel ? ('model' as const) : ('operator' as const);
          const by = { role, personId: step.isModel ? modelId : boss.personId };
          const expected = books.refund(callId, step.units, role);
          const got = await ledger.refund({ callId, units: step.units, reason: 'x', by }).then(
            () => null,
            (error: { code: string }) => error.code,
          );
          t.equal(got, expected);
        } else if (step.do === 'payout') {
          const isHeld = books.hold(modelId, step.amount);
          const asked = await payout(modelId, step.amount).catch((error: { code: string }) => error.code);
          t.equal(typeof asked === 'string' ? asked : 'held', isHeld ? 'held' : 'balance_too_low');
          if (typeof asked === 'string' || step.end === 'open') continue;
          await payouts.approve(boss.personId, asked.payoutId, null);
          await payouts.step(step.end, { personId: boss.personId, ownOnly: false }, asked.payoutId, 'x');
          books.finish(modelId, step.amount, step.end === 'paid' ? 'paid' : 'returned');
        } else {
          const personId = step.of === 'client' ? clientId : modelId;
          const is = books.adjust(step.of === 'client' ? 'credit' : 'earnings', personId, step.amount);
          const request = { key: newKey(), personId, role: step.of, amountMinor: toMinor(step.amount), reason: 'x' };
          const got = await ledger.adjust({ ...request, actorId: boss.personId }).then(
            () => true,
            () => false,
          );
          t.equal(got, is);
        }
      }
      for (const { clientId, modelId } of people) {
        t.equal(await ledger.balanceOf(clientId, 'client'), books.of(books.credit, clientId));
        t.equal(await ledger.balanceOf(modelId, 'model'), books.of(books.earnings, modelId));
        for (const personId of [clientId, modelId]) {
          const lines = await ledger.history(personId, {}, 'file');
          let balance = 0;
          for (const line of lines.reverse()) {
            balance += line.amountMinor;
            t.equal(line.balanceMinor, balance, line.kind);
          }
        }
      }
      const { report, totals } = { report: await ledger.report({ by: 'day' }), totals: await ledger.totals() };
      t.equal(totals.revenueMinor, books.revenue);
      t.equal(totals.payoutsDueMinor - before.totals.payoutsDueMinor, books.inPayouts);
      const grown = (figure: keyof typeof report.total) => report.total[figure] - before.report.total[figure];
      t.same(
        {
          turnover: grown('turnoverMinor'),
          models: grown('modelMinor'),
          refunds: grown('refundsMinor'),
          credit: grown('creditMinor'),
          bonus: grown('bonusMinor'),
          adjustments: grown('adjustmentsMinor'),
          payouts: grown('payoutsMinor'),
        },
        {
          turnover: books.turnover,
          models: books.modelsPart,
          refunds: books.refunds,
          credit: books.creditIn,
          bonus: books.bonus,
          adjustments: books.adjustments,
          payouts: books.paidOut,
        },
      );
      for (const by of ['model', 'client'] as const) {
        const { rows, total } = await ledger.report({ by });
        for (const one of people) {
          const personId = by === 'model' ? one.modelId : one.clientId;
          const row = rows.find(({ person }) => person?.personId === personId);
          t.equal(row?.turnoverMinor ?? 0, books.of(books.turnoverOf, personId), `the ${by}'s turnover`);
          t.equal(row?.modelMinor ?? 0, books.of(books.modelsPartOf, personId), `the ${by}'s part`);
          t.equal((row?.turnoverMinor ?? 0) - (row?.modelMinor ?? 0), row?.studioMinor ?? 0);
        }
        t.equal(
          rows.reduce((sum, row) => sum + row.turnoverMinor, 0),
          total.turnoverMinor,
          `by ${by}`,
        );
        t.equal(
          rows.reduce((sum, row) => sum + row.modelMinor, 0),
          total.modelMinor,
        );
      }
      t.match(await ledger.check(), { isBalanced: true, isChainIntact: true, firstBreak: null });
    }),
    { numRuns: 25 },
  );
});

t.test('reports by day fill the days between, in the zone asked for', async (t) => {
  const report = await ledger.report({
    by: 'day',
    from: '2026-03-28T00:00:00+01:00',
    to: '2026-03-31T00:00:00+02:00',
    zone: 'Europe/Berlin',
  });
  t.same(
    report.rows.map((row) => row.day),
    ['2026-03-28', '2026-03-29', '2026-03-30'],
    'over the change of the clocks',
  );
  await t.rejects(ledger.report({ by: 'day', zone: 'Mars/Olympus' }), { code: 'malformed' });
  const { modelId } = await pair(0);
  t.match(await ledger.earnings(modelId, 'America/New_York'), { todayMinor: 0, weekMinor: 0, monthMinor: 0 });
});

t.test("rule 7: the model's share is rounded down, in every currency and at every per cent", async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 0, max: 100 }), (amount, percent) => {
      const share = shareOf(toMinor(amount), percent);
      return share <= (amount * percent) / 100 && share > (amount * percent) / 100 - 1;
    }),
  );
});
