import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import { toMinor } from '../../server/contract/index.ts';
import { Payments } from '../../server/payments/payments.ts';
import type { Provider } from '../../server/payments/provider.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { atTime, MoneyFixture } from '../support/money-fixture.ts';
import { quiet } from '../support/store.ts';

type PaymentNotice = NonNullable<Awaited<ReturnType<Provider['read']>>>;

const money = await MoneyFixture.open(t, 'payments');
const { ledger, store } = money;
const limits = { ...loadSettings({ environment: {} }).payments, amountMinMinor: 500, amountMaxMinor: 100_000 };

const invoiceOf = (paymentId: number) => `invoice-of-${paymentId}`;

/** A provider that says what a test lets it say. */
class ScriptedProvider implements Provider {
  readonly label = 'Scripted';
  /** Orders of checkouts. */
  readonly orders: number[] = [];
  /** Ids that were asked for, and what is answered. */
  readonly asked: string[] = [];
  answer: (externalId: string) => PaymentNotice | null = () => null;
  /** Runs while a checkout is made. */
  onCheckout: (paymentId: number) => Promise<void> = async () => {};

  readonly name: Provider['name'];

  constructor(name: Provider['name']) {
    this.name = name;
  }

  /** A webhook names its payments when it speaks of them, BTCPay Server at once. */
  readonly checkout = async ({ paymentId }: { paymentId: number }) => {
    this.orders.push(paymentId);
    await this.onCheckout(paymentId);
    const externalId = this.name === 'btcpay' ? invoiceOf(paymentId) : null;
    return { externalId, checkoutUrl: 'https://pay.example' };
  };

  readonly ask = async (externalId: string) => {
    this.asked.push(externalId);
    return this.answer(externalId);
  };

  async read({ body }: { body: Uint8Array }): Promise<PaymentNotice> {
    return JSON.parse(Buffer.from(body).toString());
  }
}

function paymentsWith(database = store.main) {
  const [btcpay, webhook] = [new ScriptedProvider('btcpay'), new ScriptedProvider('webhook')];
  const payments = new Payments({ database, ledger, log: quiet }, [btcpay, webhook], limits);
  return { payments, btcpay, webhook };
}
const { payments, btcpay } = paymentsWith();
const newClient = async () => (await money.pair()).clientId;
const balanceOf = (clientId: number) => ledger.balanceOf(clientId, 'client');
const order = (change: Partial<Parameters<Payments['start']>[1]> = {}) => ({
  key: money.newKey(),
  provider: 'btcpay' as const,
  amountMinor: toMinor(1_000),
  ...change,
});
const start = (clientId: number, change: Partial<Parameters<Payments['start']>[1]> = {}, by = payments) =>
  by.start(clientId, order(change), (paymentId) => `https://here/payments/${paymentId}`);
const usernameOf = async (personId: number) =>
  (await store.main.one<{ username: string }>('select username from person where id = $1', [personId])).username;
/** A provider's word; of a payment of 1,000 that is settled, but for what is changed. */
const deliver = (
  change: Partial<PaymentNotice> & Pick<PaymentNotice, 'externalId'>,
  name = 'btcpay',
  by = payments,
) => {
  const notice: PaymentNotice = {
    state: 'settled',
    amountMinor: toMinor(1_000),
    paymentId: null,
    username: null,
    trouble: null,
    ...change,
  };
  return by.hear(name, { headers: {}, body: Buffer.from(JSON.stringify(notice)), nowMs: 0 });
};
let externals = 0;
const newId = () => `external-${++externals}`;
const troublesOf = async (paymentId: number) =>
  (await payments.troubles()).filter((text) => text.startsWith(`Payment ${paymentId}:`));

t.test('a checkout is opened once under its key', async (t) => {
  const clientId = await newClient();
  const wish = order();
  const opened = btcpay.orders.length;
  const first = await start(clientId, wish);
  t.match(first, { state: 'open', checkoutUrl: 'https://pay.example', amountMinor: 1_000, settledAt: null });
  t.same(await start(clientId, wish), first);
  t.equal(btcpay.orders.length, opened + 1, 'one invoice');
  await t.rejects(start(clientId, { ...wish, amountMinor: toMinor(1_001) }), { code: 'key_reused' });
  await t.rejects(start(clientId, { ...wish, provider: 'webhook' }), { code: 'key_reused' });
  const others = await start(await newClient(), wish);
  t.not(others.paymentId, first.paymentId, 'a client’s own key');
});

