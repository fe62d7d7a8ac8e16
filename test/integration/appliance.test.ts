import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { HUB_CLOSE_SIGNED_OUT, HUB_CLOSE_TOO_MANY } from '../../server/contract/index.ts';
import { HELD_MESSAGES_MAX, STRANGERS_PER_ADDRESS_MAX } from '../../server/hub/admission.ts';
import { TestAppliance } from '../support/appliance.ts';
import { TestSocket } from '../support/page-socket.ts';
import { temporaryFolder } from '../support/store.ts';

const appliance = new TestAppliance();
await appliance.start();
t.teardown(() => appliance.end());

const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
const bob = await appliance.makePerson(operator, 'client', 'Bob');
const miaCookie = await appliance.signIn(mia.linkUrl);
const alexCookie = await appliance.signIn(alex.linkUrl);
const bobCookie = await appliance.signIn(bob.linkUrl);
const get = (url: string, cookie?: string) => appliance.request('GET', url, cookie ? { cookie } : {});

t.test('the set-up link makes one operator, once', async (t) => {
  const body = { token: appliance.setUpToken, username: 'second', displayName: 'S', password: 'a long password' };
  t.match(await appliance.request('POST', '/api/set-up', { body }), { status: 409, body: { code: 'already_set_up' } });
  t.match((await get('/api/appliance')).body, { needsSetUp: false, currency: { code: 'EUR', minorDigits: 2 } });
});

t.test('each route asks who is there', async (t) => {
  for (const url of ['/api/session', '/api/calls', '/api/history', '/api/people', '/api/studio', '/api/metrics']) {
    t.match(await get(url), { status: 401, body: { code: 'not_signed_in' } }, url);
  }
  for (const url of ['/api/people', '/api/studio', '/api/metrics']) {
    t.match(await get(url, alexCookie), { status: 403, body: { code: 'not_allowed' } }, url);
  }
  const hours = { cookie: alexCookie, body: { hours: 1 } };
  t.match(await appliance.request('PUT', '/api/availability', hours), { status: 403 }, 'a client takes no calls');
  t.match(await get('/api/nothing', operator), { status: 404, body: { code: 'not_found' } });
  t.match(await get('/api/calls/999/receipt', alexCookie), { status: 404, body: { code: 'call_not_found' } });
});

t.test('a request from another origin changes nothing', async (t) => {
  const options = { cookie: operator, body: { role: 'client', username: 'evil', displayName: 'E' } };
  for (const origin of ['https://evil.example', 'null', '']) {
    const answer = await appliance.request('POST', '/api/people', { ...options, headers: { Origin: origin } });
    t.match(answer, { status: 403, body: { code: 'bad_origin' } }, origin);
  }
  await t.rejects(TestSocket.open(appliance, alexCookie, 'https://evil.example'), /403/);
  await t.rejects(TestSocket.open(appliance, '__Host-parlour_session=forged'), /401/);
});

t.test('bad input is named, with what is allowed', async (t) => {
  const post = (url: string, body: unknown) => appliance.request('POST', url, { cookie: operator, body });
  const credit = `/api/people/${alex.personId}/credit`;
  t.match(await post(credit, { key: 'key-12345678', amountMinor: 1.5, reason: 'x' }), {
    status: 400,
    body: { code: 'malformed', message: 'amountMinor must be integer.' },
  });
  t.match(
    await post(credit, { key: 'key-12345678', amountMinor: '5', reason: 'x' }),
    { status: 400 },
    'no guessing of types',
  );
  t.match(await post(credit, { key: 'key-12345678', amountMinor: -5, reason: 'x' }), { status: 400 });
  t.match(await post(credit, { key: 'key-12345678', amountMinor: 5, reason: ' ' }), { status: 400 });
  t.match(await post(credit, { key: 'key-12345678', amountMinor: 5, reason: 'x', extra: 1 }), {
    status: 400,
    body: { message: 'extra is not known here.' },
  });
  t.match(await post(`/api/people/${mia.personId}/credit`, { key: 'key-12345678', amountMinor: 5, reason: 'x' }), {
    status: 409,
    body: { code: 'no_wallet' },
  });
  t.match(await post('/api/people/999/credit', { key: 'key-12345678', amountMinor: 5, reason: 'x' }), { status: 404 });
  t.match(await post('/api/people', { role: 'operator', username: 'x', displayName: '' }), { status: 400 });
  for (const id of [`${alex.personId}.9`, `0x${alex.personId.toString(16)}`, 'true', `%20${alex.personId}`]) {
    const other = `/api/people/${id}/credit`;
    t.match(await post(other, { key: 'key-12345678', amountMinor: 5, reason: 'x' }), { status: 400 }, id);
  }
  t.match(await get('/api/calls?limit=1000', alexCookie), { status: 400 });
  const profile = { cookie: miaCookie, body: { rateMinor: 0, minimumMin: 0, about: '', languages: [], tags: [] } };
  t.match(await appliance.request('PUT', '/api/profile', profile), { status: 400 });
  t.match((await get('/api/session', alexCookie)).body, { balanceMinor: 0 });
});

