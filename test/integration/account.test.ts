// What people do with their own account, and operators with people: on a real appliance, over its doors.
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type {
  AuditEntries,
  DataExport,
  HistoryLines,
  LedgerState,
  People,
  Sessions,
  SettingLines,
  SettingsChecked,
} from '../../server/contract/index.ts';
import { cookieOf, TestAppliance } from '../support/appliance.ts';
import { nested } from '../support/nested.ts';
import { TestSocket } from '../support/page-socket.ts';
import { joinTestStore } from '../support/store.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const appliance = new TestAppliance({ PARLOUR_PAYMENTS_WEBHOOK_SECRET: SECRET });
await appliance.start();
t.teardown(() => appliance.end());

const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
let miaCookie = await appliance.signIn(mia.linkUrl);
let alexCookie = await appliance.signIn(alex.linkUrl);

const get = <T>(url: string, cookie: string) => appliance.request<T>('GET', url, { cookie });
const send = <T>(method: string, url: string, cookie: string, body?: unknown) =>
  appliance.request<T>(method, url, { cookie, ...(body !== undefined && { body }) });
/** People who come in from elsewhere use up no tries of this address. */
const signInFrom = async (from: string, linkUrl: string) =>
  cookieOf(await appliance.request('POST', '/api/session/link', { body: { token: linkUrl.split('#')[1] }, from }));
const deletion = (username: string, giveUpMinor: number, key = 'delete-12345678') => ({ username, giveUpMinor, key });
const refusal = (status: number, code: string) => ({ status, body: { code } });

t.test('favourites: set and taken off, heard by every page, of models only', async (t) => {
  const page = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => page.close());
  await page.next((message) => message.type === 'favourites' && message.modelIds.length === 0);
  await send('PUT', `/api/people/${mia.personId}/favourite`, alexCookie);
  await send('PUT', `/api/people/${mia.personId}/favourite`, alexCookie);
  await page.next((message) => message.type === 'favourites' && message.modelIds.join() === String(mia.personId));
  t.match(
    await send('PUT', `/api/people/${alex.personId}/favourite`, alexCookie),
    refusal(404, 'person_not_found'),
    'only models',
  );
  t.match(await send('PUT', `/api/people/${mia.personId}/favourite`, miaCookie), refusal(403, 'not_allowed'));
});

t.test('sessions: each device is a line, one is ended, then all others', async (t) => {
  const agent = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  const link = await appliance.newLink(operator, alex.personId);
  const phone = cookieOf(
    await appliance.request('POST', '/api/session/link', { body: { token: link.split('#')[1] }, headers: agent }),
  );
  const { sessions } = (await get<Sessions>('/api/sessions', alexCookie)).body;
  t.match(sessions, [{ device: agent['User-Agent'], isThis: false }, { isThis: true }], 'newest first');

  const page = await TestSocket.open(appliance, phone);
  const [other, own] = sessions;
  t.match(
    await send('DELETE', `/api/sessions/${other?.sessionId}`, miaCookie),
    refusal(404, 'session_not_found'),
    'nobody ends the session of somebody else',
  );
  t.match(await send('DELETE', `/api/sessions/${own?.sessionId}`, alexCookie), refusal(409, 'wrong_state'));
  t.match((await send<Sessions>('DELETE', `/api/sessions/${other?.sessionId}`, alexCookie)).body.sessions, {
    length: 1,
  });
  t.equal(await page.closed(), 4401, 'its page hears it at once');
  t.match(await get('/api/session', phone), refusal(401, 'not_signed_in'));

  const again = await appliance.signIn(await appliance.newLink(operator, alex.personId));
  await send('DELETE', '/api/sessions', again);
  t.match(await get('/api/session', alexCookie), refusal(401, 'not_signed_in'), 'the others are gone');
  t.match((await get<Sessions>('/api/sessions', again)).body.sessions, [{ isThis: true }]);
  alexCookie = again;
});

