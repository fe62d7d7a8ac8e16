// What the port decides without a database: cookies, addresses, certificates, files of tables, and what a request may hold.
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import cookie from '@fastify/cookie';
import FakeTimers from '@sinonjs/fake-timers';
import fastify from 'fastify';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { SESSION_MS } from '../../server/accounts/index.ts';
import {
  AddCredit,
  Adjust,
  CheckSettings,
  DisplayName,
  FROM_PAGE,
  faultOfTexts,
  HUB_MESSAGE_BYTES_MAX,
  MakePerson,
  MakeVouchers,
  PageQuery,
  PersonParams,
  Profile,
  RefundCall,
  RequestPayout,
  SetAvailability,
  SetMarks,
  SetPassword,
  SetPush,
  SetShare,
  Suspend,
} from '../../server/contract/index.ts';
import { isLoopback, networkUrls } from '../../server/front/addresses.ts';
import { Amount, type Cell, sendCsv } from '../../server/front/api/csv.ts';
import { clearSessionCookie, sessionToken, setSessionCookie } from '../../server/front/api/session.ts';
import { ensureCertificate } from '../../server/front/certificate.ts';
import { valuesOf } from '../../server/front/text-values.ts';
import { nested } from '../support/nested.ts';
import { quiet, temporaryFolder } from '../support/store.ts';

const TOKEN = 'a'.repeat(43);
const DAY_MS = 86_400_000;
const LEAF_DAYS = 800;
const RENEW_DAYS = 60;

// ---- the session's cookie -----------------------------------------------------------------------------------------

t.test(
  'the cookie is closed to scripts and other sites, goes over TLS only, and lasts as long as the session',
  async (t) => {
    const app = fastify();
    t.teardown(() => app.close());
    await app.register(cookie);
    app.get('/in', async (_request, reply) => void setSessionCookie(reply, TOKEN));
    app.get('/out', async (_request, reply) => void clearSessionCookie(reply));
    const flags = { path: '/', httpOnly: true, secure: true, sameSite: 'Strict' };
    const [signedIn] = (await app.inject('/in')).cookies;
    t.match(signedIn, { name: '__Host-parlour_session', value: TOKEN, maxAge: SESSION_MS / 1_000, ...flags });
    const [signedOut] = (await app.inject('/out')).cookies;
    t.match(signedOut, { name: '__Host-parlour_session', value: '', ...flags });
    t.equal(signedOut?.expires?.getTime(), 0, 'it ended long ago');
  },
);

t.test('the token is read from its own cookie, in its form', async (t) => {
  t.equal(sessionToken(`x=1; __Host-parlour_session=${TOKEN}`), TOKEN);
  for (const header of [
    undefined,
    `session=${TOKEN}`,
    `__Host-parlour_session=${TOKEN}a`,
    `__Host-parlour_session=${TOKEN.slice(1)}`,
    `__Host-parlour_session=${TOKEN.slice(1)}'`,
  ]) {
    t.equal(sessionToken(header), null, header ?? 'no header');
  }
});

// ---- addresses ----------------------------------------------------------------------------------------------------

t.test('the machine itself is told from the network', async (t) => {
  for (const host of ['localhost', 'LOCALHOST:8443', '127.9.9.9:1', '[::1]:8443']) t.ok(isLoopback(host), host);
  for (const host of ['127.example.org', 'localhost.example.org', '128.0.0.1']) t.notOk(isLoopback(host), host);
});

t.test('other devices are sent to names and addresses of the network, and to no pattern', async (t) => {
  const urls = networkUrls(['*.example.org', 'fd00::7', 'localhost', 'calls.example.org'], 8443);
  t.same(urls.slice(0, 2), ['https://[fd00::7]:8443', 'https://calls.example.org:8443']);
  t.notOk(urls.some((url) => isLoopback(new URL(url).host)));
});

// ---- certificates -------------------------------------------------------------------------------------------------

