import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fc from 'fast-check';
import fastify from 'fastify';
import t from 'tap';
import { Compile } from 'typebox/compile';
import {
  ERRORS,
  FROM_PAGE,
  type HubMessage,
  type Tariff,
  toMillis,
  toMinor,
  UserError,
} from '../../server/contract/index.ts';
import { sessionToken } from '../../server/front/api/session.ts';
import { isOwnOrigin } from '../../server/front/origin.ts';
import { registerPages } from '../../server/front/pages.ts';
import { Hub, type PageSocket } from '../../server/hub/index.ts';
import { shareOf } from '../../server/ledger/index.ts';
import { isUsableCandidate, readTransport } from '../../server/media/answer.ts';
import { isRtcp, isRtp, pictureLossIndication } from '../../server/media/webrtc/rtp.ts';
import { applianceOffer, pipeAnswer, withAddress } from '../../server/media/webrtc/sdp.ts';
import { TokenBucket } from '../../server/rates/index.ts';
import { loadSettings, SettingsError } from '../../server/settings/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';

const settings = (overrides: Record<string, unknown>, environment: NodeJS.ProcessEnv = {}) =>
  loadSettings({ environment, overrides });
const complaint = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'no complaint';
};

t.test('settings have a default for everything and cannot be changed', async (t) => {
  const all = settings({});
  t.equal(all.front.port, 8443);
  t.equal(all.money.currency, 'EUR');
  t.throws(() => Object.assign(all.front, { port: 1 }));
});

t.test('a wrong setting is named, with its value and what is allowed', async (t) => {
  t.equal(
    complaint(() => settings({ front: { port: 99_999 } })),
    'Setting "front.port" is 99999: allowed is a whole number from 0 to 65535.',
  );
  t.match(
    complaint(() => settings({}, { PARLOUR_FRONT_PORT: 'abc' })),
    /"front.port" is "abc"/,
  );
  t.match(
    complaint(() => settings({ money: { tariff: 'per_hour' } })),
    /allowed are "per_minute", "per_second"/,
  );
  t.equal(
    complaint(() => settings({ front: { prot: 1 } })),
    'There is no setting "front.prot".',
  );
  t.match(
    complaint(() => settings({}, { PARLOUR_FRONT_PROT: '1' })),
    /PARLOUR_FRONT_PROT .* no such setting/,
  );
  t.match(
    complaint(() => loadSettings({ file: '/nowhere/parlour.toml' })),
    /no settings file/,
  );
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-settings-')), 'parlour.toml');
  fs.writeFileSync(file, '[front\nport = 1');
  t.match(
    complaint(() => loadSettings({ file, environment: {} })),
    /parlour.toml: Invalid TOML/,
  );
  fs.writeFileSync(file, '[front]\nport = 9000\n[money]\ncurrency = "JPY"\nminorDigits = 0\n');
  t.equal(loadSettings({ file, environment: { PARLOUR_FRONT_PORT: '9001' } }).front.port, 9001, 'the environment wins');
});

t.test('rule 7: the share is rounded down, and nothing is lost at any size', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.integer({ min: 0, max: 100 }),
      (amount, percent) => {
        const share = BigInt(shareOf(toMinor(amount), percent));
        const exact = BigInt(amount) * BigInt(percent);
        return share * 100n <= exact && exact < (share + 1n) * 100n;
      },
    ),
  );
});

t.test('rule 7: after each charge the model has the floor of her share of everything charged so far', async (t) => {
  const price = (tariff: Tariff, rate: number, units: number) =>
    tariff === 'per_minute' ? rate * units : Math.ceil((rate * units) / 60);
  let wrong = 0;
  for (let rate = 1; rate <= 1_000; rate++) {
    for (let percent = 0; percent <= 100; percent += 1 + (rate % 7)) {
      for (const tariff of ['per_second', 'per_minute'] as const) {
        let given = 0;
        // A call of 130 units, then the rest of a minimum of five minutes.
        for (let unit = 1; unit <= 130; unit += 1 + (rate % 5)) {
          const before = price(tariff, rate, unit - 1 - (unit === 1 ? 0 : rate % 5));
          const now = price(tariff, rate, unit);
          given += shareOf(toMinor(now - before), percent, toMinor(before));
          if (given !== Math.floor((now * percent) / 100)) wrong += 1;
        }
      }
    }
  }
  t.equal(wrong, 0);
  t.equal(shareOf(toMinor(1), 60, toMinor(1)), 1, 'at a cent a second she gets her part, too');
});

t.test('money and time are whole numbers, or a bug', async (t) => {
  t.throws(() => toMinor(1.5));
  t.throws(() => toMinor(2 ** 53));
  t.equal(toMillis(1.9), 1);
});

