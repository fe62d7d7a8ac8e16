import { createHmac } from 'node:crypto';
import t from 'tap';
import { type Payment, type Studio, toMinor } from '../../server/contract/index.ts';
import { type Charge, Ledger, type PayoutMoney } from '../../server/ledger/index.ts';
import { Payouts } from '../../server/payments/index.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { TestAppliance } from '../support/appliance.ts';
import { BtcPayDouble } from '../support/btcpay-double.ts';
import { joinTestStore } from '../support/store.ts';

// What a suspicious reader found, each once a fault: input at the edges of its type, the same key for another
// wish, answers that get lost, news of two at once.

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const btcpay = new BtcPayDouble();
await btcpay.start();
const appliance = new TestAppliance({
  PARLOUR_PAYMENTS_BTCPAY_URL: btcpay.url,
  PARLOUR_PAYMENTS_BTCPAY_STORE_ID: btcpay.storeId,
  PARLOUR_PAYMENTS_BTCPAY_API_KEY: btcpay.apiKey,
  PARLOUR_PAYMENTS_BTCPAY_WEBHOOK_SECRET: btcpay.webhookSecret,
  PARLOUR_PAYMENTS_WEBHOOK_SECRET: SECRET,
});
await appliance.start();
t.teardown(async () => {
  await appliance.end();
  btcpay.stop();
});
const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const zoe = await appliance.makePerson(operator, 'model', 'Zoe');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
const miaCookie = await appliance.signIn(mia.linkUrl);
const zoeCookie = await appliance.signIn(zoe.linkUrl);
const alexCookie = await appliance.signIn(alex.linkUrl);
const store = await joinTestStore(appliance);
const { payments: limits } = loadSettings({ environment: {} });
const ledger = new Ledger(store);
t.teardown(() => store.close());

const get = <T = Record<string, unknown>>(url: string, cookie: string) => appliance.request<T>('GET', url, { cookie });
const post = <T = Record<string, unknown>>(url: string, cookie: string, body: unknown = {}) =>
  appliance.request<T>('POST', url, { cookie, body });
const webhook = (url: string, text: string, headers: Record<string, string>) =>
  appliance.request('POST', url, { body: JSON.parse(text), headers: { ...headers, Origin: '' } });
const news = (body: object) => {
  const text = JSON.stringify(body);
  const at = Math.floor(Date.now() / 1_000);
  const v1 = createHmac('sha256', SECRET).update(`${at}.${text}`).digest('hex');
  return webhook('/api/webhooks/payment', text, { 'Parlour-Signature': `t=${at},v1=${v1}` });
};
const balance = async (cookie: string) =>
  (await get<{ balanceMinor: number }>('/api/session', cookie)).body.balanceMinor;
const alarms = async () => (await get<Studio>('/api/studio', operator)).body.alarms;
async function chargedCall(units: number): Promise<number> {
  const { id } = await store.main.one<{ id: number }>(
    `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, outcome, ended_at)
     values ($1, $2, 'ended', 100, 0, 'per_minute', 60, 'client_ended', now()) returning id`,
    [alex.personId, mia.personId],
  );
  for (let unit = 1; unit <= units; unit++) await ledger.postCharges([unitOf(id, unit)]);
  return id;
}
const unitOf = (callId: number, unit: number): Charge => ({
  callId,
  unit,
  amountMinor: toMinor(100),
  chargedBeforeMinor: toMinor((unit - 1) * 100),
  clientId: alex.personId,
  modelId: mia.personId,
  sharePercent: 60,
});
await appliance.addCredit(operator, alex.personId, 5_000);

t.test('a number or a time beyond its type is a bad request, never a fault of the appliance', async (t) => {
  const huge = '99999999999999999999';
  const urls = [
    `/api/calls/${huge}/refunds`,
    `/api/calls/${huge}/receipt`,
    `/api/voucher-batches/${huge}`,
    `/api/history?before=${huge}`,
    `/api/payouts?before=${huge}`,
    `/api/calls?before=${huge}`,
    '/api/history?from=2026-02-31T00:00:00Z',
    '/api/history?from=0000-01-01T00:00:00Z',
    '/api/history?to=2026-01-01T23:59:60Z',
    '/api/reports?by=day&from=2026-99-01T00:00:00Z',
    '/api/reports?by=day&from=2026-02-01T25:00:00Z',
  ];
  for (const url of urls) t.match(await get(url, operator), { status: 400, body: { code: 'malformed' } }, url);
  t.match(await get(`/api/payments/${huge}`, alexCookie), { status: 400 });
  t.match(await post(`/api/payouts/${huge}/approve`, operator), { status: 400 });
  t.match(await post(`/api/vouchers/${huge}/void`, operator), { status: 400 });
  const callId = await chargedCall(1);
  t.match(await post(`/api/calls/${callId}/refund`, operator, { units: [3_000_000_000], reason: 'x' }), {
    status: 400,
  });
  const paid = { id: 'n-1', state: 'settled', amountMinor: 100, currency: 'EUR', paymentId: 1e20 };
  t.match(await news(paid), { status: 400 }, 'a provider would send it again for ever');
});