t.test('the session cookie is closed to scripts and to other sites', async (t) => {
  const answer = await appliance.request('POST', '/api/session', {
    body: { username: 'boss', password: 'a long password' },
  });
  const [cookie] = answer.headers['set-cookie'] as string[];
  for (const word of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) t.match(cookie, word);
  t.equal(answer.headers['cache-control'], 'no-store');
});

t.test('pages: the shell for every address, files for ever, missing files missed', async (t) => {
  const shell = await appliance.request<string>('GET', '/history');
  t.match(shell, { status: 200, headers: { 'cache-control': 'no-cache', 'content-type': /text\/html/ } });
  t.match(shell.headers['content-security-policy'], /script-src 'self' 'wasm-unsafe-eval'/);
  const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(shell.body) ?? [];
  t.match(await get(script as string), { status: 200, headers: { 'cache-control': /immutable/ } });
  const again = await appliance.request('GET', '/', { headers: { 'If-None-Match': shell.headers.etag as string } });
  t.equal(again.status, 304);
  t.equal((await get('/assets/nothing.js')).status, 404);
  t.match((await appliance.request<string>('GET', '/authority.pem')).body, /BEGIN CERTIFICATE/);
});

t.test('passwords cannot be guessed at speed', async (t) => {
  const body = { username: 'boss', password: 'wrong wrong' };
  const answers = await Promise.all(
    Array.from({ length: 15 }, () => appliance.request('POST', '/api/session', { body })),
  );
  t.ok(answers.some((answer) => answer.status === 429 && answer.body.code === 'too_many_requests'));
});

t.test('a ring: seen, heard, refused where it has to be', async (t) => {
  const model = await TestSocket.open(appliance, miaCookie);
  const client = await TestSocket.open(appliance, alexCookie);
  const other = await TestSocket.open(appliance, bobCookie);
  t.teardown(() => [model, client, other].map((socket) => socket.close()));
  const ring = { type: 'call.ring', modelId: mia.personId } as const;

  t.match(await client.ask(ring), { type: 'error', error: { code: 'model_unavailable' } }, 'her calls are off');
  await appliance.request('PUT', '/api/availability', { cookie: miaCookie, body: { hours: 2 } });
  await client.models(([card]) => card?.presence === 'available');
  t.match(await model.ask(ring), { error: { code: 'not_allowed' } });
  t.match(await client.ask({ type: 'call.ring', modelId: alex.personId }), { error: { code: 'person_not_found' } });

  const { callId } = (await client.ask(ring)) as { callId: number };
  t.match(await model.call((view) => view.state === 'ringing'), {
    callId,
    mySide: 'model',
    peer: { displayName: 'Alex' },
    isFunded: false,
    fundedMin: 0,
  });
  t.match(await other.ask(ring), { error: { code: 'model_busy' } });
  t.match(await client.ask(ring), { error: { code: 'already_in_call' } });
  t.match(await other.ask({ type: 'call.accept', callId }), { error: { code: 'call_not_found' } }, 'not his call');
  t.match(await client.ask({ type: 'call.accept', callId }), { error: { code: 'not_allowed' } });
  t.match(await model.ask({ type: 'call.connect', callId }), { error: { code: 'wrong_state' } });

  t.match(await model.ask({ type: 'call.reject', callId }), { type: 'ok' });
  t.match(await client.call((view) => view.state === 'ended'), { outcome: 'rejected', endedBy: 'model' });
  t.match((await get('/api/calls', alexCookie)).body, { calls: [{ callId, outcome: 'rejected', chargedMinor: 0 }] });
  t.match(await client.ask({ type: 'call.hangUp', callId }), { error: { code: 'call_not_found' } });
});

