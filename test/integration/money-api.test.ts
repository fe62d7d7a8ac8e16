import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import t from 'tap';
import {
  type AuditEntries,
  type CallRefunds,
  type Payment,
  type PaymentLine,
  type Studio,
  toMinor,
  type VouchersMade,
} from '../../server/contract/index.ts';
import { Ledger } from '../../server/ledger/index.ts';
import { readPostmaster } from '../../server/store/embedded/process-identity.ts';
import { TestAppliance } from '../support/appliance.ts';
import { BtcPayDouble } from '../support/btcpay-double.ts';
import { TestSocket } from '../support/page-socket.ts';
import { joinTestStore } from '../support/store.ts';

const SECRET = 'a secret of at least thirty-two characters'.replaceAll(' ', '-');
const btcpay = new BtcPayDouble();
await btcpay.start();
const appliance = new TestAppliance({
  PARLOUR_PAYMENTS_BTCPAY_URL: `${btcpay.url}/`,
  PARLOUR_PAYMENTS_BTCPAY_STORE_ID: btcpay.storeId,
  PARLOUR_PAYMENTS_BTCPAY_API_KEY: btcpay.apiKey,
  PARLOUR_PAYMENTS_BTCPAY_WEBHOOK_SECRET: btcpay.webhookSecret,
  PARLOUR_PAYMENTS_WEBHOOK_SECRET: SECRET,
  PARLOUR_PAYMENTS_WEBHOOK_CHECKOUT_URL: 'https://pay.example/?id={paymentId}&sum={amount}{currency}&back={returnUrl}',
  PARLOUR_PAYMENTS_PAYOUT_SECOND_APPROVAL_MINOR: '1000',
});
await appliance.start();
t.teardown(async () => {
  await appliance.end();
  btcpay.stop();
});

const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
const bob = await appliance.makePerson(operator, 'client', 'Bob');
const miaCookie = await appliance.signIn(mia.linkUrl);
const alexCookie = await appliance.signIn(alex.linkUrl);
const bobCookie = await appliance.signIn(bob.linkUrl);
const store = await joinTestStore(appliance);
const ledger = new Ledger(store);
t.teardown(() => store.close());

const get = <T = Record<string, unknown>>(url: string, cookie: string) => appliance.request<T>('GET', url, { cookie });
const post = <T = Record<string, unknown>>(url: string, cookie: string, body?: unknown) =>
  appliance.request<T>('POST', url, { cookie, ...(body !== undefined && { body }) });
let keys = 0;
const key = () => `key-of-test-${++keys}`;
const balance = async (cookie: string) =>
  (await get<{ balanceMinor: number }>('/api/session', cookie)).body.balanceMinor;

/** Exactly these bytes, from no page: no Origin, no cookie. */
function webhook(
  url: string,
  text: string,
  headers: Record<string, string>,
): Promise<{ status: number; code?: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: 'localhost',
      port: appliance.port,
      method: 'POST',
      path: url,
      agent: false,
      ca: fs.readFileSync(path.join(appliance.data, 'tls/authority.pem')),
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers },
    };
    const request = https.request(options, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, code: JSON.parse(body).code }));
    });
    request.on('error', reject);
    request.end(text);
  });
}
const signed = (text: string, atS = Math.floor(Date.now() / 1_000), secret = SECRET) => ({
  'Parlour-Signature': `t=${atS},v1=${createHmac('sha256', secret).update(`${atS}.${text}`).digest('hex')}`,
});
const news = (body: object) => {
  const text = JSON.stringify(body);
  return webhook('/api/webhooks/payment', text, signed(text));
};
/** A call that has been charged, as the meter would have posted it. */
async function chargedCall(clientId: number, units: number): Promise<number> {
  const { id } = await store.main.one<{ id: number }>(
    `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, outcome, ended_at)
     values ($1, $2, 'ended', 200, 0, 'per_minute', 60, 'client_ended', now()) returning id`,
    [clientId, mia.personId],
  );
  for (let unit = 1; unit <= units; unit++) {
    const amountMinor = toMinor(200);
    const chargedBeforeMinor = toMinor((unit - 1) * amountMinor);
    const people = { clientId, modelId: mia.personId };
    const charge = { ...people, callId: id, unit, amountMinor, chargedBeforeMinor, sharePercent: 60 };
    await ledger.postCharges([charge]);
  }
  return id;
}

