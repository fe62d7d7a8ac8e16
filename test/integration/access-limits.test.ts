// How often one address may ask. Each test comes from an address of its own.
import t from 'tap';
import { AccessWorld, PASSWORD } from '../abuse/access-world.ts';
import type { Answer } from '../support/appliance.ts';

const world = await AccessWorld.open();
const { appliance, alex } = world;
t.teardown(() => appliance.end());

let addresses = 0;
/** An address that nothing has come from yet: its requests are counted from none. */
const newAddress = () => `127.0.3.${++addresses}`;

/** How many of these requests, one after another from one address, are not too many. */
async function allowed(count: number, ask: (from: string, n: number) => Promise<Answer>): Promise<number> {
  const from = newAddress();
  let taken = 0;
  for (let n = 0; n < count; n++) if ((await ask(from, n)).status !== 429) taken += 1;
  return taken;
}

t.test('ten tries a minute from one address to sign in, to set up and to set a password', async (t) => {
  const person = await world.fresh('client');
  for (const [method, url, body] of [
    // Each time another name: guesses for one name have a limit of their own.
    ['POST', '/api/session', (n: number) => ({ username: `nobody${n}`, password: PASSWORD })],
    ['POST', '/api/session/link', () => ({ token: 'x' })],
    ['POST', '/api/set-up', () => ({ token: 'x', username: 'second', displayName: 'S', password: PASSWORD })],
    ['PUT', '/api/password', () => ({ password: 'password123456' })],
  ] as const) {
    const ask = (from: string, n: number) =>
      appliance.request(method, url, { from, body: body(n), cookie: person.cookie });
    t.equal(await allowed(11, ask), 10, url);
  }
});

t.test('five exports and five tests of notifications a minute', async (t) => {
  for (const [method, url] of [
    ['GET', '/api/export'],
    ['POST', '/api/push/test'],
  ] as const) {
    const ask = (from: string) => appliance.request(method, url, { from, cookie: alex.cookie });
    t.equal(await allowed(6, ask), 5, url);
  }
});

t.test('six hundred requests a minute, of the API alone; who is too fast is told so', async (t) => {
  const from = newAddress();
  const ask = async (url: string) => (await appliance.request(`GET`, url, { from })).status;
  const burst = (count: number, url: string) => Promise.all(Array.from({ length: count }, () => ask(url)));
  await burst(601, '/favicon.svg');
  t.notOk((await burst(600, '/api/session')).includes(429));
  const { status, body } = await appliance.request('GET', '/api/session', { from });
  t.match({ status, body }, { status: 429, body: { code: 'too_many_requests' } });
});

t.test('an address that is written in another way is the same, for limits and for what is kept', async (t) => {
  const from = newAddress();
  const signIn = (url: string, username: string) =>
    appliance.request('POST', url, { from, body: { username, password: PASSWORD } });
  const answers = [];
  for (let n = 0; n < 11; n++) answers.push(await signIn(n % 2 ? '/%61pi/session' : '/api/%73ession', `no-one${n}`));
  t.equal(answers.filter(({ status }) => status !== 429).length, 10);
  t.ok(answers.every(({ headers }) => headers['cache-control'] === 'no-store'));
  const missing = await appliance.request('GET', '/%61pi/nothing', { from });
  t.match({ status: missing.status, body: missing.body }, { status: 404, body: { code: 'not_found' } });
});

t.test('guesses for one name wait longer and longer, each network by itself, and say so', async (t) => {
  const person = await world.fresh('client');
  const guess = async (from: string, password: string) => {
    const { status, body } = await appliance.request('POST', '/api/session', {
      from,
      body: { username: person.username, password },
    });
    return `${status} ${body.code}`;
  };
  const from = newAddress();
  for (let n = 0; n < 5; n++) t.equal(await guess(from, 'wrong'), '401 wrong_credentials');
  t.equal(await guess(from, 'wrong'), '429 too_many_guesses');
  t.equal(await guess(newAddress(), 'wrong'), '401 wrong_credentials');
});
