// How people come in: links that lead to the appliance from where they are, and passwords of their own.
import t from 'tap';
import type { SignInLink } from '../../server/contract/index.ts';
import { isLoopback, networkOf, networkUrls } from '../../server/front/addresses.ts';
import { lineForPeople } from '../../server/telemetry/log.ts';
import { cookieOf, TestAppliance } from '../support/appliance.ts';
import { TestSocket } from '../support/page-socket.ts';

const appliance = new TestAppliance({ PARLOUR_FRONT_NAMES: 'calls.example.org' });
await appliance.start();
t.teardown(() => appliance.end());
const operator = await appliance.becomeOperator();
const refusal = (status: number, code: string) => ({ status, body: { code } });

t.test('a password is changed with the old one, or within an hour of a one-time link', async (t) => {
  const cat = await appliance.makePerson(operator, 'client', 'Cat');
  const byLink = await appliance.signIn(cat.linkUrl);
  const get = (url: string, cookie: string) => appliance.request('GET', url, { cookie });
  const put = (cookie: string, body: object) => appliance.request('PUT', '/api/password', { cookie, body });
  t.match((await get('/api/session', byLink)).body, { hasPassword: false });
  t.same((await get('/api/password', byLink)).body, { isSet: false, asksOld: false });
  t.equal((await put(byLink, { password: 'the first password' })).status, 200);
  t.match((await get('/api/session', byLink)).body, { hasPassword: true });
  t.same((await get('/api/password', byLink)).body, { isSet: true, asksOld: true });

  t.match(await put(byLink, { password: 'a thief was here' }), refusal(403, 'wrong_old_password'));
  const guess = { password: 'a thief was here', oldPassword: 'the thirst password' };
  t.match(await put(byLink, guess), refusal(403, 'wrong_old_password'));
  const signIn = (password: string) =>
    appliance.request('POST', '/api/session', { body: { username: 'cat', password } });
  t.match(await signIn('a thief was here'), refusal(401, 'wrong_credentials'), 'nothing was changed');
  const next = { password: 'the second password', oldPassword: 'the first password' };
  t.equal((await put(byLink, next)).status, 200);
  t.equal((await signIn('the second password')).status, 200);

  const forgotten = await appliance.signIn(await appliance.newLink(operator, cat.personId));
  t.same((await get('/api/password', forgotten)).body, { isSet: true, asksOld: false }, 'that is what a link is for');
  t.equal((await put(forgotten, { password: 'the third password' })).status, 200);
  t.equal((await signIn('the third password')).status, 200);
});

t.test('signing in ends the session that the browser had before, with its pages', async (t) => {
  const [eve, fay] = [
    await appliance.makePerson(operator, 'client', 'Eve'),
    await appliance.makePerson(operator, 'client', 'Fay'),
  ];
  const before = await appliance.signIn(eve.linkUrl);
  const page = await TestSocket.open(appliance, before);
  const body = { token: fay.linkUrl.split('#')[1] };
  const after = cookieOf(await appliance.request('POST', '/api/session/link', { body, cookie: before }));
  t.equal(await page.closed(), 4401);
  t.match(await appliance.request('GET', '/api/session', { cookie: before }), refusal(401, 'not_signed_in'));
  t.match(await appliance.request('GET', '/api/session', { cookie: after }), { body: { displayName: 'Fay' } });
});

t.test('a link that is made at the appliance itself names the addresses of other devices, too', async (t) => {
  const dan = await appliance.makePerson(operator, 'client', 'Dan');
  const url = `/api/people/${dan.personId}/sign-in-link`;
  const link = async (headers = {}) =>
    (await appliance.request<SignInLink>('POST', url, { cookie: operator, headers })).body;
  const here = await link();
  const [, token] = here.url.split('#');
  t.equal(here.url, `https://localhost:${appliance.port}/sign-in#${token}`);
  t.equal(
    here.otherUrls[0],
    `https://calls.example.org:${appliance.port}/sign-in#${token}`,
    "the operator's name first",
  );
  t.notOk(here.otherUrls.some((one) => isLoopback(new URL(one).host)));
  const host = `calls.example.org:${appliance.port}`;
  const there = await link({ Host: host, Origin: `https://${host}` });
  t.match(
    there,
    { url: new RegExp(`^https://${host}/sign-in#`), otherUrls: [] },
    'where it leads somewhere, it is enough',
  );
});

t.test('which addresses are the machine itself, and which are the network', async (t) => {
  for (const host of ['localhost', 'LOCALHOST:8443', '127.0.0.1:1', '127.9.9.9', '[::1]:8443'])
    t.ok(isLoopback(host), host);
  for (const host of ['localhost.example.org', '10.0.0.1', '[fe80::1]:8443', '128.0.0.1'])
    t.notOk(isLoopback(host), host);
  const urls = networkUrls(['*.example.org', 'fd00::7', 'localhost'], 8443);
  t.equal(urls[0], 'https://[fd00::7]:8443', 'a pattern is no address');
  t.ok(urls.every((url) => new URL(url).port === '8443' && !isLoopback(new URL(url).host)));
});

t.test('limits count an IPv4 address by itself and an IPv6 address by its network', async (t) => {
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0000:0000:0000:0000:0000:ffff:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ] as const)
    t.equal(networkOf(address), network, address);
});

t.test('the log in a terminal: when and what; from a warning on, everything', async (t) => {
  const line = (level: number, rest = {}) =>
    lineForPeople(JSON.stringify({ level, time: '2026-11-22T11:15:24.156Z', name: 'parlour', ...rest }));
  t.equal(line(30, { msg: 'made a certificate', names: ['vm'] }), '11:15:24 made a certificate\n');
  t.equal(line(40, { msg: 'late', ms: 7 }), '11:15:24 WARNING late {"ms":7}\n');
  t.equal(line(50, { err: { message: 'gone' } }), '11:15:24 ERROR {"err":{"message":"gone"}}\n');
});