t.test('a text with a NUL in it, which no database keeps, is a bad request', async (t) => {
  const credit = { key: 'key-with-nul', amountMinor: 5, reason: 'a\u0000b' };
  t.match(await post(`/api/people/${alex.personId}/credit`, operator, credit), { status: 400 });
  t.match(
    await post('/api/voucher-batches', operator, { key: 'key-nul-batch', count: 1, amountMinor: 5, label: 'a\u0000' }),
    {
      status: 400,
    },
  );
  t.match(await get('/api/history?kind=%00', alexCookie), { status: 400 });
  const paid = { state: 'settled', amountMinor: 100, currency: 'EUR' };
  t.match(await news({ ...paid, id: 'n\u0000', username: 'alex' }), { status: 400 });
  t.match(await news({ ...paid, id: 'n-2', username: 'al\u0000ex' }), { status: 400 });
});

t.test('a call that does not exist, or is of others, is not found, also to a refund', async (t) => {
  t.match(await post('/api/calls/987654/refund', operator, { units: 'all', reason: 'x' }), {
    status: 404,
    body: { code: 'call_not_found' },
  });
  const empty = await chargedCall(0);
  t.match(await post(`/api/calls/${empty}/refund`, zoeCookie, { units: 'all', reason: 'x' }), { status: 404 });
  t.match(await post(`/api/calls/${empty}/refund`, miaCookie, { units: 'all', reason: 'x' }), {
    status: 409,
    body: { code: 'refund_nothing' },
  });
});

t.test('one key is one credit: the same key for the other kind is refused, not given twice', async (t) => {
  const before = await balance(alexCookie);
  const url = `/api/people/${alex.personId}/credit`;
  const credit = { key: 'key-of-one-credit', amountMinor: 70, reason: 'x' };
  t.match(await post(url, operator, { ...credit, kind: 'top_up' }), { status: 200 });
  t.match(await post(url, operator, { ...credit, kind: 'top_up' }), { status: 200 });
  t.match(await post(url, operator, { ...credit, kind: 'bonus' }), { status: 409, body: { code: 'key_reused' } });
  t.equal(await balance(alexCookie), before + 70);
});

t.test(
  'fifty connections at once: a voucher is one credit, two operators approve once each, a refund is one',
  async (t) => {
    const made = await post<{ codes: string[] }>('/api/voucher-batches', operator, {
      key: 'key-race-batch',
      count: 1,
      amountMinor: 333,
      label: 'Race',
    });
    const [code] = made.body.codes as [string];
    const before = await balance(alexCookie);
    const tries = await Promise.all(
      Array.from({ length: 50 }, () => post<{ code: string }>('/api/vouchers/redeem', alexCookie, { code })),
    );
    t.equal(await balance(alexCookie), before + 333);
    const stray = tries.filter(({ status, body }) => ![200, 429].includes(status) && body.code !== 'voucher_used');
    t.same(stray, [], 'credited, used, or too many at once');

    const { cookie: second } = await appliance.makeOperator('Second');
    await chargedCall(20);
    const wish = { key: 'key-approve-race', amountMinor: 200, destination: 'x' };
    const { payoutId } = (await post<{ payoutId: number }>('/api/payouts', miaCookie, wish)).body;
    await store.main.query('update payout set approvals_needed = 2 where id = $1', [payoutId]);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => post(`/api/payouts/${payoutId}/approve`, n % 2 ? second : operator)),
    );
    const { payouts } = (await get<{ payouts: object[] }>('/api/payouts', operator)).body;
    t.match(payouts[0], { state: 'approved', approvedBy: { length: 2 }, steps: { length: 3 } });
    const [paid, failed] = await Promise.all([
      post(`/api/payouts/${payoutId}/paid`, operator),
      post(`/api/payouts/${payoutId}/failed`, second, { note: 'x' }),
    ]);
    t.same([paid.status, failed.status].sort(), [200, 409], 'paid or failed, never both');

    const callId = await chargedCall(3);
    const credit = await balance(alexCookie);
    const refund = { units: 'all', reason: 'race' };
    const refunds = await Promise.all(
      Array.from({ length: 30 }, (_, n) => post(`/api/calls/${callId}/refund`, n % 2 ? miaCookie : operator, refund)),
    );
    t.ok(refunds.every(({ status }) => status === 200));
    t.equal(await balance(alexCookie), credit + 300);
    t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
  },
);