t.test('once the provider has spoken, the amount is what it says', async (t) => {
  const clientId = await newClient();
  const wish = order();
  const { paymentId } = await start(clientId, wish);
  await deliver({ externalId: invoiceOf(paymentId), state: 'pending', amountMinor: toMinor(999) });
  t.match(await start(clientId, wish), { paymentId, state: 'pending', amountMinor: 999 });
});

t.test('a checkout is over an amount that the settings allow', async (t) => {
  const clientId = await newClient();
  for (const amountMinor of [499, 100_001])
    await t.rejects(start(clientId, { amountMinor: toMinor(amountMinor) }), { code: 'malformed' }, `${amountMinor}`);
  for (const amountMinor of [500, 100_000])
    t.match(await start(clientId, { amountMinor: toMinor(amountMinor) }), { amountMinor });
});

t.test('a provider that is not set up, or has no page, has no checkout', async (t) => {
  const pageless: Provider = { name: 'webhook', label: 'Card', checkout: null, ask: null, read: async () => null };
  const some = new Payments({ database: store.main, ledger, log: quiet }, [pageless], limits);
  const clientId = await newClient();
  for (const provider of ['btcpay', 'webhook'] as const)
    await t.rejects(start(clientId, { provider }, some), { code: 'provider_off' });
  await t.rejects(deliver({ externalId: newId() }, 'btcpay', some), { code: 'provider_off' });
  t.match(some.ways().providers, [{ provider: 'voucher' }, { provider: 'webhook', hasCheckout: false }]);
});

t.test('a client opens twenty checkouts in ten minutes', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const guarded = paymentsWith().payments;
  const [clientId, other] = [await newClient(), await newClient()];
  const next = () => start(clientId, {}, guarded);
  for (let n = 0; n < 20; n++) await next();
  await t.rejects(next(), { code: 'too_many_requests' });
  await start(other, {}, guarded);
  clock.tick(599_999);
  await t.rejects(next(), { code: 'too_many_requests' });
  clock.tick(1);
  t.match(await next(), { state: 'open' });
});

t.test('what the provider says while its checkout is opened is not taken back', async (t) => {
  const { payments: slow, webhook: provider } = paymentsWith();
  provider.onCheckout = (paymentId) => deliver({ externalId: newId(), paymentId }, 'webhook', slow);
  const clientId = await newClient();
  t.match(await start(clientId, { provider: 'webhook' }, slow), { state: 'settled' });
  t.equal(await balanceOf(clientId), 1_000);
});

t.test('a settled payment is credited once, however often it is said', async (t) => {
  const clientId = await newClient();
  const { paymentId } = await start(clientId);
  const externalId = invoiceOf(paymentId);
  await Promise.all(Array.from({ length: 8 }, () => deliver({ externalId })));
  t.equal(await balanceOf(clientId), 1_000);
  t.match(await payments.read(clientId, paymentId), { state: 'settled', settledAt: String });
  const row = await store.main.one('select is_credited as "isCredited" from payment where id = $1', [paymentId]);
  t.same(row, { isCredited: true });
  t.same(await troublesOf(paymentId), [], 'and nobody has to look at it');
});

t.test('what is not certain is not credited, and what is settled is not taken back', async (t) => {
  const clientId = await newClient();
  const { paymentId } = await start(clientId);
  const externalId = invoiceOf(paymentId);
  const states: [said: PaymentNotice['state'], is: string, credit: number][] = [
    ['open', 'open', 0],
    ['pending', 'pending', 0],
    ['open', 'pending', 0],
    ['expired', 'expired', 0],
    ['pending', 'expired', 0],
    ['failed', 'failed', 0],
    ['expired', 'failed', 0],
    ['settled', 'settled', 1_000],
    ['pending', 'settled', 1_000],
    ['expired', 'settled', 1_000],
    ['failed', 'settled', 1_000],
  ];
  for (const [state, is, credit] of states) {
    await deliver({ externalId, state });
    t.match(await payments.read(clientId, paymentId), { state: is }, `${state} is said`);
    t.equal(await balanceOf(clientId), credit);
  }
});