t.test('rule 6: a call goes live only on credit for its start, and credit can come meanwhile', async (t) => {
  const model = await TestSocket.open(appliance, miaCookie);
  const client = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => [model, client].map((socket) => socket.close()));
  const { callId } = (await client.ask({ type: 'call.ring', modelId: mia.personId })) as { callId: number };
  await model.ask({ type: 'call.accept', callId });
  t.match(await client.ask({ type: 'call.connect', callId }), { error: { code: 'model_connects_first' } });
  t.match(await model.ask({ type: 'call.connect', callId }), { type: 'ok' });
  t.match(await client.ask({ type: 'call.connect', callId }), { error: { code: 'insufficient_credit' } });
  await appliance.addCredit(operator, alex.personId, 200);
  t.match(await model.call((view) => view.isFunded), { fundedMin: 1 }, 'she sees it at once');
  t.match(await client.ask({ type: 'call.connect', callId }), { type: 'ok' });
  t.equal((await client.call(() => true)).state, 'confirming', 'no media yet: not live, not charged');
  await model.ask({ type: 'call.hangUp', callId });
  t.match(await client.call((view) => view.state === 'ended'), { outcome: 'canceled', endedBy: 'model' });
  t.match((await get('/api/session', alexCookie)).body, { balanceMinor: 200 });
});

t.test(
  'the model sees the offer of the media process, and a forged answer of another page changes nothing',
  async (t) => {
    const model = await TestSocket.open(appliance, miaCookie);
    const client = await TestSocket.open(appliance, alexCookie);
    t.teardown(() => [model, client].map((socket) => socket.close()));
    const { callId } = (await client.ask({ type: 'call.ring', modelId: mia.personId })) as { callId: number };
    await model.ask({ type: 'call.accept', callId });
    const offer = await model.next((message) => message.type === 'media.offer');
    if (offer.type !== 'media.offer') return void t.fail();
    t.match(offer.sdp, /m=audio .*\r\n[\s\S]*m=video .*\r\n[\s\S]*m=application/);
    t.match(await client.ask({ type: 'media.answer', legId: offer.legId, sdp: 'v=0' }), {
      error: { code: 'not_allowed' },
    });
    t.match(await model.ask({ type: 'media.answer', legId: offer.legId, sdp: 'garbage' }), {
      error: { code: 'bad_sdp' },
    });
    t.match(await model.ask({ type: 'media.candidate', legId: offer.legId, candidate: 'candidate:garbage' }), {
      error: { code: 'bad_candidate' },
    });
    client.close();
    await model.call((view) => !view.them.isPresent);
    await model.ask({ type: 'call.hangUp', callId });
  },
);

t.test('a caller who leaves at once leaves no ring behind', async (t) => {
  const model = await TestSocket.open(appliance, miaCookie);
  t.teardown(() => model.close());
  const client = await TestSocket.open(appliance, alexCookie);
  client.sendText(JSON.stringify({ id: 1, type: 'call.ring', modelId: mia.personId }));
  client.close();
  const rang = await Promise.race([
    model.call((view) => view.state === 'ended' && view.outcome === 'withdrawn').then(() => true),
    // The socket may have gone before its message was read: then there was no ring at all.
    TestSocket.open(appliance, bobCookie).then(async (other) => {
      t.teardown(() => other.close());
      await other.models(([card]) => card?.presence === 'available');
      return false;
    }),
  ]);
  t.type(rang, 'boolean');
});

t.test('a session that is not good: the socket is closed with 4401 and a sentence, and was told nothing', async (t) => {
  const forged = await TestSocket.open(appliance, `__Host-parlour_session=${'a'.repeat(43)}`);
  forged.sendText('{"id":1,"type":"call.ring","modelId":1}');
  t.equal(await forged.closed(), HUB_CLOSE_SIGNED_OUT);
  t.equal(forged.closedBecause, 'Sign in first.');
  t.same(forged.heard, []);
});