t.test('each route of money asks who is there', async (t) => {
  for (const url of ['/api/payments', '/api/payouts', '/api/earnings', '/api/voucher-batches', '/api/reports?by=day']) {
    t.match(await appliance.request('GET', url), { status: 401 }, url);
  }
  for (const url of [
    '/api/voucher-batches',
    '/api/reports?by=day',
    '/api/payouts.csv',
    '/api/earnings',
    '/api/reports.csv?by=day',
  ]) {
    t.match(await get(url, alexCookie), { status: 403 }, url);
  }
  t.match(await get(`/api/history?personId=${mia.personId}`, alexCookie), { status: 403 }, 'the history of another');
  t.match(await post('/api/vouchers/redeem', miaCookie, { code: 'x' }), { status: 403 });
  t.match(await post('/api/calls/1/refund', alexCookie, { units: 'all', reason: 'x' }), { status: 403 });
  t.match(await post('/api/payouts/1/approve', miaCookie, {}), { status: 403 });
});

t.test('a voucher from the operator to the credit, heard on the open page', async (t) => {
  const order = { key: 'key-kiosk', count: 2, amountMinor: 1_500, label: '=Kiosk' };
  const { status, body } = await post<VouchersMade>('/api/voucher-batches', operator, order);
  t.equal(status, 201);
  const page = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => page.close());
  const code = (body.codes[0] as string).toLowerCase();
  t.match(await post('/api/vouchers/redeem', alexCookie, { code }), {
    body: { amountMinor: 1_500, balanceMinor: 1_500 },
  });
  await page.next((message) => message.type === 'balance' && message.balanceMinor === 1_500);
  t.match(await post('/api/vouchers/redeem', bobCookie, { code }), { status: 409, body: { code: 'voucher_used' } });
  t.match(await post('/api/vouchers/redeem', bobCookie, { code: 'typo' }), { status: 400 });
  t.match(await get(`/api/voucher-batches/${body.batch.batchId}`, operator), {
    body: { vouchers: [{ state: 'open' }, { state: 'redeemed', redeemedBy: { displayName: 'Alex' } }] },
  });
  const { row } = await store.main.one<{ row: string }>(
    'select voucher::text as row from voucher where redeemed_by is not null',
  );
  const plain = code.replaceAll('-', '');
  for (const text of [code, plain, Buffer.from(plain.toUpperCase()).toString('hex')])
    t.notMatch(row.toLowerCase(), text, 'the code itself is kept nowhere');
});

t.test('a signed webhook: the exact bytes, in time, once', async (t) => {
  const body = { id: 'card-1', state: 'settled', amountMinor: 700, currency: 'EUR', username: 'bob' };
  const text = JSON.stringify(body);
  const url = '/api/webhooks/payment';
  const now = Math.floor(Date.now() / 1_000);
  t.match(await webhook(url, text, {}), { status: 401, code: 'bad_signature' });
  t.match(await webhook(url, `${text} `, signed(text)), { status: 401 }, 'one byte more');
  t.match(await webhook(url, text, signed(text, now, 'another-secret')), { status: 401 });
  t.match(await webhook(url, text, signed(text, now - 301)), { status: 401 }, 'kept and sent again later');
  t.match(await webhook(url, text, signed(text, now + 400)), { status: 401 });
  t.match(await webhook(url, '{', signed('{')), { status: 400 });
  t.match(await news({ ...body, currency: 'USD' }), { status: 400, code: 'malformed' });
  t.match(await news({ ...body, username: 'nobody' }), { status: 404, code: 'person_not_found' });
  t.match(await news({ ...body, username: undefined }), { status: 400 });
  t.match(await news({ ...body, username: 'mia' }), { status: 404 }, 'a model has no wallet');
  t.equal(await balance(bobCookie), 0);
  const spaced = JSON.stringify(body, null, 2);
  const answers = await Promise.all(Array.from({ length: 20 }, () => webhook(url, spaced, signed(spaced))));
  t.ok(answers.every(({ status }) => status === 200));
  t.equal(await balance(bobCookie), 700, 'twenty at once, one credit');
  await news({ ...body, state: 'pending' });
  await news({ ...body, state: 'expired' });
  t.equal(await balance(bobCookie), 700, 'late news do not take it back');
  await news({ ...body, state: 'failed' });
  const studio = await get<Studio>('/api/studio', operator);
  t.match(studio.body.alarms, [{ code: 'payment_needs_operator', message: /failed, after it had been settled/ }]);
  t.match(
    await webhook('/api/webhooks/nothing', text, signed(text)),
    { status: 403 },
    'the exemption is for webhooks that exist',
  );
});