t.test('the export holds what the appliance keeps of a person, and nothing of others', async (t) => {
  await appliance.addCredit(operator, alex.personId, 5_000);
  const page = await TestSocket.open(appliance, alexCookie);
  await page.ask({ type: 'message.send', personId: mia.personId, text: 'Hello Mia', key: 'export-12345678' });
  page.close();
  const answer = await get<DataExport>('/api/export', alexCookie);
  t.match(answer.headers['content-disposition'], /attachment; filename="parlour-data\.json"/);
  t.match(answer.body, {
    account: { username: 'alex', balanceMinor: 5_000 },
    money: [{ kind: 'top_up', amountMinor: 5_000 }],
    threads: [{ with: { displayName: 'Mia' }, messages: [{ content: { text: 'Hello Mia' } }] }],
    favourites: [mia.personId],
    calls: [],
  });
  t.match(await appliance.request('GET', '/api/export'), refusal(401, 'not_signed_in'));
});

t.test('people are paged, found, and narrowed down', async (t) => {
  const list = async (query: string) => (await get<People>(`/api/people${query}`, operator)).body.people;
  const names = async (query: string) => (await list(query)).map((person) => person.displayName);
  t.same(await names(''), ['Alex', 'Mia', 'Boss'], 'newest first');
  t.same(await names('?limit=1'), ['Alex']);
  t.same(await names(`?limit=1&before=${alex.personId}`), ['Mia']);
  t.same(await names('?search=LEX'), ['Alex']);
  t.same(await names('?search=%25'), [], 'a sign of a pattern is a sign');
  t.same(await names('?role=model'), ['Mia']);
  t.same(await names('?state=suspended'), []);
  t.match(await list('?role=client'), [{ balanceMinor: 5_000, suspendedAt: null, deletedAt: null }]);
  t.match(await get('/api/people?limit=1000', operator), { status: 400 });
});

t.test('suspended: signed out, the call ends as operator_ended, no way in until it is lifted', async (t) => {
  const bob = await appliance.makePerson(operator, 'client', 'Bob');
  await appliance.addCredit(operator, bob.personId, 5_000);
  const bobCookie = await appliance.signIn(bob.linkUrl);
  const spareLink = await appliance.newLink(operator, bob.personId);
  const client = await TestSocket.open(appliance, bobCookie);
  const model = await TestSocket.open(appliance, miaCookie);
  t.teardown(() => model.close());
  await send('PUT', '/api/availability', miaCookie, { hours: 1 });
  await client.models(([card]) => card?.presence === 'available');
  await client.ask({ type: 'call.ring', modelId: mia.personId });
  await model.call((view) => view.state === 'ringing');

  const url = `/api/people/${bob.personId}/suspension`;
  t.match(await send('PUT', url, operator, { reason: ' ' }), { status: 400 }, 'a reason is needed');
  t.match(await send('PUT', url, miaCookie, { reason: 'x' }), refusal(403, 'not_allowed'));
  t.equal((await send('PUT', url, operator, { reason: 'Threats in a call' })).status, 200);
  t.match(await model.call((view) => view.state === 'ended'), { outcome: 'operator_ended' });
  t.equal(await client.closed(), 4401);
  t.match(await get('/api/session', bobCookie), refusal(401, 'not_signed_in'));
  t.match(
    await appliance.request('POST', '/api/session/link', { body: { token: spareLink.split('#')[1] } }),
    refusal(401, 'link_used_or_expired'),
  );
  t.match(await send('POST', `/api/people/${bob.personId}/sign-in-link`, operator), refusal(403, 'account_suspended'));
  t.match((await get<People>('/api/people?state=suspended', operator)).body.people, [
    { displayName: 'Bob', suspendedWhy: 'Threats in a call', balanceMinor: 5_000 },
  ]);

  await send('DELETE', url, operator);
  const back = await appliance.signIn(await appliance.newLink(operator, bob.personId));
  t.match((await get('/api/session', back)).body, { username: 'bob', balanceMinor: 5_000 });

  t.match(await send('PUT', '/api/people/1/suspension', operator, { reason: 'x' }), refusal(409, 'not_yourself'));
});

