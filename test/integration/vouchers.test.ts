import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import type { MakeVouchers } from '../../server/contract/index.ts';
import { newCode } from '../../server/payments/voucher-code.ts';
import { Vouchers } from '../../server/payments/vouchers.ts';
import { atTime, MoneyFixture } from '../support/money-fixture.ts';

const money = await MoneyFixture.open(t, 'vouchers');
const { ledger, store, operator } = money;
const vouchers = new Vouchers(store.main, ledger);
let addresses = 0;
const newAddress = () => `10.0.0.${++addresses}`;

async function make(change: Partial<MakeVouchers> = {}) {
  const order = { key: money.newKey(), count: 1, amountMinor: 500, label: 'Kiosk', ...change };
  const { batch, codes } = await vouchers.make(operator.personId, order);
  return { batch, codes, code: codes[0] as string };
}
const newClient = async () => (await money.pair()).clientId;
const balanceOf = (clientId: number) => ledger.balanceOf(clientId, 'client');
const redeem = (clientId: number, code: string, by: Vouchers = vouchers) => by.redeem(clientId, code, newAddress());
const stateOf = async (batchId: number, by: Vouchers = vouchers) => (await by.batch(batchId)).vouchers[0]?.state;

t.test('a voucher is credit once, for the first who redeems it', async (t) => {
  const { batch, code } = await make();
  const [clientId, other] = [await newClient(), await newClient()];
  t.same(await redeem(clientId, code), { amountMinor: 500, balanceMinor: 500 });
  await t.rejects(redeem(other, code), { code: 'voucher_used' });
  await t.rejects(redeem(clientId, code), { code: 'voucher_used' });
  t.same([await balanceOf(clientId), await balanceOf(other)], [500, 0]);
  t.match(await vouchers.batch(batch.batchId), {
    batch: { count: 1, redeemedCount: 1, voidedCount: 0 },
    vouchers: [{ state: 'redeemed', redeemedBy: { personId: clientId } }],
  });
});

t.test('each voucher of a batch is a credit of its own', async (t) => {
  const { codes } = await make({ count: 2 });
  const clientId = await newClient();
  for (const code of codes) await redeem(clientId, code);
  t.equal(await balanceOf(clientId), 1_000);
});

t.test('the code itself is kept nowhere', async (t) => {
  const { batch, code } = await make();
  const { row } = await store.main.one<{ row: string }>(
    'select voucher::text as row from voucher where batch_id = $1',
    [batch.batchId],
  );
  const plain = code.replaceAll('-', '');
  for (const text of [code, plain, Buffer.from(code).toString('hex'), Buffer.from(plain).toString('hex')])
    t.notMatch(row.toLowerCase(), text.toLowerCase());
  t.match(row, code.slice(-5), 'but for its end');
});

t.test('a code that is not known, or mistyped, is told from one that was used', async (t) => {
  const clientId = await newClient();
  await t.rejects(redeem(clientId, newCode()), { code: 'voucher_unknown' });
  await t.rejects(redeem(clientId, 'typo'), { code: 'voucher_mistyped' });
});

t.test('a voucher is good for the days that were ordered, to the moment', async (t) => {
  const { batch, codes } = await make({ validDays: 30, count: 2 });
  const endsAt = batch.expiresAt as string;
  t.equal(Math.round((Date.parse(endsAt) - Date.parse(batch.madeAt)) / 86_400_000), 30);
  await store.main.query('update voucher_batch set expires_at = $1 where id = $2', [endsAt, batch.batchId]);
  const before = new Date(Date.parse(endsAt) - 1).toISOString();
  const [inTime, late] = [before, endsAt].map((at) => new Vouchers(atTime(store.main, at), ledger)) as [
    Vouchers,
    Vouchers,
  ];
  const clientId = await newClient();
  t.equal(await stateOf(batch.batchId, late), 'expired');
  await t.rejects(redeem(clientId, codes[0] as string, late), { code: 'voucher_void' });
  t.equal(await balanceOf(clientId), 0);
  t.equal(await stateOf(batch.batchId, inTime), 'open');
  await redeem(clientId, codes[0] as string, inTime);
  t.equal(await balanceOf(clientId), 500);
});

t.test('a voucher without an end has none', async (t) => {
  const { batch, code } = await make();
  t.equal(batch.expiresAt, null);
  const later = new Vouchers(atTime(store.main, '2099-01-01T00:00:00Z'), ledger);
  t.equal(await stateOf(batch.batchId, later), 'open');
  t.match(await redeem(await newClient(), code, later), { amountMinor: 500 });
});

t.test('an ended voucher is worth nothing; what was redeemed stays so', async (t) => {
  const { batch, codes } = await make({ count: 3 });
  const clientId = await newClient();
  await redeem(clientId, codes[0] as string);
  const { vouchers: rows } = await vouchers.batch(batch.batchId);
  const one = await vouchers.void({ voucherId: rows[0]?.voucherId as number });
  t.match(one, { batch: { redeemedCount: 1, voidedCount: 1 } });
  t.same(
    one.vouchers.map(({ state }) => state),
    ['voided', 'open', 'redeemed'],
  );
  await t.rejects(redeem(clientId, codes[2] as string), { code: 'voucher_void' });
  t.match(await vouchers.void({ batchId: batch.batchId }), { batch: { redeemedCount: 1, voidedCount: 2 } });
  await t.rejects(redeem(clientId, codes[1] as string), { code: 'voucher_void' });
  t.equal(await balanceOf(clientId), 500);
});