t.test('a checkout elsewhere: its page is named, its news find the payment', async (t) => {
  t.match(await get('/api/payments/providers', alexCookie), {
    body: { providers: [{ provider: 'voucher' }, { provider: 'btcpay', hasCheckout: true }, { provider: 'webhook' }] },
  });
  const order = { key: key(), provider: 'webhook', amountMinor: 1_234 };
  const { body } = await post<Payment>('/api/payments', bobCookie, order);
  const { paymentId } = body;
  t.match(body.checkoutUrl, new RegExp(`^https://pay\\.example/\\?id=${paymentId}&sum=12\\.34EUR&back=https%3A`));
  t.match(await post('/api/payments', bobCookie, order), { body: { paymentId } }, 'the same key, the same payment');
  t.match(await post('/api/payments', bobCookie, { ...order, amountMinor: 999 }), { status: 409 });
  t.match(await post('/api/payments', bobCookie, { ...order, key: key(), amountMinor: 1 }), { status: 400 });
  t.match(await get(`/api/payments/${paymentId}`, alexCookie), { status: 404 });
  const before = await balance(bobCookie);
  await news({ id: 'card-2', state: 'expired', amountMinor: 1_234, currency: 'EUR', paymentId });
  await news({ id: 'card-2', state: 'settled', amountMinor: 1_234, currency: 'EUR', paymentId });
  await news({ id: 'card-2', state: 'pending', amountMinor: 1_234, currency: 'EUR', paymentId });
  t.match(await get(`/api/payments/${paymentId}`, bobCookie), { body: { state: 'settled' } }, 'in any order');
  t.equal(await balance(bobCookie), before + 1_234);
  await news({ id: 'card-3', state: 'settled', amountMinor: 1_234, currency: 'EUR', paymentId });
  t.equal(await balance(bobCookie), before + 2_468, 'paid twice for real: both are credited');
});

t.test('BTCPay Server: invoice, deliveries again and in any order, forged ones refused', async (t) => {
  const start = (amountMinor = 2_500) =>
    post<Payment>('/api/payments', alexCookie, { key: key(), provider: 'btcpay', amountMinor });
  const { body } = await start();
  const invoice = [...btcpay.invoices.values()].at(-1);
  if (!invoice) throw new Error('no invoice was made');
  t.match(invoice, { amount: '25.00', currency: 'EUR', metadata: { orderId: `parlour-${body.paymentId}` } });
  t.equal(body.checkoutUrl, invoice.checkoutLink);
  const deliver = (type: string, id = invoice.id, more: object = {}) => {
    const { text, headers } = btcpay.delivery(type, id, more);
    return webhook('/api/webhooks/btcpay', text, headers);
  };
  const before = await balance(alexCookie);
  const forged = btcpay.delivery('InvoiceSettled', invoice.id);
  t.match(await webhook('/api/webhooks/btcpay', `${forged.text}\n`, forged.headers), { status: 401 });
  t.match(await webhook('/api/webhooks/btcpay', forged.text, { 'BTCPay-Sig': 'sha256=00' }), { status: 401 });
  await deliver('InvoiceSettled');
  t.equal(await balance(alexCookie), before, 'the delivery says so, the invoice does not');
  btcpay.set(invoice.id, 'Processing');
  await deliver('InvoiceProcessing');
  t.match(await get(`/api/payments/${body.paymentId}`, alexCookie), { body: { state: 'pending' } });
  btcpay.set(invoice.id, 'Settled');
  t.match(await deliver('InvoiceSettled', invoice.id, { storeId: 'Other' }), { status: 200 });
  t.equal(await balance(alexCookie), before, 'what is for another store is passed over');
  const again = btcpay.delivery('InvoiceSettled', invoice.id, { isRedelivery: true });
  const all = [
    again,
    again,
    again,
    btcpay.delivery('InvoiceProcessing', invoice.id),
    btcpay.delivery('InvoiceCreated', invoice.id),
  ];
  await Promise.all(all.map(({ text, headers }) => webhook('/api/webhooks/btcpay', text, headers)));
  t.equal(await balance(alexCookie), before + 2_500);
  t.match(await deliver('InvoiceSettled', 'InvoiceOfAnother'), { status: 200 }, 'what is not ours is passed over');

  btcpay.isDown = true;
  t.match(await start(), { status: 503, body: { code: 'provider_unavailable' } });
  t.match(await deliver('InvoiceSettled'), { status: 503 }, 'so that it is sent again');
  btcpay.isDown = false;
  btcpay.losesAnswers = true;
  t.match(await start(3_000), { status: 503 });
  btcpay.losesAnswers = false;
  const lost = [...btcpay.invoices.values()].at(-1)?.id as string;
  btcpay.set(lost, 'Settled');
  await deliver('InvoiceSettled', lost);
  t.equal(await balance(alexCookie), before + 5_500, 'an invoice whose answer was lost, found by its order id');
  await deliver('InvoiceSettled', lost);
  t.equal(await balance(alexCookie), before + 5_500);
});

