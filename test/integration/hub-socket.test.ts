// The socket of a page: who gets one, what may be said on it, and what is forgotten when it closes.
import t from 'tap';
import { HUB_MESSAGE_BYTES_MAX, type Studio } from '../../server/contract/index.ts';
import { isOwnOrigin } from '../../server/front/origin.ts';
import { STRANGERS_PER_ADDRESS_MAX } from '../../server/hub/admission.ts';
import { LocalAppliance } from '../support/local-appliance.ts';
import { TestSocket } from '../support/page-socket.ts';

/** Before so many answers the appliance has heard of a close; it answers twice as many in a minute. */
const ASKED_MAX = 300;
const UNKNOWN = '{"id":7,"type":"no.such.type"}';

const appliance = new LocalAppliance();
await appliance.start();
t.teardown(() => appliance.end());
const operator = await appliance.becomeOperator();
const open = (origin?: string) => TestSocket.open(appliance, operator, origin);
const socketCount = async () =>
  (await appliance.request<Studio>('GET', '/api/studio', { cookie: operator })).body.socketCount;

t.test('a page of another origin gets no socket, and neither does one without any', async (t) => {
  for (const origin of [
    'https://evil.example',
    `https://evil.example/${appliance.url}`,
    `https://x${appliance.url}`,
    '',
  ])
    await t.rejects(open(origin), /403/, origin);
});

t.test('who names no origin, or no host, is no page of ours', async (t) => {
  t.ok(isOwnOrigin('https://localhost:8443', 'localhost:8443'));
  t.notOk(isOwnOrigin(undefined, 'localhost:8443'));
  t.notOk(isOwnOrigin(undefined, undefined));
});

t.test('without a session there is no socket', async (t) => {
  await t.rejects(TestSocket.open(appliance, ''), /401/);
  await t.rejects(TestSocket.open(appliance, '__Host-parlour_session=short'), /401/);
});

t.test('sockets whose session is not known yet are few of one address', async (t) => {
  const { signIn } = appliance.modules;
  const real = signIn.personOfSession.bind(signIn);
  let know = () => {};
  const isKnown = new Promise<void>((resolve) => {
    know = resolve;
  });
  signIn.personOfSession = async (token) => {
    await isKnown;
    return real(token);
  };
  t.teardown(() => {
    signIn.personOfSession = real;
  });
  const pages: TestSocket[] = [];
  for (let n = 0; n < STRANGERS_PER_ADDRESS_MAX; n++) pages.push(await open());
  await t.rejects(open(), /429/);
  know();
  await pages.at(-1)?.next(({ type }) => type === 'hello');
  const one = await open();
  await one.next(({ type }) => type === 'hello');
  for (const page of [...pages, one]) page.close();
});

t.test('a binary message is malformed, whatever stands in it', async (t) => {
  const page = await open();
  t.teardown(() => page.close());
  page.sendBytes(Buffer.from(UNKNOWN));
  t.match(await page.next(({ type }) => type === 'error'), { id: null, error: { code: 'malformed' } });
});

t.test('a message that is too long ends the socket; one that fits is answered', async (t) => {
  const page = await open();
  // Before its session is known a socket may say less.
  await page.next(({ type }) => type === 'hello');
  const long = `${UNKNOWN}${' '.repeat(HUB_MESSAGE_BYTES_MAX - UNKNOWN.length)}`;
  page.sendText(long);
  t.match(await page.next(({ type }) => type === 'error'), { id: 7, error: { code: 'unknown_type' } });
  page.sendText(`${long} `);
  await page.closed();
  t.equal(page.heard.filter(({ type }) => type === 'error').length, 1);
});

t.test('a page that is closed leaves the hub', async (t) => {
  const page = await open();
  await page.next(({ type }) => type === 'hello');
  t.ok((await socketCount()) > 0);
  page.close();
  let left = await socketCount();
  for (let asked = 0; left > 0 && asked < ASKED_MAX; asked++) left = await socketCount();
  t.equal(left, 0);
});