t.test('a suspended model is not seen and cannot be rung', async (t) => {
  const client = await TestSocket.open(appliance, alexCookie);
  t.teardown(() => client.close());
  await client.models(({ length }) => length === 1);
  await send('PUT', `/api/people/${mia.personId}/suspension`, operator, { reason: 'Papers are missing' });
  await client.models(({ length }) => length === 0);
  t.match(await client.ask({ type: 'call.ring', modelId: mia.personId }), { error: { code: 'person_not_found' } });
  await send('DELETE', `/api/people/${mia.personId}/suspension`, operator);
});

t.test('a reset ends everything that lets a person in, and makes one new link', async (t) => {
  const cookie = await appliance.signIn(await appliance.newLink(operator, mia.personId));
  await send('PUT', '/api/password', cookie, { password: 'known to a stranger' });
  const answer = await send<{ url: string }>('POST', `/api/people/${mia.personId}/reset`, operator);
  t.match(await get('/api/session', cookie), refusal(401, 'not_signed_in'));
  const body = { username: 'mia', password: 'known to a stranger' };
  t.match(await appliance.request('POST', '/api/session', { body }), refusal(401, 'wrong_credentials'));
  miaCookie = await appliance.signIn(answer.body.url);
  t.match((await get('/api/session', miaCookie)).body, { username: 'mia' });
  t.match(await send('POST', '/api/people/1/reset', operator), refusal(409, 'not_yourself'));
});

t.test(
  'an account is not deleted by a wrong name, in a call, with money unsaid, or as the last operator',
  async (t) => {
    const url = '/api/account/deletion';
    t.match(await send('POST', url, alexCookie, deletion('alexa', 5_000)), refusal(400, 'wrong_username'));
    t.match(await send('POST', url, alexCookie, deletion('alex', 0)), refusal(409, 'money_left'));
    t.match(await send('POST', url, alexCookie, deletion('alex', 4_999)), refusal(409, 'money_left'));
    t.match(await send('POST', url, operator, deletion('boss', 0)), refusal(409, 'last_operator'));
    await send('PUT', '/api/availability', miaCookie, { hours: 1 });
    const [client, her] = [await TestSocket.open(appliance, alexCookie), await TestSocket.open(appliance, miaCookie)];
    t.teardown(() => [client, her].map((socket) => socket.close()));
    await client.models(([card]) => card?.presence === 'available');
    await client.ask({ type: 'call.ring', modelId: mia.personId });
    t.match(await send('POST', url, alexCookie, deletion('alex', 5_000)), refusal(409, 'in_call'));
    t.match(await send('POST', url, miaCookie, deletion('mia', 0)), refusal(409, 'in_call'));
    const view = await her.call((one) => one.state === 'ringing');
    await her.ask({ type: 'call.reject', callId: view.callId });
    await client.call((one) => one.state === 'ended');
    t.match((await get('/api/session', alexCookie)).body, { balanceMinor: 5_000 }, 'nothing has changed');
  },
);