t.test('money that comes for an account that was deleted is an operator to look at', async (t) => {
  const gone = await appliance.makePerson(operator, 'client', 'Gone');
  const cookie = await appliance.signIn(gone.linkUrl, '127.0.0.9');
  const pending = { id: 'late-for-gone', amountMinor: 900, currency: 'EUR', username: 'gone' };
  t.match(await news({ ...pending, state: 'expired' }), { status: 200 });
  const deletion = { username: 'gone', giveUpMinor: 0, key: key() };
  t.match(await post('/api/account/deletion', cookie, deletion), { status: 200 });
  t.match(await news({ id: pending.id, amountMinor: 900, currency: 'EUR', state: 'settled', username: 'gone' }), {
    status: 200,
  });
  const line = async () => (await get<{ payments: PaymentLine[] }>('/api/payments', operator)).body.payments[0];
  t.match(await line(), { state: 'settled', amountMinor: 900, trouble: /an account that has been deleted/ });
  const { alarms } = (await get<Studio>('/api/studio', operator)).body;
  t.ok(alarms.some((alarm) => JSON.stringify(alarm).includes('an account that has been deleted')));
  const url = `/api/payments/${(await line())?.paymentId}/settle-trouble`;
  t.match(await post(url, operator, { note: 'sent back by hand' }), { status: 200 });
  t.match(await line(), { trouble: null });
});

t.test('refunds over the API: the people of the call see them, the balance comes at once', async (t) => {
  const callId = await chargedCall(alex.personId, 3);
  const before = await balance(alexCookie);
  const url = `/api/calls/${callId}/refund`;
  t.match(await get(`${url}s`, bobCookie), { status: 404 });
  t.match(await get<CallRefunds>(`${url}s`, alexCookie), {
    body: { refunds: { length: 0 }, refundableUnits: { length: 0 } },
  });
  t.match(await get<CallRefunds>(`${url}s`, miaCookie), { body: { refundableUnits: [1, 2, 3] } });
  t.match(await post(url, miaCookie, { units: [], reason: 'x' }), { status: 400 });
  t.match(await post(url, miaCookie, { units: [1], reason: ' ' }), { status: 400 });
  t.match(await post(url, miaCookie, { units: [1], reason: 'dropped' }), { body: { refundedMinor: 200 } });
  t.match(await post(url, operator, { units: 'all', reason: 'sorry' }), { body: { refundedMinor: 600 } });
  t.equal(await balance(alexCookie), before + 600);
  const other = await chargedCall(alex.personId, 2);
  await post(`/api/calls/${other}/refund`, miaCookie, { units: [2], reason: 'dropped' });
  const theirs = [
    { callId: other, refundedMinor: 200 },
    { callId, refundedMinor: 600 },
  ];
  t.match(await get('/api/calls', alexCookie), {
    body: { calls: theirs.map((one) => ({ ...one, earnedMinor: null })) },
  });
  t.match(await get('/api/calls', miaCookie), { body: { calls: [{ ...theirs[0], earnedMinor: 120 }, theirs[1]] } });
  const receipt = async (cookie: string) => (await get(`/api/calls/${other}/receipt`, cookie)).body;
  t.match(await receipt(alexCookie), { mySide: 'client', earnedMinor: null, studioMinor: null });
  t.match(await receipt(miaCookie), { mySide: 'model', earnedMinor: 120, studioMinor: null });
  t.match(await receipt(operator), { mySide: 'operator', earnedMinor: 120, studioMinor: 80 });
  await post(`/api/calls/${other}/refund`, operator, { units: 'all', reason: 'sorry' });
  t.match(await get<CallRefunds>(`${url}s`, alexCookie), { body: { refunds: [{ byName: null }, {}, {}] } });
});

