import { createHmac } from 'node:crypto';
import t from 'tap';
import { toMinor } from '../../server/contract/index.ts';
import { openProviders } from '../../server/payments/open-providers.ts';
import { isSigned } from '../../server/payments/signature.ts';
import { SignedWebhook } from '../../server/payments/signed-webhook.ts';
import { loadSettings } from '../../server/settings/index.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const NOW_S = 1_800_000_000;
const EUR = { code: 'EUR', minorDigits: 2 };
const bytes = (text: string) => Buffer.from(text);
const hmac = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('hex');
const header = (text: string, atS = NOW_S, secret = SECRET) => `t=${atS},v1=${hmac(`${atS}.${text}`, secret)}`;
const accepts = (value: string | undefined, text = 'body') => isSigned(value, bytes(text), SECRET, NOW_S * 1_000);

t.test('a signature is over the time and the exact bytes, with the secret', async (t) => {
  t.equal(accepts(header('body')), true);
  t.equal(accepts(header('body'), 'body '), false, 'one byte more');
  t.equal(accepts(header('body', NOW_S, 'another secret')), false);
  t.equal(accepts(header('body').replace(`t=${NOW_S}`, `t=${NOW_S + 1}`)), false, 'another time');
  t.equal(accepts(`t=${NOW_S},v1=${hmac('body')}`), false, 'without the time');
  t.equal(accepts(`t=${NOW_S},v1=${hmac(`${NOW_S}.`)}`), false, 'without the body');
});

t.test('a signature is good for five minutes, before and after', async (t) => {
  for (const ageS of [-300, 0, 300]) t.equal(accepts(header('body', NOW_S - ageS)), true, `${ageS} s`);
  for (const ageS of [-301, 301]) t.equal(accepts(header('body', NOW_S - ageS)), false, `${ageS} s`);
});

t.test('while a secret is exchanged each signature is read', async (t) => {
  const [old, good] = [hmac(`${NOW_S}.body`, 'the old secret'), hmac(`${NOW_S}.body`)];
  t.equal(accepts(`t=${NOW_S},v1=${old},v1=${good}`), true);
  t.equal(accepts(`t=${NOW_S},v1=${good},v1=${old}`), true);
  t.equal(accepts(`t=${NOW_S},v1=${old},v1=${old}`), false);
  t.equal(accepts(`t=${NOW_S},v0=${good}`), false, 'under another name');
});

t.test('a header that is no signature is refused', async (t) => {
  const broken = [
    undefined,
    '',
    `t=${NOW_S}`,
    `t=${NOW_S},v1=zz`,
    `v1=${hmac('undefined.body')}`,
    `t=now,v1=${hmac('now.body')}`,
  ];
  for (const value of broken) t.equal(accepts(value), false, String(value));
});

const webhook = (checkoutUrl = '', currency = EUR) =>
  new SignedWebhook({ secret: SECRET, label: 'Card', checkoutUrl }, currency);
const paid = { id: 'card-1', state: 'settled', amountMinor: 700, currency: 'EUR', username: 'bob' };
const read = (body: unknown, value?: string) => {
  const text = JSON.stringify(body);
  const headers = { 'parlour-signature': value ?? header(text) };
  return webhook().read({ headers, body: bytes(text), nowMs: NOW_S * 1_000 });
};

t.test('what a provider sends is read as it is signed', async (t) => {
  t.match(await read(paid), {
    externalId: 'card-1',
    state: 'settled',
    amountMinor: 700,
    paymentId: null,
    username: 'bob',
  });
  t.match(await read({ ...paid, username: undefined, paymentId: 5 }), { paymentId: 5, username: null });
  await t.rejects(read(paid, header('another body')), { code: 'bad_signature' });
});

t.test('what a provider sends is refused when it cannot be credited', async (t) => {
  await t.rejects(read({ ...paid, currency: 'USD' }), { code: 'malformed' }, 'another currency');
  await t.rejects(read({ ...paid, username: undefined }), { code: 'malformed' }, 'for nobody');
  await t.rejects(read({ ...paid, paymentId: 5 }), { code: 'malformed' }, 'for two');
  await t.rejects(read({ ...paid, state: 'paid' }), { code: 'malformed' }, 'a state that does not exist');
});

t.test('a checkout is an address with the payment in it', async (t) => {
  const order = { paymentId: 5, amountMinor: toMinor(1_234), returnUrl: 'https://here/?a=1&b=2' };
  const template = 'https://pay.example/?id={paymentId}&sum={amount}{currency}&back={returnUrl}&{other}';
  const url = async (currency: typeof EUR) => (await webhook(template, currency).checkout?.(order))?.checkoutUrl;
  const back = 'https%3A%2F%2Fhere%2F%3Fa%3D1%26b%3D2';
  t.equal(await url(EUR), `https://pay.example/?id=5&sum=12.34EUR&back=${back}&{other}`);
  t.equal(await url({ code: 'JPY', minorDigits: 0 }), `https://pay.example/?id=5&sum=1234JPY&back=${back}&{other}`);
  t.equal(webhook().checkout, null, 'without an address there is none');
});

const providersOf = (payments: object) =>
  openProviders(loadSettings({ environment: {}, overrides: { payments } })).map(({ name }) => name);
const BTCPAY = {
  btcpayUrl: 'https://btcpay.example',
  btcpayStoreId: 'Store1',
  btcpayApiKey: 'key',
  btcpayWebhookSecret: 'secret',
};

t.test('the providers are those that the settings name whole', async (t) => {
  t.same(providersOf({}), []);
  t.same(providersOf({ ...BTCPAY, webhookSecret: SECRET }), ['btcpay', 'webhook']);
  for (const key of Object.keys(BTCPAY)) {
    t.throws(() => providersOf({ ...BTCPAY, [key]: '' }), { name: 'SettingsError', message: key }, `without ${key}`);
  }
  t.throws(() => providersOf({ btcpayUrl: BTCPAY.btcpayUrl }), { name: 'SettingsError' });
  t.throws(() => providersOf({ webhookCheckoutUrl: 'https://pay.example' }), { name: 'SettingsError' });
});