t.test('who has not signed in yet is bounded in number and words, and read once the session is known', async (t) => {
  const unknown = '{"id":7,"type":"no.such.type"}';
  const waiting: TestSocket[] = [];
  await appliance.withDatabaseHeld(async () => {
    for (let n = 0; n < STRANGERS_PER_ADDRESS_MAX; n++) waiting.push(await TestSocket.open(appliance, bobCookie));
    await t.rejects(TestSocket.open(appliance, bobCookie), /429/, 'one more of this address');
    const [flood, patient] = waiting as [TestSocket, TestSocket];
    patient.sendText(unknown);
    for (let n = 0; n <= HELD_MESSAGES_MAX; n++) flood.sendText(unknown);
    t.equal(await flood.closed(), HUB_CLOSE_TOO_MANY);
    t.same(flood.heard, [], 'none of it was handled');
    t.same(patient.heard, []);
    waiting.push(await TestSocket.open(appliance, bobCookie)); // in the place of the one that was closed
  });
  const patient = waiting[1] as TestSocket;
  await patient.next((message) => message.type === 'error' && message.id === 7);
  t.equal(patient.heard[0]?.type, 'hello', 'what was said before it is answered after it');
  await (waiting.at(-1) as TestSocket).next((message) => message.type === 'hello');
  for (const page of waiting) page.close();
  const after = await TestSocket.open(appliance, bobCookie);
  await after.next((message) => message.type === 'hello');
  after.close();
});

t.test('a malformed message is answered; three in a row end the socket', async (t) => {
  const client = await TestSocket.open(appliance, bobCookie);
  for (const text of ['{', '{"type":"x"}', '[1]']) client.sendText(text);
  t.equal(await client.closed(), 4400);
  t.equal(client.heard.filter((message) => message.type === 'error').length, 3);
});

t.test('signing out ends the pages of that session', async (t) => {
  const { body } = await appliance.request<{ url: string }>('POST', `/api/people/${bob.personId}/sign-in-link`, {
    cookie: operator,
  });
  const cookie = await appliance.signIn(body.url);
  const [page, kept] = [await TestSocket.open(appliance, cookie), await TestSocket.open(appliance, bobCookie)];
  await appliance.request('DELETE', '/api/session', { cookie });
  t.equal(await page.closed(), 4401);
  t.equal(kept.closedWith, null);
  kept.close();
  t.match(await get('/api/session', cookie), { status: 401 });
});

t.test('a second appliance on the same data folder is refused with a sentence', async (t) => {
  const program = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');
  const run = (args: string[], environment: Record<string, string>) =>
    spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { PATH: process.env.PATH ?? '', ...environment },
    });
  const second = run(['start'], { PARLOUR_DATA: appliance.data });
  t.equal(second.status, 1);
  t.match(second.stderr, /Another Parlour runs on .* Stop it first/);
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const other = temporaryFolder('other');
  const media = { PARLOUR_MEDIA_UDP_PORT: String(socket.address().port), PARLOUR_MEDIA_ADDRESS: '127.0.0.1' };
  const taken = run(['start'], { PARLOUR_DATA: other, PARLOUR_FRONT_PORT: '0', ...media });
  t.match(taken, { status: 1, stderr: /The UDP port \d+ of media is in use. Choose another with media.udpPort/ });
  fs.rmSync(other, { recursive: true });
  const wrong = run(['start'], { PARLOUR_FRONT_PORT: '70000' });
  t.match(wrong, { status: 78, stderr: /"front.port" is 70000: allowed is a whole number from 0 to 65535/ });
  t.match(run(['demo', '--seconds', 'x'], {}), { stderr: /Allowed is a whole number from 1 to 3600/ });
  t.match(
    (await get('/api/studio', operator)).body,
    { ledgerBalanced: true, database: { isUp: true } },
    'the first still runs',
  );
});

t.test('uWebSockets had nothing to warn of', async (t) => {
  t.notMatch(appliance.log, /cork/i);
});