t.test('earnings, and a payout that needs two operators', async (t) => {
  const { cookie: second } = await appliance.makeOperator('Second');
  await appliance.addCredit(operator, bob.personId, 10_000);
  await chargedCall(bob.personId, 20);
  t.match(await get('/api/earnings?zone=Europe/Berlin', miaCookie), {
    body: { balanceMinor: 2_400, todayMinor: 2_400, monthMinor: 2_400 },
  });
  t.match(await get('/api/earnings?zone=Nowhere', miaCookie), { status: 400 });
  const ask = (amountMinor: number) =>
    post<{ payoutId: number }>('/api/payouts', miaCookie, { key: key(), amountMinor, destination: '+DE12, "Bank"' });
  t.match(await ask(2_401), { status: 409, body: { code: 'balance_too_low' } });
  const { payoutId } = (await ask(1_001)).body;
  t.match(await post(`/api/payouts/${payoutId}/approve`, operator, {}), {
    body: { state: 'requested', approvalsNeeded: 2 },
  });
  t.match(await post(`/api/payouts/${payoutId}/approve`, operator, {}), {
    status: 409,
    body: { code: 'already_approved' },
  });
  const { cookie: newest } = await appliance.makeOperator('Newest');
  t.match(await post(`/api/payouts/${payoutId}/approve`, newest, {}), {
    status: 409,
    body: { code: 'too_new_to_approve' },
  });
  t.match(await post(`/api/payouts/${payoutId}/approve`, second, { note: 'checked' }), { body: { state: 'approved' } });
  const { body: csv } = await get<string>('/api/payouts.csv?state=approved', operator);
  t.match(csv, `${payoutId},`);
  t.match(csv, `,Mia,10.01,EUR,"'+DE12, ""Bank""",approved,Boss and Second\r\n`, 'no formula, quotes doubled');
  t.match(await post(`/api/payouts/${payoutId}/paid`, operator, { note: 'SEPA 1' }), { body: { state: 'paid' } });
  t.match(await get('/api/studio', operator), { body: { payoutsDueMinor: 0 } });
  t.match(await get('/api/payouts', miaCookie), { body: { payouts: [{ state: 'paid', steps: { length: 4 } }] } });
});

t.test(
  'a batch of vouchers whose answer was lost is made once, with the same codes; another order needs another key',
  async (t) => {
    const order = { key: 'key-lost-batch', count: 3, amountMinor: 700, label: 'Lost' };
    const make = (body: object) => post<VouchersMade>('/api/voucher-batches', operator, body);
    const tries = await Promise.all([make(order), make(order), make(order)]);
    for (const { status, body } of tries) t.same({ status, body }, { status: 201, body: tries[0]?.body });
    t.match(await make({ ...order, count: 4 }), { status: 409, body: { code: 'key_reused' } });
    t.match(await make({ ...order, key: 'short' }), { status: 400, body: { code: 'malformed' } });
    const [{ count } = {}] = await store.main.query(
      `select count(*) from voucher join voucher_batch batch on batch.id = batch_id where label = 'Lost'`,
    );
    t.equal(Number(count), 3);
  },
);