t.test('one key is one payout: another destination under it is refused', async (t) => {
  await chargedCall(5);
  const wish = { key: 'key-of-one-payout', amountMinor: 100, destination: 'DE00 1' };
  t.match(await post('/api/payouts', miaCookie, wish), { status: 201 });
  t.match(await post('/api/payouts', miaCookie, { ...wish, destination: ' DE00 1 ' }), { status: 201 });
  t.match(await post('/api/payouts', miaCookie, { ...wish, destination: 'GB99 2' }), {
    status: 409,
    body: { code: 'key_reused' },
  });
});

t.test('what was posted and whose answer was lost is told when it is asked for again', async (t) => {
  const callId = await chargedCall(0);
  await ledger.postCharges([unitOf(callId, 1)]); // its answer never arrived
  const told = new Map<number, number>();
  const again = new Ledger(store);
  again.onBalance((personId, balanceMinor) => told.set(personId, balanceMinor));
  t.match(await again.postCharges([unitOf(callId, 1)]), [
    {
      status: 'posted',
      balanceMinor: await ledger.balanceOf(alex.personId, 'client'),
      earningsMinor: await ledger.balanceOf(mia.personId, 'model'),
    },
  ]);
  const payout: PayoutMoney = { payoutId: 900_001, modelId: mia.personId, amountMinor: toMinor(1) };
  await ledger.holdPayout(payout);
  await again.holdPayout(payout);
  t.equal(told.get(mia.personId), await ledger.balanceOf(mia.personId, 'model'));
  told.clear();
  await ledger.finishPayout(payout, 'returned');
  await again.finishPayout(payout, 'returned');
  t.equal(told.get(mia.personId), await ledger.balanceOf(mia.personId, 'model'));
});

/** A ledger whose answers to holds wait to be let through, one by one. */
class HeldLedger extends Ledger {
  readonly answered: { isHeld: boolean; letThrough: () => void }[] = [];

  override async holdPayout(money: PayoutMoney): Promise<boolean> {
    const isHeld = await super.holdPayout(money);
    await new Promise<void>((letThrough) => this.answered.push({ isHeld, letThrough }));
    return isHeld;
  }
}

t.test('a refusal that is written late does not bury earnings that were set aside meanwhile', async (t) => {
  const held = new HeldLedger(store);
  const payouts = new Payouts(store.main, held, limits);
  const wish = { key: 'key-late-refusal', amountMinor: 500, destination: 'x' };
  const ask = () => payouts.request(zoe.personId, wish).catch((error: { code: string }) => error.code);
  const first = ask();
  while (held.answered.length < 1) await store.main.query('select 1');
  const give = { key: 'key-give-zoe', personId: zoe.personId, role: 'model' as const, amountMinor: toMinor(500) };
  await ledger.adjust({ ...give, reason: 'x', actorId: 1 });
  const second = ask();
  while (held.answered.length < 2) await store.main.query('select 1');
  t.same(
    held.answered.map(({ isHeld }) => isHeld),
    [false, true],
  );
  held.answered[0]?.letThrough();
  t.equal(await first, 'balance_too_low');
  held.answered[1]?.letThrough();
  t.equal(await second, 'balance_too_low');
  t.equal(await ledger.balanceOf(zoe.personId, 'model'), 500, 'nothing is set aside for a payout that nobody sees');
  t.match(await ledger.check(), { isBalanced: true });
});

t.test('a step that is repeated after a crash is in the ledger when it is answered', async (t) => {
  const wish = { key: 'key-step-again', amountMinor: 100, destination: 'x' };
  const payouts = new Payouts(store.main, ledger, limits);
  const { payoutId } = await payouts.request(zoe.personId, wish);
  await store.main.query(`update payout set state = 'rejected' where id = $1`, [payoutId]); // and then it crashed
  t.equal(await ledger.balanceOf(zoe.personId, 'model'), 400);
  await post(`/api/payouts/${payoutId}/reject`, operator, { note: 'again' });
  t.equal(await ledger.balanceOf(zoe.personId, 'model'), 500);
});