t.test('what was paid is credited, not what was asked for', async (t) => {
  const clientId = await newClient();
  const { paymentId } = await start(clientId);
  await deliver({ externalId: invoiceOf(paymentId), amountMinor: toMinor(700) });
  t.equal(await balanceOf(clientId), 700);
});

t.test('a payment that was paid twice is two payments', async (t) => {
  const clientId = await newClient();
  const { paymentId } = await start(clientId, { provider: 'webhook' });
  for (const externalId of [newId(), newId()]) await deliver({ externalId, paymentId }, 'webhook');
  t.equal(await balanceOf(clientId), 2_000);
  t.match(await payments.list(clientId), [{ state: 'settled' }, { paymentId, state: 'settled' }]);
});

t.test('two providers can have one id, and each speaks of its own payments', async (t) => {
  const clientId = await newClient();
  const externalId = newId();
  const username = await usernameOf(clientId);
  await deliver({ externalId, username }, 'btcpay');
  await deliver({ externalId, username }, 'webhook');
  t.equal(await balanceOf(clientId), 2_000);
  const { paymentId } = await start(clientId, { provider: 'webhook' });
  await t.rejects(deliver({ externalId: newId(), paymentId }, 'btcpay'), { code: 'payment_not_found' });
  t.match(await payments.read(clientId, paymentId), { state: 'open' });
  await deliver({ externalId: newId(), paymentId }, 'webhook');
  t.match(await payments.read(clientId, paymentId), { state: 'settled' }, 'what the other said has tied it to nothing');
});

t.test('money comes by user name to a client, and to nobody else', async (t) => {
  const { clientId, modelId } = await money.pair();
  await deliver({ externalId: newId(), username: ` ${(await usernameOf(clientId)).toUpperCase()} ` });
  t.equal(await balanceOf(clientId), 1_000);
  const strangers = [await usernameOf(modelId), 'nobody'];
  for (const username of strangers)
    await t.rejects(deliver({ externalId: newId(), username }), { code: 'person_not_found' });
  await deliver({ externalId: newId() });
  t.equal(await balanceOf(clientId), 1_000, 'for nobody in particular');
});

t.test('the money of each provider comes from its own account', async (t) => {
  const username = await usernameOf(await newClient());
  const clearing = async () =>
    (
      await store.main.query<{ name: string; balance: number }>(
        `select name, balance_minor as balance from ledger_account where kind = 'provider_clearing' and name <> 'top_up'
          order by name`,
      )
    ).map(({ name, balance }) => [name, balance] as const);
  const before = new Map(await clearing());
  await deliver({ externalId: newId(), username }, 'btcpay');
  await deliver({ externalId: newId(), username, amountMinor: toMinor(30) }, 'webhook');
  t.same(await clearing(), [
    ['btcpay', (before.get('btcpay') ?? 0) - 1_000],
    ['webhook', (before.get('webhook') ?? 0) - 30],
  ]);
});

t.test('what disagrees with a settled payment is for an operator, what comes again is not', async (t) => {
  const settledOf = async () => {
    const { paymentId } = await start(await newClient());
    await deliver({ externalId: invoiceOf(paymentId) });
    return paymentId;
  };
  const [again, failed, other] = [await settledOf(), await settledOf(), await settledOf()];
  await deliver({ externalId: invoiceOf(again) });
  t.same(await troublesOf(again), []);
  await deliver({ externalId: invoiceOf(failed), state: 'failed' });
  t.match(await troublesOf(failed), [/failed, after it had been settled/]);
  await deliver({ externalId: invoiceOf(other), amountMinor: toMinor(1_001) });
  t.match(await troublesOf(other), [/came again with 1001 instead of 1000/]);
  t.match(
    (await payments.list(null)).find(({ paymentId }) => paymentId === other),
    { amountMinor: 1_000 },
  );
});