t.test('a claim that a stop left without its credit is finished by the sweep, once', async (t) => {
  const { batch } = await make();
  const clientId = await newClient();
  const claim = 'update voucher set redeemed_by = $1, redeemed_at = now() where batch_id = $2';
  await store.main.query(claim, [clientId, batch.batchId]);
  for (let n = 0; n < 2; n++) await vouchers.sweep();
  t.equal(await balanceOf(clientId), 500);
  const { isCredited } = await store.main.one<{ isCredited: boolean }>(
    'select is_credited as "isCredited" from voucher where batch_id = $1',
    [batch.batchId],
  );
  t.equal(isCredited, true, 'and it is left alone from then on');
});

t.test('a claim that a stop left without its credit is finished by its claimer alone', async (t) => {
  const { batch, code } = await make();
  const [clientId, other] = [await newClient(), await newClient()];
  const claimedAt = '2026-01-01T00:00:00.000Z';
  await store.main.query('update voucher set redeemed_by = $1, redeemed_at = $2 where batch_id = $3', [
    clientId,
    claimedAt,
    batch.batchId,
  ]);
  await t.rejects(redeem(other, code), { code: 'voucher_used' });
  t.match(await redeem(clientId, code), { balanceMinor: 500 });
  t.match((await vouchers.batch(batch.batchId)).vouchers, [
    { redeemedAt: claimedAt, redeemedBy: { personId: clientId } },
  ]);
});

t.test('a batch is made once under its key, with the same codes', async (t) => {
  const order = { key: money.newKey(), count: 2 };
  const made = await make(order);
  t.same(await make(order), made);
  await t.rejects(make({ ...order, count: 3 }), { code: 'key_reused' });
  const restarted = new Vouchers(store.main, ledger);
  const again = restarted.make(operator.personId, { ...order, amountMinor: 500, label: 'Kiosk' });
  await t.rejects(again, { code: 'vouchers_made_already' }, 'codes that were not made are not told');
});

/** The answers to so many codes, one after another. */
async function answersTo(count: number, guess: (n: number) => Promise<unknown>): Promise<string[]> {
  const answers: string[] = [];
  for (let n = 0; n < count; n++) {
    const answer = await guess(n).then(
      () => 'credited',
      (error: { code: string }) => error.code,
    );
    answers.push(answer);
  }
  return answers;
}
const unknown = (count: number): string[] => Array(count).fill('voucher_unknown');

t.test('a person has ten wrong codes in ten minutes, wherever they are', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const guarded = new Vouchers(store.main, ledger);
  const clientId = await newClient();
  const guess = () => redeem(clientId, newCode(), guarded);
  t.same(await answersTo(11, guess), [...unknown(10), 'too_many_requests']);
  t.match(
    await answersTo(1, async () => redeem(await newClient(), newCode(), guarded)),
    unknown(1),
    'others have theirs',
  );
  clock.tick(599_999);
  t.same(await answersTo(1, guess), ['too_many_requests']);
  clock.tick(1);
  t.same(await answersTo(1, guess), unknown(1));
});

t.test('an address has thirty wrong codes in ten minutes, whoever they are', async (t) => {
  const guarded = new Vouchers(store.main, ledger);
  const people = await Promise.all(Array.from({ length: 5 }, newClient));
  const from = (n: number) => guarded.redeem(people[n % 5] as number, newCode(), '10.9.9.9');
  t.same(await answersTo(31, from), [...unknown(30), 'too_many_requests']);
  const [first] = people as [number];
  const elsewhere = () => guarded.redeem(first, newCode(), '10.9.9.8');
  t.same(await answersTo(5, elsewhere), [...unknown(4), 'too_many_requests'], 'what was not tried is not counted');
});

t.test('a right code is no guess, neither of its person nor of its address', async (t) => {
  const guarded = new Vouchers(store.main, ledger);
  const { codes } = await make({ count: 31 });
  const clientId = await newClient();
  const answers = await answersTo(31, (n) => guarded.redeem(clientId, codes[n] as string, '10.9.9.7'));
  t.same(new Set(answers), new Set(['credited']));
});

t.test('pages hear of what becomes of vouchers', async (t) => {
  let heard = 0;
  vouchers.onChange(() => heard++);
  const { batch, code } = await make();
  t.equal(heard, 1, 'made');
  await redeem(await newClient(), code);
  t.equal(heard, 2, 'redeemed');
  await vouchers.void({ batchId: batch.batchId });
  t.equal(heard, 3, 'ended');
  vouchers.onChange(() => {});
});

t.test('lists come in pages of fifty, newest first, by state', async (t) => {
  const { batch, codes } = await make({ count: 60 });
  await redeem(await newClient(), codes[0] as string);
  const idsOf = async (query: Parameters<Vouchers['batch']>[1]) =>
    (await vouchers.batch(batch.batchId, query)).vouchers.map(({ voucherId }) => voucherId);
  const page = await idsOf({});
  t.equal(page.length, 50);
  t.same(
    page,
    [...page].sort((a, b) => b - a),
  );
  const rest = await idsOf({ before: page.at(-1) as number });
  t.equal(new Set([...page, ...rest]).size, 60);
  t.equal(rest.length, 10);
  t.equal((await idsOf({ state: 'redeemed' })).length, 1);
  t.equal((await idsOf({ state: 'open', limit: 100 })).length, 59);

  for (let n = 0; n < 50; n++) await make();
  const batches = (await vouchers.batches()).map(({ batchId }) => batchId);
  t.equal(batches.length, 50);
  const [next] = await vouchers.batches({ before: batches.at(-1) as number });
  t.equal(next?.batchId, (batches.at(-1) as number) - 1);
});