t.test('a certificate is made once, and its keys are read by their owner only', async (t) => {
  const data = temporaryFolder('certificate');
  t.teardown(() => fs.rmSync(data, { recursive: true }));
  const { keyFile, certFile } = await ensureCertificate(data, [], quiet);
  const modeOf = (file: string) => fs.statSync(file).mode & 0o777;
  t.equal(modeOf(keyFile), 0o600);
  t.equal(modeOf(path.join(data, 'tls/authority.key')), 0o600);
  t.equal(modeOf(path.join(data, 'tls')), 0o700);
  const made = fs.readFileSync(certFile, 'utf8');
  await ensureCertificate(data, [], quiet);
  t.equal(fs.readFileSync(certFile, 'utf8'), made);
});

t.test('a certificate is made anew for a new name', async (t) => {
  const data = temporaryFolder('certificate');
  t.teardown(() => fs.rmSync(data, { recursive: true }));
  await ensureCertificate(data, [], quiet);
  const { certFile } = await ensureCertificate(data, ['calls.example.org', '192.0.2.7'], quiet);
  const leaf = new X509Certificate(fs.readFileSync(certFile));
  t.ok(leaf.checkHost('calls.example.org'));
  t.ok(leaf.checkIP('192.0.2.7'));
});

t.test('a certificate is made anew sixty days before its end, and not before', async (t) => {
  const data = temporaryFolder('certificate');
  t.teardown(() => fs.rmSync(data, { recursive: true }));
  const clock = FakeTimers.install({ now: Date.UTC(2026, 10, 22), toFake: ['Date'] });
  t.teardown(() => clock.uninstall());
  const serialAfter = async (ms: number) => {
    clock.setSystemTime(Date.now() + ms);
    const { certFile } = await ensureCertificate(data, [], quiet);
    return new X509Certificate(fs.readFileSync(certFile)).serialNumber;
  };
  const first = await serialAfter(0);
  t.equal(await serialAfter((LEAF_DAYS - RENEW_DAYS - 1) * DAY_MS), first);
  t.not(await serialAfter(2 * DAY_MS), first);
});

// ---- tables as files ----------------------------------------------------------------------------------------------

async function csvOf(cell: Cell | Amount): Promise<string> {
  const app = fastify();
  app.get('/', (_request, reply) => sendCsv(reply, 'table', ['head'], [[cell]]));
  const { body } = await app.inject('/');
  await app.close();
  return body.replace(/^head\r\n/, '').replace(/\r\n$/, '');
}

t.test('no text of people becomes a formula, and amounts stay numbers', async (t) => {
  for (const sign of ['=', '+', '-', '@']) t.equal(await csvOf(`${sign}1+1`), `'${sign}1+1`, sign);
  for (const sign of ['\t', '\r']) t.ok((await csvOf(`${sign}=1`)).includes(`'${sign}`), JSON.stringify(sign));
  t.equal(await csvOf(new Amount('-1.50')), '-1.50');
  t.equal(await csvOf(-5), '-5');
  t.equal(await csvOf(null), '');
});

t.test('quotes, commas and line ends stay inside their cell (RFC 4180)', async (t) => {
  t.equal(await csvOf('a "b"'), '"a ""b"""');
  t.equal(await csvOf('a,b'), '"a,b"');
  t.equal(await csvOf('a\nb'), '"a\nb"');
  t.equal(await csvOf('plain'), 'plain');
});

// ---- what a request may hold --------------------------------------------------------------------------------------

const takes = (schema: TSchema, good: object) => {
  const validator = Compile(schema);
  return (change: object) => validator.Check({ ...good, ...change });
};
const KEY = 'key-12345678';