t.test('lists come in pages, newest first, to their end and no further', async (t) => {
  const page = async <T>(url: string, cookie: string) => (await get<Record<string, T[]>>(url, cookie)).body;
  const [first, second, third] = await Promise.all(
    ['A', 'B', 'C'].map((label) =>
      post<VouchersMade>('/api/voucher-batches', operator, {
        key: `key-batch-${label}`,
        count: 120,
        amountMinor: 1,
        label,
      }),
    ),
  );
  const ids = [first, second, third].map((one) => one?.body.batch.batchId as number).sort((a, b) => b - a);
  const batches = await page<{ batchId: number }>('/api/voucher-batches?limit=2', operator);
  t.match(batches, { batches: [{ batchId: ids[0] }, { batchId: ids[1] }] });
  t.match(await page(`/api/voucher-batches?limit=1&before=${ids[1]}`, operator), { batches: [{ batchId: ids[2] }] });
  let seen: number[] = [];
  for (let before = ''; ; before = `&before=${seen.at(-1)}`) {
    const url = `/api/voucher-batches/${ids[0]}?state=open&limit=50${before}`;
    const { vouchers } = await page<{ voucherId: number }>(url, operator);
    if (vouchers?.length === 0) break;
    seen = [...seen, ...(vouchers ?? []).map(({ voucherId }) => voucherId)];
  }
  t.equal(new Set(seen).size, 120);
  t.same(
    seen,
    [...seen].sort((a, b) => b - a),
  );
  t.same((await page(`/api/voucher-batches/${ids[0]}?state=redeemed`, operator)).vouchers, []);
  const { payments: all } = await page<{ paymentId: number }>('/api/payments?limit=100', operator);
  const paged: number[] = [];
  for (const _ of all ?? []) {
    const before = paged.length > 0 ? `&before=${paged.at(-1)}` : '';
    const { payments } = await page<{ paymentId: number }>(`/api/payments?limit=1${before}`, operator);
    paged.push(...(payments ?? []).map(({ paymentId }) => paymentId));
  }
  t.same(
    paged,
    all?.map(({ paymentId }) => paymentId),
  );
  t.match(await get('/api/payments?limit=101', operator), { status: 400 });
  t.match(await get('/api/payments?state=nonsense', operator), { status: 400 });
});

t.test('operators, and whom it concerns, hear at once that money has changed', async (t) => {
  const [boss, hers, his] = await Promise.all(
    [operator, miaCookie, bobCookie].map((cookie) => TestSocket.open(appliance, cookie)),
  );
  t.teardown(() => [boss, hers, his].map((page) => page?.close()));
  const heard = (page: TestSocket | undefined) => page?.heard.filter(({ type }) => type === 'money').length ?? 0;
  await appliance.addCredit(operator, alex.personId, 5);
  await boss?.next(({ type }) => type === 'money');
  const wish = { key: key(), amountMinor: 10, destination: 'x' };
  const { payoutId } = (await post<{ payoutId: number }>('/api/payouts', miaCookie, wish)).body;
  await hers?.next(({ type }) => type === 'money');
  const [before, seen] = [heard(hers), his?.heard.length ?? 0];
  await post(`/api/payouts/${payoutId}/approve`, operator, {});
  while (heard(hers) === before) await get('/api/session', miaCookie);
  // Messages come in order: what was sent to him before his credit is there when his credit is.
  await appliance.addCredit(operator, bob.personId, 5);
  const lately = () => his?.heard.slice(seen).map(({ type }) => type) ?? [];
  while (!lately().includes('balance')) await get('/api/session', bobCookie);
  t.notOk(lately().slice(0, lately().indexOf('balance')).includes('money'), 'what is hers is nobody else’s news');
  await post(`/api/payouts/${payoutId}/reject`, operator, { note: 'test' });
});

t.test('files: history with its balance, reports by day, model and client', async (t) => {
  const history = await get<string>('/api/history.csv?kind=voucher,refund', alexCookie);
  t.match(history.headers, { 'content-type': /text\/csv/, 'content-disposition': /history\.csv/ });
  const [head, first] = history.body.split('\r\n');
  t.equal(head, 'time,kind,amount,balance,currency,call,unit,reason,transfer');
  t.match(first, /^20.*Z,refund,2\.00,\d+\.00,EUR,\d+,\d,(sorry|dropped),\d+$/);
  t.match(await get(`/api/history?personId=${alex.personId}&limit=1`, operator), { body: { lines: { length: 1 } } });
  const report = await get<{ total: { turnoverMinor: number } }>('/api/reports?by=model', operator);
  t.match(report.body, { rows: [{ person: { displayName: 'Mia' }, calls: 3, payoutsMinor: 1_001 }] });
  t.match(await get('/api/reports?by=client&zone=Asia/Tokyo', operator), { status: 200 });
  t.match(
    (await get<string>('/api/reports.csv?by=day', operator)).body,
    /^day,calls,turnover,.*\r\n\d{4}-\d\d-\d\d,3,40\.00,/,
  );
  t.match(await get('/api/reports?by=nothing', operator), { status: 400 });
});