t.test('what a provider doubts is for an operator until one has settled it', async (t) => {
  const clientId = await newClient();
  const { paymentId } = await start(clientId);
  const externalId = invoiceOf(paymentId);
  const other = await start(await newClient());
  await deliver({ externalId: invoiceOf(other.paymentId), state: 'pending', trouble: 'too little' });
  const doubt = (trouble: string) => deliver({ externalId, state: 'pending', trouble });
  await doubt('too much');
  t.match(await troublesOf(paymentId), [/too much/]);
  t.match(await payments.list(clientId), [{ trouble: null }], 'not the client’s to read');
  const { personId } = money.operator;
  t.match(await payments.settleTrouble(personId, paymentId, ' asked '), { paymentId, trouble: null });
  await payments.settleTrouble(personId, paymentId, 'asked again');
  const { note } = await store.main.one('select trouble_note as note from payment where id = $1', [paymentId]);
  t.equal(note, 'asked', 'the first note stands');
  await doubt('too much');
  t.same(await troublesOf(paymentId), [], 'the same again');
  await doubt('still too much');
  t.match(await troublesOf(paymentId), [/still too much/], 'another one');
  t.match(await troublesOf(other.paymentId), [/too little/], 'each by itself');
  await t.rejects(payments.settleTrouble(personId, 999_999, 'x'), { code: 'payment_not_found' });
});

t.test('money for an account that was deleted is for an operator', async (t) => {
  const clientId = await newClient();
  const { paymentId } = await start(clientId);
  await store.main.query('update person set deleted_at = now() where id = $1', [clientId]);
  await deliver({ externalId: invoiceOf(paymentId) });
  t.match(await troublesOf(paymentId), [/an account that has been deleted/]);
});

t.test('a payment of others is not found, and a list is of one’s own', async (t) => {
  const [clientId, other] = [await newClient(), await newClient()];
  const { paymentId } = await start(clientId);
  await t.rejects(payments.read(other, paymentId), { code: 'payment_not_found' });
  t.same(await payments.list(other), []);
  t.match(await payments.list(clientId), [{ paymentId }]);
});

t.test('lists come in pages of fifty, newest first, by state', async (t) => {
  const clientId = await newClient();
  const username = await usernameOf(clientId);
  for (let n = 0; n < 60; n++) await deliver({ externalId: newId(), username, state: n % 2 ? 'pending' : 'settled' });
  const page = (await payments.list(clientId)).map(({ paymentId }) => paymentId);
  const rest = (await payments.list(clientId, { before: page.at(-1) as number })).map(({ paymentId }) => paymentId);
  t.same([page.length, rest.length, new Set([...page, ...rest]).size], [50, 10, 60]);
  t.same(
    page,
    [...page].sort((a, b) => b - a),
  );
  t.equal((await payments.list(clientId, { state: 'pending' })).length, 30);
});

t.test('who has a payment that is not certain, or not credited yet, waits for it', async (t) => {
  const [clientId, other] = [await newClient(), await newClient()];
  const { paymentId } = await start(clientId);
  t.equal(await payments.hasPending(clientId), false, 'open');
  await deliver({ externalId: invoiceOf(paymentId), state: 'pending' });
  t.equal(await payments.hasPending(clientId), true, 'pending');
  t.equal(await payments.hasPending(other), false, 'of somebody else');
  await deliver({ externalId: invoiceOf(paymentId) });
  t.equal(await payments.hasPending(clientId), false, 'credited');
  await store.main.query('update payment set is_credited = false where id = $1', [paymentId]);
  t.equal(await payments.hasPending(clientId), true, 'settled and not credited');
  await payments.sweep();
});

t.test('pages hear of each step of a payment', async (t) => {
  const clientId = await newClient();
  let heard = 0;
  payments.onChange((personId) => {
    if (personId === clientId) heard++;
  });
  const steps: number[] = [];
  const { paymentId } = await start(clientId);
  steps.push(heard);
  await deliver({ externalId: invoiceOf(paymentId), state: 'pending' });
  steps.push(heard);
  await deliver({ externalId: invoiceOf(paymentId), state: 'pending' });
  steps.push(heard);
  t.same(steps, [1, 2, 2]);
  payments.onChange(() => {});
});