/** Each: a schema, a request that it takes, then changes that it takes and changes that it refuses. */
const REQUESTS: readonly [name: string, schema: TSchema, good: object, taken: object[], refused: object[]][] = [
  [
    'a new person',
    MakePerson,
    { role: 'client', username: 'alex', displayName: 'Alex' },
    [
      { username: 'abc' },
      { username: 'a'.repeat(32) },
      { username: '0.a_b-c' },
      { displayName: 'x'.repeat(64) },
      { role: 'operator' },
    ],
    [
      { username: 'ab' },
      { username: 'a'.repeat(33) },
      { username: 'deleted:7' },
      { username: 'Alex' },
      { username: '_ab' },
      { displayName: ' ' },
      { displayName: 'x'.repeat(65) },
      { role: 'owner' },
      { isStaff: true },
    ],
  ],
  [
    'a password',
    SetPassword,
    { password: 'x'.repeat(10) },
    [{ password: 'x'.repeat(256) }],
    [{ password: 'x'.repeat(9) }, { password: 'x'.repeat(257) }, { personId: 1 }],
  ],
  [
    'a profile',
    Profile,
    { rateMinor: 1, minimumMin: 0, about: '', languages: [], tags: [] },
    [{ rateMinor: 1_000_000 }, { minimumMin: 60 }],
    [
      { rateMinor: 0 },
      { rateMinor: 1.5 },
      { rateMinor: 1_000_001 },
      { minimumMin: -1 },
      { minimumMin: 61 },
      { share: 1 },
    ],
  ],
  [
    'hours',
    SetAvailability,
    { hours: 1 },
    [{ hours: 0 }, { hours: 12 }],
    [{ hours: -1 }, { hours: 13 }, { hours: 1.5 }],
  ],
  [
    'a share',
    SetShare,
    { sharePercent: 50 },
    [{ sharePercent: null }, { sharePercent: 0 }, { sharePercent: 100 }],
    [{ sharePercent: 101 }, { sharePercent: -1 }],
  ],
  [
    'credit',
    AddCredit,
    { key: KEY, amountMinor: 1, reason: 'x' },
    [{ amountMinor: 100_000_000 }, { kind: 'bonus' }],
    [
      { amountMinor: 0 },
      { amountMinor: -1 },
      { amountMinor: 1.5 },
      { amountMinor: 100_000_001 },
      { kind: 'payment' },
      { key: 'short-1' },
      { key: 'not a key' },
      { reason: ' ' },
      { personId: 1 },
    ],
  ],
  [
    'a correction',
    Adjust,
    { key: KEY, amountMinor: -1, reason: 'x'.repeat(200) },
    [{ amountMinor: -100_000_000 }],
    [{ reason: 'x'.repeat(201) }, { amountMinor: -100_000_001 }, { kind: 'bonus' }],
  ],
  [
    'a payout',
    RequestPayout,
    { key: KEY, amountMinor: 1, destination: 'account' },
    [{ amountMinor: 1_000_000_000 }],
    [{ amountMinor: 0 }, { amountMinor: 1.5 }, { amountMinor: 1_000_000_001 }, { state: 'paid' }],
  ],
  [
    'vouchers',
    MakeVouchers,
    { key: KEY, count: 1_000, amountMinor: 1, label: 'May' },
    [{ validDays: 1 }],
    [{ count: 1_001 }, { count: 0 }, { validDays: 0 }, { amountMinor: 0 }],
  ],
  [
    'a refund',
    RefundCall,
    { units: 'all', reason: 'x' },
    [{ units: [0, 1] }],
    [{ units: [] }, { units: [-1] }, { units: [1, 1] }],
  ],
  ['a suspension', Suspend, { reason: 'x' }, [], [{ reason: '' }, { reason: ' ' }, { until: 'x' }]],
  ['marks', SetMarks, { isVerified: true, isStaff: false }, [], [{ isStaff: 1 }, { role: 'operator' }]],
  ['a page of a list', PageQuery, {}, [{ limit: 100 }], [{ limit: 101 }, { limit: 0 }, { before: 0 }, { personId: 1 }]],
  ['settings to check', CheckSettings, { text: 'x'.repeat(20_000) }, [], [{ text: 'x'.repeat(20_001) }, { file: 'x' }]],
  [
    'a browser',
    SetPush,
    { endpoint: 'https://push.example/x', keys: { p256dh: 'a'.repeat(87), auth: 'a'.repeat(22) } },
    [],
    [{ endpoint: 'http://push.example/x' }, { endpoint: `https://${'x'.repeat(2_048)}` }, { keys: {} }, { extra: 1 }],
  ],
  [
    'a tip',
    FROM_PAGE['call.tip'],
    { id: 1, type: 'call.tip', callId: 1, amountMinor: 1, key: KEY },
    [{ amountMinor: 10_000_000 }],
    [{ amountMinor: 0 }, { amountMinor: -1 }, { amountMinor: 10_000_001 }, { id: 0 }, { clientId: 1 }],
  ],
  [
    'a text',
    FROM_PAGE['message.send'],
    { id: 1, type: 'message.send', personId: 1, text: 'x'.repeat(1_000), key: KEY },
    [],
    [{ text: 'x'.repeat(1_001) }, { text: ' ' }, { authorId: 1 }],
  ],
  [
    'an SDP',
    FROM_PAGE['media.answer'],
    { id: 1, type: 'media.answer', legId: 1, sdp: 'x'.repeat(64 * 1024) },
    [],
    [{ sdp: 'x'.repeat(64 * 1024 + 1) }, { sdp: '' }],
  ],
  ['a ring', FROM_PAGE['call.ring'], { id: 1, type: 'call.ring', modelId: 1 }, [], [{ rateMinor: 1 }, { modelId: 0 }]],
];