t.test('a deleted account: the name is gone, the money adds up, the other side keeps the call', async (t) => {
  const answer = await send('POST', '/api/account/deletion', alexCookie, deletion('alex', 5_000));
  t.equal(answer.status, 200);
  t.match(await get('/api/session', alexCookie), refusal(401, 'not_signed_in'));
  t.match((await get<People>('/api/people?state=deleted', operator)).body.people, [
    { displayName: `Deleted ${alex.personId}`, username: `deleted:${alex.personId}`, balanceMinor: 0 },
  ]);
  const lines = await get('/api/history?personId='.concat(String(alex.personId)), operator);
  t.match(lines.body, { lines: [{ kind: 'adjustment', amountMinor: -5_000, balanceMinor: 0 }, { kind: 'top_up' }] });
  t.match((await send<LedgerState>('POST', '/api/ledger/check', operator)).body, {
    isBalanced: true,
    isChainIntact: true,
  });
  const { body } = await get<{ messages: { content: { kind: string } }[] }>(`/api/threads/${alex.personId}`, miaCookie);
  t.notOk(
    body.messages.some((message) => message.content.kind === 'text'),
    'what he wrote is gone',
  );
  t.match((await get('/api/calls', miaCookie)).body, {
    calls: [{ peer: { displayName: `Deleted ${alex.personId}` } }],
  });
  t.match(await send('POST', `/api/people/${alex.personId}/sign-in-link`, operator), refusal(404, 'person_not_found'));
  const free = await appliance.makePerson(operator, 'client', 'Alex');
  t.not(free.personId, alex.personId, 'the user name is free again');
});

t.test('the audit log has who did what to whom, and holds no secret', async (t) => {
  const { entries } = (await get<AuditEntries>('/api/audit?limit=100', operator)).body;
  const actions = new Set<string>(entries.map((entry) => entry.action));
  for (const action of ['set_up', 'person_made', 'link_made', 'credit_given', 'person_suspended', 'person_reset']) {
    t.ok(actions.has(action), action);
  }
  t.match(
    entries.find((entry) => entry.action === 'person_suspended' && entry.person?.displayName === 'Bob'),
    { actor: { displayName: 'Boss' }, detail: { reason: 'Threats in a call' } },
  );
  t.match(
    entries.find((entry) => entry.action === 'credit_given'),
    { detail: { amountMinor: 5_000, reason: 'test' } },
  );
  t.match(
    entries.find((entry) => entry.action === 'account_deleted'),
    { actor: { personId: alex.personId }, detail: { amountMinor: 5_000 } },
  );
  t.notMatch(JSON.stringify(entries), /password|token|"key"/);
  t.match((await get<AuditEntries>('/api/audit?action=person_reset&limit=2', operator)).body.entries, [
    { action: 'person_reset', outcome: 'not_yourself' },
    { action: 'person_reset', outcome: 'done', person: { displayName: 'Mia' } },
  ]);
  t.match(await get('/api/audit', miaCookie), refusal(403, 'not_allowed'));
  t.match(await get('/api/audit?action=nothing', operator), { status: 400 });
});

t.test('a refused action is written down with what refused it', async (t) => {
  const newest = async () => (await get<AuditEntries>('/api/audit?limit=1', operator)).body.entries[0];
  await send('PUT', '/api/people/1/suspension', operator, { reason: 'x' });
  t.match(await newest(), { action: 'person_suspended', detail: { reason: 'x' }, outcome: 'not_yourself' });
  await send('POST', '/api/people/999/sign-in-link', operator);
  t.match(await newest(), { action: 'link_made', person: null, outcome: 'person_not_found' });
  const before = (await newest())?.entryId;
  await send('PUT', '/api/people/1/suspension', operator, { reason: 5 });
  t.equal((await newest())?.entryId, before, 'what is malformed was never begun');
});

t.test('what no line of the audit log can hold is refused, and without a line nothing is done', async (t) => {
  const bob = await appliance.makePerson(operator, 'client', 'Unlucky');
  const credit = (reason: unknown, key: string) =>
    send('POST', `/api/people/${bob.personId}/credit`, operator, { amountMinor: 500, reason, key });
  t.match(await credit('half a pair: \ud800', 'key-surrogate-1'), refusal(400, 'malformed'));
  t.match(await credit('\u202etxt', 'key-direction-1'), refusal(400, 'malformed'));
  t.match(await credit(nested(500), 'key-deep-value-1'), refusal(400, 'malformed'));

  const store = await joinTestStore(appliance);
  t.teardown(() => store.close());
  await store.main.script(`alter table audit_entry add constraint broken check (action <> 'credit_given') not valid`);
  t.match(await credit('for nothing', 'key-no-line-at-all'), refusal(500, 'internal'));
  await store.main.script('alter table audit_entry drop constraint broken');
  const { people } = (await get<People>('/api/people?search=unlucky', operator)).body;
  t.match(people, [{ balanceMinor: 0 }]);
});

