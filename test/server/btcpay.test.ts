import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { toMinor } from '../../server/contract/index.ts';
import { BtcPay } from '../../server/payments/btcpay.ts';
import { BtcPayDouble, type Invoice } from '../support/btcpay-double.ts';

const double = new BtcPayDouble();
await double.start();
t.teardown(() => double.stop());

const EUR = { code: 'EUR', minorDigits: 2 };
const provider = (currency = EUR, btcpayUrl = double.url) =>
  new BtcPay(
    {
      btcpayUrl,
      btcpayStoreId: double.storeId,
      btcpayApiKey: double.apiKey,
      btcpayWebhookSecret: double.webhookSecret,
      label: 'Bitcoin',
    },
    currency,
  );
const order = { paymentId: 5, amountMinor: toMinor(1_234), returnUrl: 'https://here/payments/5' };
/** An invoice for the order, with what is changed of it. */
async function invoiceWith(change: Partial<Invoice> = {}): Promise<Invoice> {
  const { externalId } = await provider().checkout(order);
  return Object.assign(double.invoices.get(externalId) as Invoice, change);
}
const asked = async (change: Partial<Invoice>, currency = EUR) =>
  provider(currency).ask((await invoiceWith(change)).id);
const read = (delivery: { text: string; headers: Record<string, string> }) => {
  const headers = Object.fromEntries(
    Object.entries(delivery.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return provider().read({ headers, body: Buffer.from(delivery.text), nowMs: 0 });
};

/** A server that gives every request the same answer. @returns its address, and the paths it was asked for */
async function serverOf(t: Test, status: number, body: unknown, headers: Record<string, string> = {}) {
  const paths: string[] = [];
  const server = http.createServer((request, response) => {
    paths.push(String(request.url));
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

t.test('a checkout is an invoice over the amount, in the currency of the books', async (t) => {
  const { externalId, checkoutUrl } = await provider().checkout(order);
  const invoice = double.invoices.get(externalId);
  t.match(invoice, { amount: '12.34', currency: 'EUR', metadata: { orderId: 'parlour-5' } });
  t.equal(checkoutUrl, invoice?.checkoutLink);
  const yen = await provider({ code: 'JPY', minorDigits: 0 }).checkout(order);
  t.match(double.invoices.get(yen.externalId), { amount: '1234', currency: 'JPY' });
});

t.test('an invoice without a page is no checkout', async (t) => {
  const invoice = { id: 'Invoice1', status: 'New', amount: '12.34', currency: 'EUR' };
  const { url } = await serverOf(t, 200, invoice);
  await t.rejects(provider(EUR, url).checkout(order), { code: 'provider_unavailable' });
});

t.test('each status of an invoice has its state', async (t) => {
  const states = [];
  for (const status of ['New', 'Processing', 'Settled', 'Expired', 'Invalid'] as const)
    states.push((await asked({ status }))?.state);
  t.same(states, ['open', 'pending', 'settled', 'expired', 'failed']);
});

t.test('the amount is that of the invoice, in the minor unit of the books', async (t) => {
  t.match(await asked({ amount: '25.00' }), { amountMinor: 2_500 });
  t.match(await asked({ amount: '1.234', currency: 'KWD' }, { code: 'KWD', minorDigits: 3 }), { amountMinor: 1_234 });
});

t.test('an invoice for something else than our credit is passed over', async (t) => {
  t.equal(await asked({ currency: 'USD' }), null, 'another currency');
  t.equal(await asked({ amount: '0.00' }), null, 'over nothing');
  t.equal(await provider().ask('InvoiceOfNobody'), null, 'not there');
});

t.test('an order of a web shop on the same store names no payment of ours', async (t) => {
  t.match(await asked({ metadata: { orderId: 'parlour-7' } }), { paymentId: 7 });
  for (const orderId of ['7', 'web-shop7', 7]) t.match(await asked({ metadata: { orderId } }), { paymentId: null });
});

t.test('what was paid too much or too little is for an operator', async (t) => {
  t.match(await asked({ additionalStatus: 'PaidOver' }), { trouble: /more than the invoice/ });
  t.match(await asked({ additionalStatus: 'PaidPartial' }), { trouble: /only a part/ });
  t.match(await asked({ additionalStatus: 'None' }), { trouble: null });
});

t.test('a server that fails, or sends what is no invoice, is unavailable', async (t) => {
  const { id } = await invoiceWith();
  double.broken.add(id);
  await t.rejects(provider().ask(id), { code: 'provider_unavailable' });
  const { url } = await serverOf(t, 200, { status: 'Settled' });
  await t.rejects(provider(EUR, url).ask('Invoice1'), { code: 'provider_unavailable' });
});

t.test('the key goes to no other address', async (t) => {
  const elsewhere = await serverOf(t, 200, {});
  const { url, paths } = await serverOf(t, 302, {}, { Location: elsewhere.url });
  await t.rejects(provider(EUR, url).ask('Invoice1'), { code: 'provider_unavailable' });
  t.same([paths.length, elsewhere.paths], [1, []]);
});

t.test('a delivery is a hint: the invoice itself is asked', async (t) => {
  const { id } = await invoiceWith({ status: 'Processing' });
  t.match(await read(double.delivery('InvoiceSettled', id)), { externalId: id, state: 'pending' });
});

t.test('a delivery for another store, or of nothing, is passed over', async (t) => {
  const { id } = await invoiceWith({ status: 'Settled' });
  t.equal(await read(double.delivery('InvoiceSettled', id, { storeId: 'Other' })), null);
  t.match(await read(double.delivery('InvoiceSettled', id, { storeId: undefined })), { state: 'settled' });
  t.equal(await read(double.delivery('Ping', id, { invoiceId: undefined })), null);
});

t.test('a delivery that is forged or has another shape is refused', async (t) => {
  const { id } = await invoiceWith({ status: 'Settled' });
  const { text, headers } = double.delivery('InvoiceSettled', id);
  await t.rejects(read({ text: `${text} `, headers }), { code: 'bad_signature' });
  await t.rejects(read({ text, headers: {} }), { code: 'bad_signature' });
  await t.rejects(read({ text, headers: { 'BTCPay-Sig': 'sha256=00' } }), { code: 'bad_signature' });
  await t.rejects(read(double.delivery('x', id, { invoiceId: 5 })), { code: 'malformed' });
});