for (const [name, schema, good, taken, refused] of REQUESTS) {
  t.test(`what ${name} may hold`, async (t) => {
    const isTaken = takes(schema, good);
    for (const change of [{}, ...taken]) t.ok(isTaken(change), `taken: ${JSON.stringify(change).slice(0, 80)}`);
    for (const change of refused) t.notOk(isTaken(change), `refused: ${JSON.stringify(change).slice(0, 80)}`);
  });
}

t.test('a text that no database keeps or no page shows as it is, is found wherever it stands', async (t) => {
  const FAULTS: readonly (readonly [unknown, RegExp])[] = [
    [{ a: [{ b: 'x\u0000' }] }, /control character U\+0000/],
    [{ a: 'red\u001b[31m' }, /control character U\+001B/],
    [['a\u009bb'], /control character U\+009B/],
    [{ 'a\u0000': 1 }, /control character U\+0000/],
    ['abc\u202exyz', /U\+202E, which turns the direction/],
    ['abc\u2067xyz', /U\+2067, which turns the direction/],
    [{ reason: 'a\ud800b' }, /well-formed Unicode/],
    [{ reason: '\udc00' }, /well-formed Unicode/],
    [nested(17), /not be nested deeper than 16/],
    [nested(60_000), /not be nested deeper than 16/],
  ];
  for (const [value, fault] of FAULTS) t.match(faultOfTexts(value) ?? 'no fault', fault);
  const GOOD = [
    { a: ['x'], b: null, c: 0 },
    { picture: Buffer.from([0]) },
    'two\r\nlines\tand a tab',
    '👩‍👩‍👧 日本 שלום',
    nested(16),
  ];
  for (const value of GOOD) t.equal(faultOfTexts(value), null);
  t.equal(HUB_MESSAGE_BYTES_MAX, 80 * 1024);
});

t.test('a number in a path or a query is written as one, and no other text becomes one', async (t) => {
  const params = (personId: unknown) => valuesOf(PersonParams, { personId });
  t.same(params('10'), { personId: 10 });
  for (const text of ['10.9', '10.0', '0x0a', '1e1', ' 10', '10 ', '+10', '010', '', 'true', '10abc', '٣'])
    t.same(params(text), { personId: text }, JSON.stringify(text));
  t.same(valuesOf(PageQuery, { before: '5', limit: ['1', '2'], other: '7' }), {
    before: 5,
    limit: ['1', '2'],
    other: '7',
  });
});

t.test('a name is one line, and can be seen', async (t) => {
  const validator = Compile(DisplayName);
  const isName = (name: string) => validator.Check(name);
  for (const name of ['Mia', 'M', '日本', 'Ana María', '👩‍👧', '…']) t.ok(isName(name), name);
  for (const name of ['', ' ', '\u200b', '\u200d\u2060', 'a\nb', 'a\tb', '\r'])
    t.notOk(isName(name), JSON.stringify(name));
});