t.test('a row that cannot be booked does not keep the others from it', async (t) => {
  await chargedCall(3);
  const actor = { key: 'key-poison-base', personId: zoe.personId, role: 'model' as const, amountMinor: toMinor(300) };
  await ledger.adjust({ ...actor, reason: 'x', actorId: 1 });
  // The first says that it was paid and was never set aside; nothing of it can be booked while clearing is short.
  await store.main.query(
    `insert into payout (model_id, key, amount_minor, destination, state, approvals_needed)
     values ($1, 'key-poison', 900000000, 'x', 'paid', 1), ($1, 'key-behind', 30, 'x', 'opening', 1)`,
    [zoe.personId],
  );
  await new Payouts(store.main, ledger, limits).sweep().catch(() => {});
  const [row] = await store.main.query(`select state from payout where key = 'key-behind'`);
  t.match(row, { state: 'requested' });
  await store.main.query(`delete from payout where key = 'key-poison'`);
});

t.test('a list that is longer than its file says so instead of ending early', async (t) => {
  const spans = ['from=1970-01-01T00:00:00Z', 'from=1990-01-01T00:00:00Z&to=2026-01-01T00:00:00Z'];
  for (const span of spans) {
    t.match(await get(`/api/reports?by=day&${span}`, operator), { status: 400, body: { code: 'malformed' } }, span);
  }
  t.match(await get('/api/reports?by=model&from=1970-01-01T00:00:00Z', operator), { status: 200 });
});

t.test('what BTCPay was paid too much or too little, and news that disagree, are for the operator', async (t) => {
  const start = async () => {
    const order = { key: `key-btc-${Math.random()}`.replace('.', ''), provider: 'btcpay', amountMinor: 1_000 };
    const { body } = await post<Payment>('/api/payments', alexCookie, order);
    return { paymentId: body.paymentId, invoice: [...btcpay.invoices.values()].at(-1) };
  };
  const deliver = (id: string) => {
    const { text, headers } = btcpay.delivery('InvoiceSettled', id);
    return webhook('/api/webhooks/btcpay', text, headers);
  };
  const before = await balance(alexCookie);
  const over = await start();
  if (!over.invoice) throw new Error('no invoice');
  Object.assign(over.invoice, { status: 'Settled', additionalStatus: 'PaidOver' });
  await deliver(over.invoice.id);
  t.equal(await balance(alexCookie), before + 1_000);
  t.match(await alarms(), [{ code: 'payment_needs_operator', message: /more than/ }]);
  const part = await start();
  if (!part.invoice) throw new Error('no invoice');
  Object.assign(part.invoice, { status: 'Expired', additionalStatus: 'PaidPartial' });
  await deliver(part.invoice.id);
  t.match(await alarms(), [{ message: /only a part/ }, {}]);

  const body = { id: 'two-at-once', state: 'settled', currency: 'EUR', username: 'alex' };
  await Promise.all([300, 400].map((amountMinor) => news({ ...body, amountMinor })));
  t.match(await alarms(), [{ message: /came again with [34]00 instead of [34]00/ }, {}, {}]);

  const [newest] = (await get<{ payments: { paymentId: number; trouble: string }[] }>('/api/payments', operator)).body
    .payments;
  t.match(newest, { trouble: /came again/ });
  t.notMatch(JSON.stringify((await get('/api/payments', alexCookie)).body), 'came again', 'not the client’s to read');
  const settle = `/api/payments/${newest?.paymentId}/settle-trouble`;
  t.match(await post(settle, alexCookie, { note: 'x' }), { status: 403 });
  t.match(await post(settle, operator, { note: ' ' }), { status: 400 });
  t.match(await post(settle, operator, { note: 'asked the bank: 300 it was' }), {
    status: 200,
    body: { trouble: null },
  });
  t.equal((await alarms()).length, 2, 'decided, so the alarm is over');
});

t.test('a silent provider that fails for one payment is still asked for the others', async (t) => {
  await store.main.query(
    `update payment set started_at = started_at - interval '10 minutes' where provider = 'btcpay'`,
  );
  const before = await balance(alexCookie);
  for (let n = 0; n < 3; n++) {
    await post('/api/payments', alexCookie, { key: `key-silent-${n}`, provider: 'btcpay', amountMinor: 1_000 });
  }
  const [one, two, three] = [...btcpay.invoices.values()].slice(-3);
  if (!one || !two || !three) throw new Error('no invoices');
  for (const invoice of [one, two, three]) btcpay.set(invoice.id, 'Settled');
  btcpay.broken.add(two.id);
  await store.main.query(
    `update payment set started_at = started_at - interval '10 minutes' where key like 'key-silent-%'`,
  );
  await appliance.killTree();
  await appliance.start(); // it sweeps when it starts
  while ((await balance(alexCookie)) < before + 2_000);
  t.equal(await balance(alexCookie), before + 2_000);
});