t.test('what a stop left between a settled payment and its credit is credited by the sweep', async (t) => {
  const [clientId, other] = [await newClient(), await newClient()];
  const { paymentId } = await start(clientId);
  await start(other);
  await store.main.query(`update payment set state = 'settled', settled_at = now() where id = $1`, [paymentId]);
  for (let n = 0; n < 2; n++) await payments.sweep();
  t.same([await balanceOf(clientId), await balanceOf(other)], [1_000, 0]);
});

const BEGINNING = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Which of these payments of then the sweep asks for, so many ms later. */
async function askedAfter(ms: number, paymentIds: readonly number[]): Promise<number[]> {
  const at = new Date(BEGINNING + ms).toISOString();
  const later = paymentsWith(atTime(store.main, at));
  await later.payments.sweep();
  return paymentIds.filter((paymentId) => later.btcpay.asked.includes(invoiceOf(paymentId)));
}
/** Payments in these states, started at the beginning; all others are long past. */
async function silentIn(...states: ('open' | 'pending' | 'expired' | 'failed' | 'settled')[]): Promise<number[]> {
  await store.main.query(`update payment set started_at = '2025-01-01'`);
  const ids: number[] = [];
  for (const state of states) {
    const { paymentId } = await start(await newClient());
    await store.main.query(
      `update payment set state = $2, started_at = $3, settled_at = case when $2 = 'settled' then $3::timestamptz end,
              is_credited = $2 = 'settled' where id = $1`,
      [paymentId, state, new Date(BEGINNING).toISOString()],
    );
    ids.push(paymentId);
  }
  return ids;
}

t.test('a payment that nobody speaks of is asked for after two minutes, for a week', async (t) => {
  const ids = await silentIn('open', 'pending', 'failed', 'settled');
  t.same(await askedAfter(2 * MINUTE_MS, ids), []);
  t.same(await askedAfter(2 * MINUTE_MS + 1, ids), ids.slice(0, 2));
  t.same(await askedAfter(7 * DAY_MS - 1, ids), ids.slice(0, 2));
  t.same(await askedAfter(7 * DAY_MS, ids), []);
});

t.test('a payment that has expired is asked for during two days: it may be paid late', async (t) => {
  const ids = await silentIn('expired');
  t.same(await askedAfter(2 * MINUTE_MS + 1, ids), ids);
  t.same(await askedAfter(2 * DAY_MS - 1, ids), ids);
  t.same(await askedAfter(2 * DAY_MS, ids), []);
});

t.test('what a provider answers is taken as if it had said so', async (t) => {
  const [paymentId] = (await silentIn('expired')) as [number];
  const later = paymentsWith(atTime(store.main, new Date(BEGINNING + DAY_MS).toISOString()));
  const [notice] = [{ amountMinor: toMinor(1_000), paymentId: null, username: null, trouble: null }];
  later.btcpay.answer = (externalId) => ({ ...notice, externalId, state: 'settled' });
  await later.payments.sweep();
  t.match(
    (await payments.list(null)).find((line) => line.paymentId === paymentId),
    { state: 'settled' },
  );
  t.same(later.webhook.asked, [], 'each provider is asked for its own');
});

t.test('fifty silent payments are asked for in one sweep', async (t) => {
  const ids = await silentIn(...Array(60).fill('open'));
  t.equal((await askedAfter(DAY_MS, ids)).length, 50);
});

t.test('a provider that fails three times in a sweep is left alone until the next, and that is said', async (t) => {
  await silentIn(...Array(5).fill('open'));
  const later = paymentsWith(atTime(store.main, new Date(BEGINNING + DAY_MS).toISOString()));
  later.btcpay.answer = () => {
    throw new Error('no answer');
  };
  await t.rejects(later.payments.sweep(), /no answer/);
  t.equal(later.btcpay.asked.length, 3);
});