t.test('a page belongs to the appliance when scheme, host and port are its own', async (t) => {
  t.ok(isOwnOrigin('https://localhost:8443', 'localhost:8443'));
  for (const origin of [
    'http://localhost:8443',
    'https://localhost',
    'https://localhost:8443.evil.example',
    'null',
    undefined,
  ]) {
    t.notOk(isOwnOrigin(origin, 'localhost:8443'), String(origin));
  }
});

t.test('a session token is read from any Cookie header that has it, and only in its form', async (t) => {
  const token = 'a'.repeat(43);
  t.equal(sessionToken(`x=1; __Host-parlour_session=${token}; y=2`), token);
  for (const header of [
    undefined,
    '',
    '__Host-parlour_session=',
    `__Host-parlour_session=${token}x`,
    '__Host-parlour_session=<script>',
  ]) {
    t.equal(sessionToken(header), null);
  }
});

t.test('a token bucket lets a burst through and then its rate', async (t) => {
  const bucket = new TokenBucket(2, 10, 0);
  t.same(
    [bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(100), bucket.take(100)],
    [true, true, false, true, false],
  );
});

const USABLE_SDP = [
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdefghijkl',
  `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
  'a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0',
  '',
].join('\r\n');

t.test("of a page's SDP only the transport reaches the library, and only when well-formed", async (t) => {
  const page = readTransport(USABLE_SDP);
  if (!page) return void t.fail('not read');
  const answer = pipeAnswer(page, { video: '0', data: '1' });
  t.match(answer, 'a=ice-ufrag:abcd\r\n');
  t.match(answer, 'a=candidate:1 1 udp');
  t.equal(readTransport(USABLE_SDP.replace('abcd', 'ab cd')), null);
  t.equal(readTransport(USABLE_SDP.replace('sha-256', 'sha-1')), null);
  t.equal(readTransport(''), null);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const read = readTransport(text);
      return read === null || !pipeAnswer(read, { video: '0', data: '1' }).includes('\n\n');
    }),
  );
});

t.test('candidates by host name, over TCP or with anything odd are left out', async (t) => {
  t.ok(isUsableCandidate('candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host'));
  t.ok(isUsableCandidate('candidate:1 1 UDP 2122260223 2001:db8::1 50000 typ srflx raddr 0.0.0.0 rport 0'));
  for (const bad of [
    'candidate:1 1 udp 2122260223 6f1c0b1e-0000.local 50000 typ host',
    'candidate:1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active',
    'candidate:1 1 udp 1 192.0.2.7 1 typ host\r\na=evil:1',
    'candidate:1 2 udp 1 192.0.2.7 1 typ host',
    '',
  ]) {
    t.notOk(isUsableCandidate(bad), bad);
  }
  t.equal(
    withAddress('candidate:1 1 UDP 2122 192.0.2.7 8444 typ host', '203.0.113.5'),
    'candidate:1p 1 UDP 2122 203.0.113.5 8444 typ host',
  );
});

t.test('both legs get the same offer but for the transport, and no candidates in it', async (t) => {
  const page = readTransport(USABLE_SDP);
  if (!page) return void t.fail('not read');
  const one = applianceOffer(page, 1);
  const other = applianceOffer({ ...page, ufrag: 'wxyz', candidates: [] }, 2);
  t.equal(one.replace('o=- 1 ', 'o=- 2 '), other.replaceAll('wxyz', 'abcd'));
  t.notMatch(one, /candidate/);
});

t.test('RTP and RTCP are told apart as RFC 5761 says', async (t) => {
  t.ok(isRtcp(pictureLossIndication(7)));
  t.equal(pictureLossIndication(0x01020304).toString('hex'), '81ce00020000000101020304');
  const rtp = Buffer.alloc(20);
  rtp[0] = 0x80;
  rtp[1] = 0x80 | 96;
  t.ok(isRtp(rtp));
  t.notOk(isRtp(Buffer.alloc(5)));
});

/** A hub with one page of which all that it hears is kept. */
function hubWithPage() {
  const log = createLog('error');
  const hub = new Hub(log, createMetrics());
  const heard: HubMessage[] = [];
  const closed: number[] = [];
  const socket: PageSocket = { send: (text) => heard.push(JSON.parse(text)), close: (code) => closed.push(code) };
  const connection = hub.connect(socket, { personId: 1, role: 'client', session: 's', address: '127.0.0.1' });
  heard.length = 0;
  return { hub, heard, closed, connection };
}

t.test('a malformed message gets a typed answer and the socket stays; three in a row close it', async (t) => {
  const { hub, heard, closed, connection } = hubWithPage();
  await hub.receive(connection, '{');
  await hub.receive(connection, '{"type":"call.fly","id":3}');
  t.match(heard, [
    { type: 'error', id: null, error: { code: 'malformed' } },
    { type: 'error', id: 3, error: { code: 'unknown_type' } },
  ]);
  t.same(closed, []);
  await hub.receive(connection, '{"type":"call.ring","id":4,"modelId":1}');
  t.match(heard[2], { id: 4, error: { code: 'unavailable' } }, 'well-formed, though nobody handles it yet');
  for (const text of ['[]', '{"type":"call.ring","id":5,"modelId":-1}']) await hub.receive(connection, text);
  t.same(closed, [], 'a good one between starts the count anew');
  await hub.receive(connection, '{"type":"call.ring","id":6,"modelId":1,"extra":true}');
  t.same(closed, [4400]);
  t.match(heard[4], { id: 5, error: { code: 'malformed', message: 'modelId must be >= 1.' } });
});

t.test('no text whatsoever makes the hub throw', async () => {
  const { hub, connection } = hubWithPage();
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), (text) => hub.receive(connection, text)),
    { numRuns: 1_000 },
  );
});

t.test('a page that floods is refused, not obeyed', async (t) => {
  const { hub, heard, connection } = hubWithPage();
  for (let id = 1; id <= 200; id++)
    await hub.receive(connection, JSON.stringify({ type: 'call.ring', id, modelId: 1 }));
  t.ok(heard.some((message) => message.type === 'error' && message.error.code === 'too_many_requests'));
});

t.test('every message of a page has a schema with its own type, and refuses strangers', async (t) => {
  for (const [type, schema] of Object.entries(FROM_PAGE)) {
    t.notOk(Compile(schema).Check({ type: `${type}x`, id: 1 }), type);
  }
  for (const [code, [status, sentence]] of Object.entries(ERRORS)) {
    t.ok(status >= 400 && status < 600 && sentence.endsWith('.'), code);
  }
});

t.test('pages are sent in the smallest coding that the browser takes', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pages-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const text = 'Parlour. '.repeat(500);
  fs.mkdirSync(path.join(folder, 'assets'));
  for (const name of ['index.html', 'assets/a.js', 'assets/a.png']) fs.writeFileSync(path.join(folder, name), text);
  fs.writeFileSync(path.join(folder, 'small.txt'), 'short');
  for (const name of ['index.html', 'assets/a.js'])
    fs.writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(text)); // as the build does
  for (const name of ['index.html', 'assets/a.js']) fs.writeFileSync(path.join(folder, `${name}.gz`), gzipSync(text));
  fs.writeFileSync(path.join(folder, 'manifest.webmanifest'), '{"name":"Parlour","lang":"en"}');
  const app = fastify();
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof UserError ? error.httpStatus : 500).send(),
  );
  await registerPages(app.withTypeProvider<TypeBoxTypeProvider>(), folder, 'Blue');
  t.teardown(() => app.close());
  const get = (url: string, accept?: string) =>
    app.inject({ url, headers: { ...(accept && { 'accept-encoding': accept }) } });
  const codingOf = async (url: string, accept?: string) => (await get(url, accept)).headers['content-encoding'] ?? null;
  t.equal(await codingOf('/', 'gzip, deflate, br, zstd'), 'br');
  t.equal(await codingOf('/', 'gzip'), 'gzip');
  t.equal(await codingOf('/', 'br;q=0, gzip;q=0.5'), 'gzip', 'one that is refused');
  t.equal(await codingOf('/', 'vbr'), null);
  t.equal(await codingOf('/'), null);
  t.equal(await codingOf('/assets/a.png', 'br'), null, 'a picture');
  t.equal(await codingOf('/small.txt', 'br'), null, 'not worth it');
  t.equal(String(brotliDecompressSync((await get('/assets/a.js', 'br')).rawPayload)), text);
  t.equal(String(gunzipSync((await get('/assets/a.js', 'gzip')).rawPayload)), text);
  const script = await get('/assets/a.js', 'br');
  t.match(script.headers, {
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': /^(text|application)\/javascript/,
  });
  const page = await get('/call/7', 'br');
  t.match(page.headers, { 'cache-control': 'no-cache', 'content-type': /^text\/html/, vary: /accept-encoding/i });
  const again = await app.inject({ url: '/', headers: { 'if-none-match': String((await get('/')).headers.etag) } });
  t.equal(again.statusCode, 304);
  t.match(JSON.parse((await get('/manifest.webmanifest')).body), { name: 'Blue', short_name: 'Blue', lang: 'en' });
  for (const url of [
    '/assets/b.js',
    '/assets/a.js.br',
    '/api/nothing',
    '/..%2fpackage.json',
    '/assets/../../package.json',
  ])
    t.equal((await get(url)).statusCode, 404, url);
});