t.test('coming in, being kept out and taking data away are written down, by whom and from where', async (t) => {
  const access = async () => (await get<AuditEntries>('/api/audit?about=access&limit=100', operator)).body.entries;
  const carla = await appliance.makePerson(operator, 'client', 'Carla');
  const before = (await access())[0]?.entryId ?? 0;
  const cookie = await signInFrom('127.0.0.8', carla.linkUrl);
  const guess = (username: string) =>
    appliance.request('POST', '/api/session', { body: { username, password: 'not the password' }, from: '127.0.0.9' });
  await guess('carla');
  await guess('my-secret-password');
  await get('/api/people', cookie);
  await get('/api/export', cookie);
  await get('/api/audit.csv', operator);
  t.match(
    (await access()).filter(({ entryId }) => entryId > before),
    [
      { action: 'audit_exported', actor: { displayName: 'Boss' }, outcome: 'done' },
      { action: 'data_exported', actor: { displayName: 'Carla' }, outcome: 'done' },
      { action: 'access_refused', actor: { displayName: 'Carla' }, detail: { route: 'GET /api/people' } },
      { action: 'sign_in_refused', actor: null, person: null, outcome: 'wrong_credentials' },
      {
        action: 'sign_in_refused',
        actor: null,
        person: { displayName: 'Carla' },
        detail: { by: 'password', address: '127.0.0.9' },
      },
      { action: 'signed_in', actor: { displayName: 'Carla' }, detail: { by: 'link' }, outcome: 'done' },
    ],
  );
  t.notMatch(JSON.stringify(await access()), /my-secret-password/);
  const file = await get<string>('/api/audit.csv?about=access', operator);
  t.match(file.headers['content-type'], /text\/csv/);
  t.match(file.body, /^entry,at,who,action,whom,detail,outcome\r\n/);
  t.match(file.body, /sign_in_refused/);
  t.match(await get('/api/audit.csv', cookie), refusal(403, 'not_allowed'));
});

t.test('settings: each with value, source and what is allowed; secrets stay inside', async (t) => {
  const { settings } = (await get<SettingLines>('/api/settings', operator)).body;
  const of = (key: string) => settings.find((line) => line.key === key);
  t.match(of('money.tariff'), {
    value: '"per_minute"',
    source: 'default',
    allowed: { kind: 'choice', choices: ['"per_minute"', '"per_second"'] },
  });
  t.match(of('front.port'), { value: String(appliance.port), source: 'environment', variable: 'PARLOUR_FRONT_PORT' });
  t.match(of('payments.webhookSecret'), { value: null, isSecret: true, isSet: true });
  t.notMatch(JSON.stringify(settings), SECRET);
  t.ok(settings.every((line) => line.description !== ''));

  const check = async (text: string) =>
    (await send<SettingsChecked>('POST', '/api/settings/check', operator, { text })).body;
  t.match(await check('[money]\ntariff = "per_hour"'), {
    problem: /money\.tariff.*"per_second"/,
    refused: { key: 'money.tariff', value: '"per_hour"', allowed: { kind: 'choice' } },
  });
  t.match(await check('[money]\ntarif = 1'), { refused: { key: 'money.tarif', value: null, allowed: null } });
  t.match(await check('[front]\nnames = [7]'), { refused: { key: 'front.names', allowed: { kind: 'list' } } });
  t.match(await check('[media]\nturnSecret = 7'), {
    refused: { key: 'media.turnSecret', value: null, allowed: { kind: 'text' } },
  });
  t.match(await check('[money'), { problem: /parlour\.toml/, refused: null });
  t.match(await check('[money]\ntariff = "per_second"'), {
    problem: null,
    changes: [{ key: 'money.tariff', from: '"per_minute"', to: '"per_second"' }],
  });
  t.match(await get('/api/settings', miaCookie), refusal(403, 'not_allowed'));
});

