// People and how they prove who they are, on a real database. Where time decides, rows are moved into the past.
import { randomBytes } from 'node:crypto';
import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import {
  Accounts,
  digestOf,
  type Person,
  Pictures,
  peerOf,
  pictureUrlOf,
  SignIn,
} from '../../server/accounts/index.ts';
import { hashPassword } from '../../server/accounts/secrets.ts';
import {
  AVAILABLE_HOURS_MAX,
  DEVICE_LENGTH_MAX,
  LINK_IS_FRESH_MS,
  PICTURE_BYTES_MAX,
  type Role,
  SEEN_STEP_MS,
} from '../../server/contract/index.ts';
import { openTestStore, temporaryFolder } from '../support/store.ts';

const DAY_MS = 86_400_000;
/** The database's clock and ours are the same machine's; a slow test may lie between two looks at it. */
const CLOCK_MS = 60_000;
const OLD = 'the old password';
const NEW = 'the new password';

const store = await openTestStore(temporaryFolder('accounts'));
t.teardown(() => store.close());
const database = store.main;
const accounts = new Accounts(database);
const signIn = new SignIn(database);
const pictures = new Pictures(database);

let count = 0;
const make = (role: Role): Promise<Person> => accounts.makePerson(role, `person${++count}`, `Person ${count}`);
const moved = (table: string, column: string, byMs: number, digest: Buffer) =>
  database.query(
    `update ${table} set ${column} = ${column} - make_interval(secs => $1::double precision) where digest = $2`,
    [byMs / 1_000, digest],
  );
const whose = async (token: string) => (await signIn.personOfSession(token))?.personId ?? null;
const countOf = async (text: string, ...values: unknown[]): Promise<number> =>
  (await database.one<{ count: number }>(`select count(*) as count from ${text}`, values)).count;
/** A hash takes long on purpose: one does for all who have the same password. */
const hashOfOld = hashPassword(OLD);
/** A person who has a password. */
async function withPassword(role: Role = 'client'): Promise<Person> {
  const person = await make(role);
  await database.query('update person set password_hash = $2 where id = $1', [person.personId, await hashOfOld]);
  return person;
}
const setBySql = (person: Person, column: string) =>
  database.query(`update person set ${column} = now() where id = $1`, [person.personId]);
const refused = (code: string) => ({ code });

// ---- the set-up: there is no operator yet -------------------------------------------------------------------------

t.test('before the set-up there is no operator', async (t) => {
  t.equal(await accounts.hasOperator(), false);
});

t.test('a set-up link that has expired makes no operator', async (t) => {
  const { token, expiresAt } = await signIn.newSetUpLink();
  t.ok(Math.abs(expiresAt.getTime() - Date.now() - 7 * DAY_MS) < CLOCK_MS, 'it is good for seven days');
  await moved('sign_in_link', 'expires_at', 7 * DAY_MS + CLOCK_MS, digestOf(token));
  await t.rejects(signIn.setUp(token, 'boss', 'Boss', OLD), refused('link_used_or_expired'));
});

t.test('a new set-up link ends the older one', async (t) => {
  const older = await signIn.newSetUpLink();
  await signIn.newSetUpLink();
  await t.rejects(signIn.setUp(older.token, 'boss', 'Boss', OLD), refused('link_used_or_expired'));
});

t.test('a sign-in link makes no operator', async (t) => {
  const { token } = await signIn.newLink((await make('client')).personId);
  await t.rejects(signIn.setUp(token, 'boss', 'Boss', OLD), refused('link_used_or_expired'));
});

/** Holds what `lock` selects until all acts wait for it in the database: they are at once in every run. */
async function atOnce<T>(lock: string, acts: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
  const held = database.script(`${lock} for update; select pg_sleep(60)`).catch(() => undefined);
  const ofHere = 'from pg_stat_activity where datname = current_database()';
  const waitFor = async (count: number, what: string) => {
    while ((await database.query(`select 1 ${ofHere} and ${what}`)).length < count);
  };
  await waitFor(1, `wait_event = 'PgSleep'`);
  const ends = Promise.allSettled(acts.map((act) => act()));
  await waitFor(acts.length, `wait_event_type = 'Lock'`);
  await database.query(`select pg_cancel_backend(pid) ${ofHere} and wait_event = 'PgSleep'`);
  await held;
  return ends;
}