t.test('bonuses and corrections are told from what was paid', async (t) => {
  const credit = { key: key(), amountMinor: 50, reason: 'welcome', kind: 'bonus' };
  t.match(await post(`/api/people/${bob.personId}/credit`, operator, credit), { status: 200 });
  const fix = { key: key(), amountMinor: -50, reason: 'mistake' };
  t.match(await post(`/api/people/${bob.personId}/adjustment`, operator, fix), { status: 200 });
  t.match(
    await post(`/api/people/${bob.personId}/adjustment`, operator, { ...fix, key: key(), amountMinor: -1_000_000 }),
    {
      body: { code: 'balance_too_low' },
    },
  );
  t.match(await get('/api/history', bobCookie), { body: { lines: [{ kind: 'adjustment' }, { kind: 'bonus' }] } });
});

const program = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');
const parlour = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', PARLOUR_DATA: appliance.data },
  });

t.test('a tip over the API: given back once, by whom it is theirs to, with a line in the audit log', async (t) => {
  const callId = await chargedCall(alex.personId, 1);
  const people = { clientId: alex.personId, modelId: mia.personId, callId, sharePercent: 60, keepMinor: toMinor(0) };
  await ledger.tip({ ...people, amountMinor: toMinor(250), key: 'tip-over-api' });
  const [tip] = (await get<CallRefunds>(`/api/calls/${callId}/refunds`, miaCookie)).body.tips;
  t.match(tip, { amountMinor: 250, refund: null, isRefundable: true });
  t.match((await get<CallRefunds>(`/api/calls/${callId}/refunds`, alexCookie)).body.tips, [{ isRefundable: false }]);
  const url = `/api/calls/${callId}/tips/${tip?.transferId}/refund`;
  const before = await balance(alexCookie);
  t.match(await post(url, alexCookie, { reason: 'x' }), { status: 403 });
  t.match(await post(url, miaCookie, { reason: '' }), { status: 400 });
  t.match(await post(url, miaCookie, { reason: 'x', amountMinor: 900 }), { status: 400 });
  t.match(await post(`/api/calls/${callId}/tips/999999/refund`, operator, { reason: 'x' }), {
    status: 409,
    body: { code: 'refund_nothing' },
  });
  for (const cookie of [miaCookie, miaCookie, operator]) {
    t.match(await post(url, cookie, { reason: 'a slip' }), { status: 200, body: { tips: [{ isRefundable: false }] } });
  }
  t.equal(await balance(alexCookie), before + 250);
  const { entries } = (await get<AuditEntries>('/api/audit?action=tip_refunded', operator)).body;
  t.match(entries[0], { detail: { reason: 'a slip' } });
  t.match((await get('/api/calls', alexCookie)).body, { calls: [{ callId, tipsMinor: 0, refundedMinor: 0 }] });
});

t.test('an operator is made, and let in again, at the machine alone: parlour user make', async (t) => {
  const elsewhere = { status: 403, body: { code: 'at_the_machine' } };
  const third = { role: 'operator', username: 'third', displayName: 'Third' };
  t.match(await post('/api/people', operator, third), elsewhere);
  const made = parlour('user', 'make', 'operator', 'third', 'Third One');
  t.match(made, { status: 0, stderr: /Signs in Third One \(operator\)/ }, made.stderr);
  const cookie = await appliance.signIn(made.stdout.trim());
  const me = (await get<{ personId: number }>('/api/session', cookie)).body;
  t.match(me, { role: 'operator', displayName: 'Third One' });
  t.match(await post(`/api/people/${me.personId}/sign-in-link`, operator), elsewhere);
  t.match(await post(`/api/people/${me.personId}/reset`, operator), elsewhere);
  t.match((await get<AuditEntries>('/api/audit?action=person_made&limit=1', operator)).body.entries, [
    { actor: null, person: { displayName: 'Third One' }, detail: { role: 'operator', by: 'parlour user' } },
  ]);
  t.match(parlour('user', 'make', 'operator', 'third', 'Again'), { status: 1, stderr: /This user name is taken/ });
  t.match(parlour('user', 'make', 'boss', 'fourth', 'X'), { status: 1, stderr: /role/ });
  t.match(parlour('user', 'make', 'client', 'Two Words', 'X'), { status: 1, stderr: /username/ });
});