t.test('a process that reads packets of strangers knows no secret of the appliance', async (t) => {
  const pidFiles = fs.readdirSync(appliance.data).filter((name) => /^media-.*\.pid$/.test(name));
  t.ok(pidFiles.length > 0);
  for (const name of pidFiles) {
    const pid = Number.parseInt(fs.readFileSync(path.join(appliance.data, name), 'utf8'), 10);
    const environment = fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
    t.notOk(environment.includes(SECRET), name);
    const names = environment.split('\0').filter((line) => /^PARLOUR_(?!MEDIA_)|^HOME=/.test(line));
    t.same(names, [], name);
  }
});

t.test('the self-test looks at every part', async (t) => {
  const { body } = await get<{ lines: { code: string; state: string; finding: string }[] }>('/api/self-test', operator);
  const of = (code: string) => body.lines.find((line) => line.code === code);
  t.equal(body.lines.length, 11);
  t.match(of('audit'), { state: 'good', finding: 'whole' });
  t.match(of('database'), { state: 'good', finding: 'up' });
  t.match(of('media'), { state: 'good', finding: 'up' });
  t.match(of('certificate'), { state: 'good' });
  t.match(of('operators'), { state: 'warn', finding: 'one' });
  t.notOk(body.lines.some((line) => line.finding === 'failed'));
});

t.test('killed in the middle of a deletion: nothing is given up twice, and it can be gone on with', async (t) => {
  /** What a deletion has done by the time of the kill, as far as the database says. */
  const moments = [
    ['nothing', 'true'],
    ['money', 'exists (select 1 from ledger_transfer where actor_id = $1)'],
    ['account', 'exists (select 1 from person where id = $1 and deleted_at is not null)'],
  ] as const;
  for (const [moment, isReached] of moments) {
    const name = `Killed-${moment}`;
    const person = await appliance.makePerson(operator, 'client', name);
    await appliance.addCredit(operator, person.personId, 700);
    const cookie = await appliance.signIn(person.linkUrl);
    const body = deletion(name.toLowerCase(), 700);
    const store = await joinTestStore(appliance);
    const sent = send('POST', '/api/account/deletion', cookie, body).catch(() => null);
    const look = () => store.main.one<{ is: boolean }>(`select ${isReached} as is, $1::bigint`, [person.personId]);
    while (!(await look()).is);
    await appliance.killTree();
    await store.close();
    await sent;
    await appliance.start();
    // Whatever had happened by then: the same request again, or with what is left.
    const me = await get<{ balanceMinor: number }>('/api/session', cookie);
    if (me.status === 200) {
      t.ok([0, 700].includes(me.body.balanceMinor), `${name}: ${me.body.balanceMinor}`);
      const again = await send('POST', '/api/account/deletion', cookie, { ...body, giveUpMinor: me.body.balanceMinor });
      t.equal(again.status, 200, JSON.stringify(again.body));
    }
    const { people } = (await get<People>('/api/people?state=deleted&limit=1', operator)).body;
    t.match(people, [{ personId: person.personId, balanceMinor: 0 }]);
    const { lines } = (await get<HistoryLines>(`/api/history?personId=${person.personId}`, operator)).body;
    t.same(
      lines.map(({ kind, amountMinor }) => [kind, amountMinor]),
      [
        ['adjustment', -700],
        ['top_up', 700],
      ],
      `${name}: given up once`,
    );
  }
  t.match((await send<LedgerState>('POST', '/api/ledger/check', operator)).body, {
    isBalanced: true,
    isChainIntact: true,
  });
});