t.test('two who use the set-up link at once become one operator', async (t) => {
  const { token } = await signIn.newSetUpLink();
  const acts = ['one', 'two'].map((name) => () => signIn.setUp(token, name, name, OLD));
  const ends = await atOnce(`select 1 from sign_in_link where purpose = 'set_up'`, acts);
  t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await database.query(`delete from person where role = 'operator'`);
});

t.test('two who use a sign-in link at once are let in once', async (t) => {
  const { personId } = await make('client');
  const { token } = await signIn.newLink(personId);
  const acts = [1, 2].map(() => () => signIn.byLink(token));
  const ends = await atOnce(`select 1 from sign_in_link where person_id = ${personId}`, acts);
  t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

t.test('the set-up link is not used up by signing in with it, and makes the operator', async (t) => {
  const { token } = await signIn.newSetUpLink();
  await t.rejects(signIn.byLink(token), refused('link_used_or_expired'));
  const boss = await signIn.setUp(token, 'boss', ' Boss ', OLD);
  t.match(boss, { role: 'operator', username: 'boss', hasPassword: true });
  t.equal(boss.displayName, 'Boss');
  t.equal(await accounts.hasOperator(), true);
});

t.test('no link outlives the set-up: neither the one that was used nor a later one', async (t) => {
  const { token } = await signIn.newSetUpLink();
  await t.rejects(signIn.setUp(token, 'second', 'Second', OLD), refused('already_set_up'));
  t.equal(await countOf(`person where role = 'operator'`), 1);
});

// ---- passwords ----------------------------------------------------------------------------------------------------

t.test('a password is kept as argon2id with the parameters that OWASP recommends', async (t) => {
  const { personId } = await make('client');
  await signIn.setPassword(personId, { password: OLD }, await signIn.openSession(personId));
  const { hash } = await database.one<{ hash: string }>('select password_hash as hash from person where id = $1', [
    personId,
  ]);
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

t.test('by password: the right one, however the name is written', async (t) => {
  const { personId, username } = await withPassword();
  t.equal((await signIn.byPassword(` ${username.toUpperCase()} `, OLD)).personId, personId);
});

t.test('by password: a wrong one, an unknown name and a person without any are refused alike', async (t) => {
  const { username } = await withPassword();
  const without = await make('client');
  await t.rejects(signIn.byPassword(username, NEW), refused('wrong_credentials'));
  await t.rejects(signIn.byPassword('nobody-of-this-name', OLD), refused('wrong_credentials'));
  await t.rejects(signIn.byPassword(without.username, OLD), refused('wrong_credentials'));
});

t.test('by password: an unknown name takes as long as a wrong password', async (t) => {
  const { username } = await withPassword();
  const fastest = async (name: string) => {
    let leastMs = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 3; n++) {
      const startedAtMs = performance.now();
      await signIn.byPassword(name, NEW).catch(() => {});
      leastMs = Math.min(leastMs, performance.now() - startedAtMs);
    }
    return leastMs;
  };
  t.ok((await fastest('nobody-of-this-name')) > (await fastest(username)) / 3);
});

t.test('a suspended or deleted person signs in neither by password nor by link', async (t) => {
  for (const [column, byPassword, byLink] of [
    ['shut_out_at', 'account_suspended', 'account_suspended'],
    ['deleted_at', 'wrong_credentials', 'link_used_or_expired'],
  ] as const) {
    const person = await withPassword();
    const { token } = await signIn.newLink(person.personId);
    await setBySql(person, column);
    await t.rejects(signIn.byPassword(person.username, OLD), refused(byPassword), column);
    await t.rejects(signIn.byLink(token), refused(byLink), column);
    const unused = await countOf('sign_in_link where person_id = $1 and used_at is null', person.personId);
    t.equal(unused, 1, 'a link that lets nobody in is not used up');
    await database.query('update sign_in_link set used_at = now() where person_id = $1', [person.personId]);
    await t.rejects(signIn.byLink(token), refused('link_used_or_expired'), 'and one that was used is none');
  }
});

t.test('an easy password is refused, wherever it is set, and nothing is changed', async (t) => {
  const person = await make('client');
  const session = await signIn.openSession(person.personId);
  const easy = [
    'password123456',
    'qwertyuiop12',
    'aaaaaaaaaaaa',
    '0123456789',
    `${person.username}2026`,
    'Blue Door 1',
  ];
  const named = new SignIn(database, 'Blue Door');
  for (const password of easy) {
    await t.rejects(named.setPassword(person.personId, { password }, session), refused('password_too_easy'), password);
  }
  t.match(await signIn.passwordState(person.personId, session), { isSet: false });
  const { token } = await signIn.newSetUpLink();
  await t.rejects(signIn.setUp(token, 'boss', 'Boss', 'password123456'), refused('password_too_easy'));
  for (const password of ['a long password', 'tr0ub4dor&3x', '密码密码很难猜的密', `${'x'.repeat(40)} and more`]) {
    const isTaken = named.setPassword(
      person.personId,
      { password },
      await signIn.openSession(person.personId, '', true),
    );
    await (password.startsWith('x') ? t.rejects(isTaken, refused('password_too_easy')) : t.resolves(isTaken, password));
  }
});

t.test('who guesses has to wait, longer and longer, and the owner gets in from where they always do', async (t) => {
  const clock = FakeTimers.install({ toFake: ['performance'] });
  t.teardown(() => clock.uninstall());
  const guarded = new SignIn(database);
  const { username } = await withPassword();
  const from = (network: string) => (password: string) => guarded.byPassword(username, password, network);
  const [home, elsewhere] = [from('192.0.2.1'), from('2001:db8:0:0::/64')];
  await home(OLD);
  for (let guess = 0; guess < 5; guess += 1) await t.rejects(elsewhere('wrong'), refused('wrong_credentials'));
  await t.rejects(elsewhere(OLD), refused('too_many_guesses'), 'the right one is not looked at');
  await t.resolves(home(OLD), 'another network has its own count');
  clock.tick(2_000);
  await t.rejects(elsewhere('wrong'), refused('wrong_credentials'));
  clock.tick(3_999);
  await t.rejects(elsewhere('wrong'), refused('too_many_guesses'), 'the wait has doubled');
  clock.tick(1);
  await t.resolves(elsewhere(OLD));
  await t.rejects(elsewhere('wrong'), refused('wrong_credentials'), 'what was right begins anew');
});

t.test('the first password needs no old one, however old the session is', async (t) => {
  const person = await make('client');
  const token = await signIn.openSession(person.personId);
  t.same(await signIn.passwordState(person.personId, token), { isSet: false, asksOld: false });
  await signIn.setPassword(person.personId, { password: OLD }, token);
  t.same(await signIn.passwordState(person.personId, token), { isSet: true, asksOld: true });
  t.equal((await signIn.byPassword(person.username, OLD)).personId, person.personId);
});

t.test('a password is changed with the old one, and with no other', async (t) => {
  const { personId, username } = await withPassword();
  const token = await signIn.openSession(personId);
  await t.rejects(signIn.setPassword(personId, { password: NEW }, token), refused('wrong_old_password'));
  const guess = { password: NEW, oldPassword: 'another password' };
  await t.rejects(signIn.setPassword(personId, guess, token), refused('wrong_old_password'));
  await signIn.setPassword(personId, { password: NEW, oldPassword: OLD }, token);
  await t.rejects(signIn.byPassword(username, OLD), refused('wrong_credentials'));
  t.equal((await signIn.byPassword(username, NEW)).personId, personId);
});

t.test('who guesses the old password at a page that was left open has to wait as well', async (t) => {
  const { personId } = await withPassword();
  const token = await signIn.openSession(personId);
  const change = (oldPassword: string) =>
    signIn.setPassword(personId, { password: 'the second one', oldPassword }, token);
  for (let guess = 0; guess < 5; guess += 1) await t.rejects(change('wrong'), refused('wrong_old_password'));
  await t.rejects(change(OLD), refused('too_many_guesses'), 'the right one is not looked at');
});

t.test('of two changes at once with the same old password one is made', async (t) => {
  const { personId } = await withPassword();
  const token = await signIn.openSession(personId);
  const changes = ['the second one', 'the third one'].map((password) =>
    signIn.setPassword(personId, { password, oldPassword: OLD }, token),
  );
  const ends = await Promise.allSettled(changes);
  t.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1);
  t.match(
    ends.find(({ status }) => status === 'rejected'),
    { reason: refused('wrong_old_password') },
  );
});

t.test('a change of password ends the other sessions, and neither its own nor those of others', async (t) => {
  const { personId } = await withPassword();
  const other = await make('client');
  const [own, second, ofOther] = await Promise.all([
    signIn.openSession(personId),
    signIn.openSession(personId),
    signIn.openSession(other.personId),
  ]);
  await signIn.setPassword(personId, { password: NEW, oldPassword: OLD }, own);
  t.equal(await whose(own), personId);
  t.equal(await whose(second), null);
  t.equal(await whose(ofOther), other.personId);
});

t.test('a session that a link began sets one password without the old one, within an hour', async (t) => {
  const { personId } = await withPassword();
  const [fresh, older, byPassword] = await Promise.all([
    signIn.openSession(personId, '', true),
    signIn.openSession(personId, '', true),
    signIn.openSession(personId, '', false),
  ]);
  const asksOld = async (token: string) => (await signIn.passwordState(personId, token)).asksOld;
  await moved('session', 'created_at', LINK_IS_FRESH_MS - CLOCK_MS, digestOf(older));
  t.equal(await asksOld(older), false, 'for an hour');
  await moved('session', 'created_at', 2 * CLOCK_MS, digestOf(older));
  t.equal(await asksOld(older), true, 'and no longer');
  t.equal(await asksOld(byPassword), true, 'only the session that the link began');
  t.equal(await asksOld(fresh), false);
  await signIn.setPassword(personId, { password: NEW }, fresh);
  t.equal(await asksOld(fresh), true, 'once');
  t.equal(LINK_IS_FRESH_MS, 3_600_000);
});

// ---- links --------------------------------------------------------------------------------------------------------

t.test('a sign-in link lets its person in, once, and its token is not kept', async (t) => {
  const { personId } = await make('client');
  const { token, expiresAt } = await signIn.newLink(personId);
  t.equal(Buffer.from(token, 'base64url').length, 32, '256 bits');
  t.ok(Math.abs(expiresAt.getTime() - Date.now() - 7 * DAY_MS) < CLOCK_MS, 'it is good for seven days');
  t.equal(await countOf('sign_in_link where digest = sha256($1::text::bytea)', token), 1);
  t.equal((await signIn.byLink(token)).personId, personId);
  await t.rejects(signIn.byLink(token), refused('link_used_or_expired'));
});

t.test('an older link ends with a newer one, and every link with a new password', async (t) => {
  const [person, other] = [await withPassword(), await make('client')];
  const [first, others] = [await signIn.newLink(person.personId), await signIn.newLink(other.personId)];
  const second = await signIn.newLink(person.personId);
  await t.rejects(signIn.byLink(first.token), refused('link_used_or_expired'));
  const session = await signIn.openSession(person.personId);
  await signIn.setPassword(person.personId, { password: 'another long one', oldPassword: OLD }, session);
  await t.rejects(signIn.byLink(second.token), refused('link_used_or_expired'));
  t.equal((await signIn.byLink(others.token)).personId, other.personId, 'and nobody else’s');
});

t.test('a sign-in link expires', async (t) => {
  const { personId } = await make('client');
  const { token } = await signIn.newLink(personId);
  await moved('sign_in_link', 'expires_at', 7 * DAY_MS - CLOCK_MS, digestOf(token));
  await moved('sign_in_link', 'expires_at', 2 * CLOCK_MS, digestOf(token));
  await t.rejects(signIn.byLink(token), refused('link_used_or_expired'));
});

t.test('a reset ends sessions, links and password of that person, and of nobody else', async (t) => {
  const [person, other] = [await withPassword(), await withPassword()];
  const [link, session] = [await signIn.newLink(person.personId), await signIn.openSession(person.personId)];
  const [otherLink, otherSession] = [await signIn.newLink(other.personId), await signIn.openSession(other.personId)];
  await signIn.reset(person.personId);
  await t.rejects(signIn.byLink(link.token), refused('link_used_or_expired'));
  t.equal(await whose(session), null);
  await t.rejects(signIn.byPassword(person.username, OLD), refused('wrong_credentials'));
  t.equal((await signIn.byLink(otherLink.token)).personId, other.personId);
  t.equal(await whose(otherSession), other.personId);
  t.equal((await signIn.byPassword(other.username, OLD)).personId, other.personId);
});

// ---- sessions -----------------------------------------------------------------------------------------------------

t.test('a session lasts thirty days', async (t) => {
  const { personId } = await make('client');
  const token = await signIn.openSession(personId);
  const { expiresAt } = await database.one<{ expiresAt: Date }>(
    'select expires_at as "expiresAt" from session where digest = $1',
    [digestOf(token)],
  );
  t.ok(Math.abs(expiresAt.getTime() - Date.now() - 30 * DAY_MS) < CLOCK_MS);
  t.equal(await whose(token), personId);
  await moved('session', 'expires_at', 30 * DAY_MS + CLOCK_MS, digestOf(token));
  t.equal(await whose(token), null, 'then it opens nothing');
  t.same(await signIn.sessions(personId, token), [], 'and is not listed');
});

t.test('a sign-in clears away the sessions that are over, and no other', async (t) => {
  const { personId } = await make('client');
  const [over, good] = [await signIn.openSession(personId), await signIn.openSession(personId)];
  await moved('session', 'expires_at', 31 * DAY_MS, digestOf(over));
  await signIn.openSession(personId);
  t.equal(await countOf('session where digest = $1', digestOf(over)), 0);
  t.equal(await whose(good), personId);
});

t.test('a token that nobody was given opens nothing', async (t) => {
  t.equal(await whose(randomBytes(32).toString('base64url')), null);
});

t.test('the session of a suspended or deleted person opens nothing, though it is there', async (t) => {
  for (const column of ['shut_out_at', 'deleted_at']) {
    const person = await make('client');
    const token = await signIn.openSession(person.personId);
    await setBySql(person, column);
    t.equal(await whose(token), null, column);
  }
});

t.test('sessions are listed newest first, with their device, and the one that asks is marked', async (t) => {
  const { personId } = await make('client');
  await signIn.openSession((await make('client')).personId, 'of somebody else');
  const first = await signIn.openSession(personId, 'x'.repeat(DEVICE_LENGTH_MAX + 1));
  await signIn.openSession(personId, 'a phone');
  const lines = await signIn.sessions(personId, first);
  t.same(
    lines.map(({ device, isThis }) => [device, isThis]),
    [
      ['a phone', false],
      ['x'.repeat(DEVICE_LENGTH_MAX), true],
    ],
  );
});

t.test('a session that was seen long ago is marked as seen, and no other', async (t) => {
  const { personId } = await make('client');
  const [seen, lately, other] = [
    await signIn.openSession(personId),
    await signIn.openSession(personId),
    await signIn.openSession(personId),
  ];
  await moved('session', 'seen_at', SEEN_STEP_MS + CLOCK_MS, digestOf(seen));
  await moved('session', 'seen_at', SEEN_STEP_MS - CLOCK_MS, digestOf(lately));
  await moved('session', 'seen_at', DAY_MS, digestOf(other));
  const isSeen = async (token: string) =>
    (await countOf(`session where digest = $1 and seen_at > now() - interval '1 minute'`, digestOf(token))) === 1;
  await whose(lately);
  await whose(seen);
  // It is written beside the answer.
  while (!(await isSeen(seen))) await new Promise(setImmediate);
  t.equal(await isSeen(lately), false, 'within five minutes it is not written anew');
  t.equal(await isSeen(other), false);
});

t.test('a person ends a session of their own, and of nobody else', async (t) => {
  const [person, other] = [await make('client'), await make('client')];
  const [token, ofOther] = [await signIn.openSession(person.personId), await signIn.openSession(other.personId)];
  const [line] = await signIn.sessions(other.personId, ofOther);
  const sessionId = line?.sessionId as number;
  await t.rejects(signIn.endSession(person.personId, sessionId), refused('session_not_found'));
  t.equal(await whose(ofOther), other.personId);
  t.same(await signIn.endSession(other.personId, sessionId), digestOf(ofOther));
  t.equal(await whose(ofOther), null);
  t.equal(await whose(token), person.personId);
});

t.test('all other sessions of a person end, and nothing else', async (t) => {
  const [person, other] = [await make('client'), await make('client')];
  const [own, second] = [await signIn.openSession(person.personId), await signIn.openSession(person.personId)];
  const ofOther = await signIn.openSession(other.personId);
  await signIn.endOtherSessions(person.personId, own);
  t.equal(await whose(own), person.personId);
  t.equal(await whose(second), null);
  t.equal(await whose(ofOther), other.personId);
});

t.test('signing out ends this session alone', async (t) => {
  const { personId } = await make('client');
  const [own, second] = [await signIn.openSession(personId), await signIn.openSession(personId)];
  await signIn.closeSession(own);
  t.equal(await whose(own), null);
  t.equal(await whose(second), personId);
});

// ---- people -------------------------------------------------------------------------------------------------------

t.test('a user name is taken once, and only a model has terms', async (t) => {
  const client = await accounts.makePerson('client', 'cat', ' Cat ');
  t.match(client, { role: 'client', username: 'cat', hasPassword: false, isStaff: false });
  t.equal(client.displayName, 'Cat');
  await t.rejects(accounts.makePerson('model', 'cat', 'Cat'), refused('username_taken'));
  const model = await make('model');
  t.match(await accounts.model(model.personId), {
    profile: { rateMinor: 200, minimumMin: 1, about: '', languages: [], tags: [] },
    isProfileSet: false,
    availableUntil: null,
  });
  t.equal(await countOf('model_profile where person_id = $1', client.personId), 0);
  await t.rejects(accounts.model(client.personId), refused('person_not_found'));
  await t.rejects(accounts.person(999_999), refused('person_not_found'));
});

t.test('marks are what the operator says, and the day of the first stays', async (t) => {
  const { personId } = await make('client');
  await accounts.setMarks(personId, { isVerified: true, isStaff: true });
  await database.query(`update person set verified_at = '2026-01-01T00:00:00Z' where id = $1`, [personId]);
  await accounts.setMarks(personId, { isVerified: true, isStaff: false });
  const person = await accounts.person(personId);
  t.same([person.verifiedAt, person.isStaff], [new Date('2026-01-01T00:00:00Z'), false]);
  t.equal(peerOf(person).isVerified, true);
  await accounts.setMarks(personId, { isVerified: false, isStaff: false });
  t.match(await accounts.person(personId), { verifiedAt: null });
  t.equal(peerOf(await accounts.person(personId)).isVerified, false);
  await t.rejects(accounts.setMarks(999_999, { isVerified: true, isStaff: true }), refused('person_not_found'));
});

t.test('people are narrowed down by state and role, and found by either name', async (t) => {
  const find = async (query: Parameters<Accounts['people']>[0]) =>
    (await accounts.people({ search: 'needle', ...query })).map(({ username }) => username);
  const [active, shut, gone, shutAndGone] = [
    await accounts.makePerson('client', 'needle-active', 'One'),
    await accounts.makePerson('model', 'needle-shut', 'Two'),
    await accounts.makePerson('client', 'needle-gone', 'Three'),
    await accounts.makePerson('client', 'needle-both', 'Four'),
  ];
  await accounts.makePerson('client', 'other-name', 'A NeeDle');
  for (const person of [shut, shutAndGone]) await setBySql(person, 'shut_out_at');
  for (const person of [gone, shutAndGone]) await setBySql(person, 'deleted_at');
  t.same(await find({}), ['other-name', 'needle-shut', 'needle-active'], 'newest first, and nobody who is gone');
  t.same(await find({ search: ' NEEDLE-a ' }), ['needle-active']);
  t.same(await find({ state: 'active' }), ['other-name', 'needle-active']);
  t.same(await find({ state: 'suspended' }), ['needle-shut']);
  t.same(await find({ state: 'deleted' }), ['needle-both', 'needle-gone']);
  t.same(await find({ role: 'model' }), ['needle-shut']);
  t.same(await find({ limit: 1 }), ['other-name']);
  t.same(await find({ before: shut.personId }), ['needle-active'], 'no line stands on two pages');
  t.ok(active.personId < shut.personId);
});

t.test('a page has fifty people', async (t) => {
  await database.query(
    `insert into person (role, username, display_name) select 'client', 'many' || n, 'Many' from generate_series(1, 51) n`,
  );
  t.equal((await accounts.people()).length, 50);
  await database.query(`delete from person where display_name = 'Many'`);
});

t.test('what a model sets is set for her alone', async (t) => {
  const [mia, zoe] = [await make('model'), await make('model')];
  const profile = { rateMinor: 500, minimumMin: 3, about: 'Hello', languages: ['de', 'en'], tags: ['chess'] };
  await accounts.setProfile(mia.personId, profile);
  await accounts.setRingTerms(mia.personId, { refusesLooks: true });
  await accounts.setShare(mia.personId, 70);
  await accounts.setAvailability(mia.personId, 1);
  t.match(await accounts.model(mia.personId), { profile, isProfileSet: true, refusesLooks: true, sharePercent: 70 });
  t.match(await accounts.model(zoe.personId), {
    profile: { rateMinor: 200 },
    isProfileSet: false,
    refusesLooks: false,
    sharePercent: null,
    availableUntil: null,
  });
  await accounts.setRingTerms(mia.personId, { refusesLooks: false });
  t.match(await accounts.model(mia.personId), { refusesLooks: false });
});

t.test('only a model has a share', async (t) => {
  const { personId } = await make('client');
  await t.rejects(accounts.setShare(personId, 70), refused('person_not_found'));
});

t.test('calls are on for one to twelve hours, or off', async (t) => {
  const { personId } = await make('model');
  const until = async () => (await accounts.model(personId)).availableUntil?.getTime() ?? null;
  for (const hours of [1, AVAILABLE_HOURS_MAX]) {
    await accounts.setAvailability(personId, hours);
    t.ok(Math.abs(((await until()) ?? 0) - Date.now() - hours * 3_600_000) < CLOCK_MS, `${hours} h`);
  }
  await accounts.setAvailability(personId, 0);
  t.equal(await until(), null);
  await t.rejects(accounts.setAvailability(personId, AVAILABLE_HOURS_MAX + 1), RangeError);
  await t.rejects(accounts.setAvailability(personId, -1), RangeError);
});

// ---- suspension and deletion --------------------------------------------------------------------------------------

t.test('a suspension ends sessions and links, turns calls off, and keeps its first day', async (t) => {
  const [mia, zoe] = [await make('model'), await make('model')];
  const [session, link] = [await signIn.openSession(mia.personId), await signIn.newLink(mia.personId)];
  for (const { personId } of [mia, zoe]) await accounts.setAvailability(personId, 1);
  await accounts.suspend(mia.personId, ' Papers are missing ');
  await database.query(`update person set shut_out_at = '2026-01-01T00:00:00Z' where id = $1`, [mia.personId]);
  await accounts.suspend(mia.personId, 'Papers are missing');
  const suspended = await accounts.person(mia.personId);
  t.same(suspended.suspendedAt, new Date('2026-01-01T00:00:00Z'));
  t.equal(suspended.suspendedWhy, 'Papers are missing');
  t.equal(await countOf('session where digest = $1', digestOf(session)), 0);
  t.equal(await countOf('sign_in_link where digest = $1', digestOf(link.token)), 0);
  t.equal(await countOf('model_profile where person_id = $1 and available_until is not null', mia.personId), 0);
  t.not((await accounts.model(zoe.personId)).availableUntil, null, 'hers alone');
  await t.rejects(accounts.model(mia.personId), refused('person_not_found'), 'she is not seen');
});

t.test('a reason has no spaces around it', async (t) => {
  const { personId } = await make('client');
  await accounts.suspend(personId, ' Threats ');
  t.equal((await accounts.person(personId)).suspendedWhy, 'Threats');
});

t.test('a suspension that is lifted lets them in, and leaves no reason behind', async (t) => {
  const person = await withPassword();
  await accounts.suspend(person.personId, 'Threats');
  await accounts.liftSuspension(person.personId);
  t.match(await accounts.person(person.personId), { suspendedAt: null, suspendedWhy: null });
  t.equal((await signIn.byPassword(person.username, OLD)).personId, person.personId);
  await t.rejects(accounts.liftSuspension(999_999), refused('person_not_found'));
});

t.test('a deletion takes away what names a person, and what lets them in', async (t) => {
  const mia = await withPassword('model');
  await accounts.setMarks(mia.personId, { isVerified: true, isStaff: true });
  const about = { rateMinor: 500, minimumMin: 3, about: 'Hello', languages: ['de'], tags: ['chess'] };
  await accounts.setProfile(mia.personId, about);
  await accounts.setAvailability(mia.personId, 1);
  await pictures.set(mia.personId, Buffer.from([0xff, 0xd8, 0xff, 1]));
  const [session, link] = [await signIn.openSession(mia.personId), await signIn.newLink(mia.personId)];
  await database.query(`update person set shut_out_why = 'x' where id = $1`, [mia.personId]);
  await accounts.erase(mia.personId);
  t.match(await accounts.person(mia.personId), {
    username: `deleted:${mia.personId}`,
    displayName: `Deleted ${mia.personId}`,
    hasPassword: false,
    verifiedAt: null,
    isStaff: false,
    suspendedWhy: null,
    pictureDigest: null,
  });
  t.equal(await countOf('session where digest = $1', digestOf(session)), 0);
  t.equal(await countOf('sign_in_link where digest = $1', digestOf(link.token)), 0);
  const rest = `about = '' and languages = '{}' and tags = '{}' and available_until is null`;
  t.equal(await countOf(`model_profile where person_id = $1 and ${rest}`, mia.personId), 1);
  await t.rejects(accounts.model(mia.personId), refused('person_not_found'));
  t.equal((await accounts.makePerson('client', mia.username, 'New')).username, mia.username, 'the name is free');
});

t.test('a deleted account is neither suspended nor lifted nor deleted again', async (t) => {
  const { personId } = await make('client');
  await accounts.erase(personId);
  await t.rejects(accounts.suspend(personId, 'x'), refused('person_not_found'));
  await t.rejects(accounts.liftSuspension(personId), refused('person_not_found'));
  await t.rejects(accounts.erase(personId), refused('person_not_found'));
});

t.test('the last operator is neither suspended nor deleted, whoever else there is', async (t) => {
  const [boss] = (await accounts.people({ role: 'operator' })) as [Person];
  const [shut, gone] = [await make('operator'), await make('operator')];
  await setBySql(shut, 'shut_out_at');
  await setBySql(gone, 'deleted_at');
  await t.rejects(accounts.suspend(boss.personId, 'x'), refused('last_operator'));
  await t.rejects(accounts.erase(boss.personId), refused('last_operator'));
  t.match(await accounts.person(boss.personId), { suspendedAt: null, deletedAt: null });
  const mia = await make('model');
  await accounts.suspend(mia.personId, 'a model is no operator');
  await make('operator');
  await accounts.suspend(boss.personId, 'there is another one');
});

t.test('two operators do not shut each other out at once', async (t) => {
  await database.query(`update person set deleted_at = now() where role = 'operator' and deleted_at is null`);
  const acts = [await make('operator'), await make('operator')].map(
    ({ personId }) =>
      () =>
        accounts.suspend(personId, 'x'),
  );
  const ends = await atOnce(`select 1 from person where role = 'operator' and deleted_at is null`, acts);
  t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

// ---- pictures -----------------------------------------------------------------------------------------------------

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const WEBP = [...Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')];

t.test('a picture is a JPEG, a PNG or a WebP, by its first bytes', async (t) => {
  const { personId } = await make('client');
  for (const [mediaType, bytes] of [
    ['image/jpeg', JPEG],
    ['image/png', PNG],
    ['image/webp', WEBP],
  ] as const) {
    await pictures.set(personId, Buffer.from(bytes));
    t.match(await pictures.read(personId), { mediaType, bytes: Buffer.from(bytes) });
  }
  for (const bytes of [
    Buffer.from('<svg onload="alert(1)">'),
    Buffer.from([0xff, 0x00, 0x00]),
    Buffer.from([0x89, 0x00, 0x00]),
    Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'),
    Buffer.from('FORM\0\0\0\0WEBP', 'latin1'),
    Buffer.alloc(0),
  ]) {
    await t.rejects(pictures.set(personId, bytes), refused('bad_picture'), String(bytes));
  }
  t.match(await pictures.read(personId), { mediaType: 'image/webp' }, 'what was refused changed nothing');
});

t.test('a picture is as large as allowed, and no larger', async (t) => {
  const { personId } = await make('client');
  const picture = Buffer.alloc(PICTURE_BYTES_MAX + 1);
  picture.set(JPEG);
  await t.rejects(pictures.set(personId, picture), refused('too_large'));
  await pictures.set(personId, picture.subarray(0, PICTURE_BYTES_MAX));
  t.equal((await pictures.read(personId)).bytes.length, PICTURE_BYTES_MAX);
});

t.test('a new picture has a new address; one that is removed has none', async (t) => {
  const [person, other] = [await make('client'), await make('client')];
  const address = async () => pictureUrlOf(await accounts.person(person.personId));
  t.equal(await address(), null);
  await pictures.set(other.personId, Buffer.from(JPEG));
  await pictures.set(person.personId, Buffer.from(JPEG));
  const first = await address();
  t.match(first, new RegExp(`^/api/people/${person.personId}/picture\\?v=[0-9a-f]{16}$`));
  await pictures.set(person.personId, Buffer.from(PNG));
  t.not(await address(), first);
  await pictures.remove(person.personId);
  t.equal(await address(), null);
  await t.rejects(pictures.read(person.personId), refused('no_picture'));
  t.match(await pictures.read(other.personId), { mediaType: 'image/jpeg' });
});