t.test('a second way in: parlour user link, while the appliance runs', async (t) => {
  const { status, stdout } = parlour('user', 'link', 'Boss');
  t.equal(status, 0);
  const cookie = await appliance.signIn(stdout.trim());
  t.match(await get('/api/studio', cookie), { status: 200 });
  t.match(parlour('user', 'link', 'nobody'), { status: 1, stderr: /nobody with the user name/ });
});

t.test('parlour ledger verify: while the appliance runs, after it was killed, and after an edit', async (t) => {
  const running = parlour('ledger', 'verify');
  t.match(running, { status: 0, stdout: /sums right\nchain intact/ }, running.stderr);
  const head = /head (\S+)/.exec(running.stdout)?.[1] as string;
  t.match(await post('/api/ledger/check', operator), {
    body: { isChainIntact: true, head: { hash: head.split(':')[1] } },
  });
  t.match(await get('/api/studio', operator), { body: { ledgerBalanced: true, ledger: { isChainIntact: true } } });
  t.match(parlour('ledger', 'verify', '--witness', head), { status: 0, stdout: /witness stands/ });
  t.match(parlour('ledger', 'verify', '--witness', `${head.slice(0, -4)}0000`), {
    status: 1,
    stdout: /witness BROKEN/,
  });
  t.match(parlour('ledger', 'verify', '--witness', 'x'), { status: 1, stderr: /Allowed is/ });

  await store.main.script(
    `set session_replication_role = replica; update ledger_transfer set reason = 'edited' where id = 1;
     set session_replication_role = default`,
  );
  t.match(parlour('ledger', 'verify'), { status: 1, stdout: /chain BROKEN: Batch 1 \(transfers 1 to 1/ });
  t.match(await post('/api/ledger/check', operator), { body: { isChainIntact: false } });
  const { body } = await get<Studio>('/api/studio', operator);
  t.match(body.alarms, [{ code: 'chain_broken' }, { code: 'payment_needs_operator' }]);
  t.match((await get<string>('/api/metrics', operator)).body, /parlour_ledger_chain_intact 0/);
  t.match(appliance.log, /ALARM: the chain is broken/);
});

t.test('a read-only database: the operator reads it, nothing is lost, and it is over when it is over', async (t) => {
  const readOnly = async (is: boolean) => {
    await store.main.query(`alter system set default_transaction_read_only = ${is ? 'on' : 'off'}`);
    await store.main.query('select pg_reload_conf()');
  };
  await readOnly(true);
  const studio = async () => (await get<Studio>('/api/studio', operator)).body;
  let state = await studio();
  while (state.database.isWritable) state = await studio();
  t.match(state.alarms, [{}, { code: 'database_read_only' }, {}]);
  t.match(await appliance.addCredit(operator, bob.personId, 100, 'key-while-read-only'), { status: 503 });
  await readOnly(false);
  while (!state.database.isWritable) state = await studio();
  t.match(await appliance.addCredit(operator, bob.personId, 100, 'key-while-read-only'), { status: 200 });
});

t.test('beside no appliance the command starts the database itself, and stops it again', async (t) => {
  await store.close();
  await appliance.killTree();
  t.match(parlour('ledger', 'verify'), { status: 1, stdout: /chain BROKEN: Batch 1 / });
  t.equal(readPostmaster(path.join(appliance.data, 'postgres')), null, 'nothing is left running');
});

t.test('payments that are set up by half stop the start with a sentence', async (t) => {
  const start = (environment: Record<string, string>) =>
    spawnSync(process.execPath, [program, 'start'], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        PARLOUR_DATA: appliance.data,
        PARLOUR_FRONT_PORT: '0',
        PARLOUR_MEDIA_UDP_PORT: '0',
        ...environment,
      },
    });
  t.match(start({ PARLOUR_PAYMENTS_BTCPAY_URL: 'https://pay.example' }), {
    status: 78,
    stderr: /BTCPay Server is set up by half: payments\.btcpayStoreId, .* is missing/,
  });
  t.match(start({ PARLOUR_PAYMENTS_WEBHOOK_SECRET: 'short' }), { status: 78, stderr: /"payments.webhookSecret"/ });
});
