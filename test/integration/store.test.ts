import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { Accounts, SignIn } from '../../server/accounts/index.ts';
import { toMinor } from '../../server/contract/index.ts';
import { type Charge, Ledger } from '../../server/ledger/index.ts';
import { postTransfers } from '../../server/ledger/statements.ts';
import { readPostmaster } from '../../server/store/embedded/process-identity.ts';
import {
  DataFolderInUse,
  holdDataFolder,
  MigrationError,
  migrate,
  StoreUnavailable,
} from '../../server/store/index.ts';
import { Sockets } from '../../server/store/sockets.ts';
import { migrations, openOwnStore, quiet, temporaryFolder } from '../support/store.ts';

const data = temporaryFolder('store');
const store = await openOwnStore(data);
const accounts = new Accounts(store.main);
const signIn = new SignIn(store.main);
const ledger = new Ledger(store);
t.teardown(async () => {
  await store.close();
  fs.rmSync(data, { recursive: true, force: true });
});

let made = 0;
/** A client with credit and a model, both new. */
async function pair(creditMinor: number): Promise<{ clientId: number; modelId: number }> {
  const n = ++made;
  const client = await accounts.makePerson('client', `client-${n}`, `Client ${n}`);
  const model = await accounts.makePerson('model', `model-${n}`, `Model ${n}`);
  if (creditMinor > 0) await topUp(client.personId, creditMinor, `key-first-${n}`);
  return { clientId: client.personId, modelId: model.personId };
}
const topUp = (clientId: number, amountMinor: number, key: string) =>
  ledger.topUp({ key, clientId, amountMinor: toMinor(amountMinor), reason: 'test', actorId: null });
const charge = (
  people: { clientId: number; modelId: number },
  callId: number,
  unit: number,
  amountMinor: number,
): Charge => ({
  ...people,
  callId,
  unit,
  amountMinor: toMinor(amountMinor),
  chargedBeforeMinor: toMinor(0),
  sharePercent: 60,
});

t.test('a charge moves money once, split by rule 7, and never below zero (rule 4)', async (t) => {
  const people = await pair(250);
  t.match(await ledger.postCharges([charge(people, 1, 1, 101)]), [{ status: 'posted', balanceMinor: 149 }]);
  t.match(
    await ledger.postCharges([charge(people, 1, 1, 101)]),
    [{ status: 'posted', balanceMinor: 149 }],
    'the same key, once',
  );
  t.match(await ledger.postCharges([charge(people, 1, 2, 150)]), [
    { status: 'refused', transferId: null, balanceMinor: 149 },
  ]);
  t.match(
    await ledger.postCharges([charge(people, 1, 2, 149)]),
    [{ status: 'posted', balanceMinor: 0 }],
    'to the last cent',
  );
  t.equal(await ledger.balanceOf(people.modelId, 'model'), 60 + 89, 'rounded down, each');
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
  await t.rejects(ledger.postCharges([charge(people, 1, 1, 102)]), /posted with 101, not with 102/);
});

t.test('one batch posts and refuses each for itself', async (t) => {
  const [rich, poor] = [await pair(1_000), await pair(10)];
  const answers = await ledger.postCharges([charge(rich, 2, 1, 100), charge(poor, 3, 1, 100)]);
  t.match(answers, [
    { status: 'posted', balanceMinor: 900 },
    { status: 'refused', balanceMinor: 10 },
  ]);
});

t.test('a batch that would change an account twice is a bug, not a loss', async (t) => {
  const people = await pair(1_000);
  await t.rejects(ledger.postCharges([charge(people, 4, 1, 1), charge(people, 4, 2, 1)]), /pays twice/);
  await t.rejects(ledger.postCharges([charge(people, 4, 1, 1), charge(people, 4, 1, 1)]), /stands twice|pays twice/);
  const row = { kind: 'charge' as const, amountMinor: 1, callId: 1, unit: 1 };
  await t.rejects(
    postTransfers(store.money, [
      { ...row, key: 'a', debit: 1, credit: 2 },
      { ...row, key: 'b', debit: 2, credit: 3 },
    ]),
    /pays and receives/,
  );
});

t.test('rule 5: the rest of the minimum is taken as far as the balance covers it, once', async (t) => {
  const people = await pair(150);
  t.match(await ledger.postMinimum(charge(people, 5, 0, 400)), { amountMinor: 150 });
  await topUp(people.clientId, 500, 'key-later');
  t.match(await ledger.postMinimum(charge(people, 5, 0, 400)), { amountMinor: 150 }, 'not again from later credit');
  t.equal(await ledger.balanceOf(people.clientId, 'client'), 500);
  t.match(await ledger.postMinimum(charge(await pair(0), 6, 0, 400)), { amountMinor: 0, transferId: null });
});

t.test('credit comes once for a key, however often and however many at once', async (t) => {
  const { clientId } = await pair(0);
  const answers = await Promise.all(Array.from({ length: 50 }, () => topUp(clientId, 70, 'key-same')));
  t.equal(answers.filter((answer) => answer.isNew).length, 1);
  t.equal(await ledger.balanceOf(clientId, 'client'), 70);
  await t.rejects(topUp(clientId, 71, 'key-same'), { code: 'key_reused' });
});

t.test('a transfer is never edited or removed', async (t) => {
  for (const text of [
    'update ledger_transfer set amount_minor = 1',
    'delete from ledger_transfer',
    'truncate ledger_transfer',
  ]) {
    await t.rejects(store.main.query(text), /never edited or removed/);
  }
});

t.test('random histories: zero sum, no balance below zero, each key once', async (t) => {
  const people = await Promise.all(Array.from({ length: 4 }, () => pair(300)));
  const expected = new Map(people.map(({ clientId }) => [clientId, 300]));
  const seen = new Map<string, number>();
  const action = fc.record({
    who: fc.nat(3),
    unit: fc.integer({ min: 1, max: 12 }),
    amount: fc.integer({ min: 1, max: 120 }),
    isTopUp: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
      for (const { who, unit, amount, isTopUp } of actions) {
        const one = people[who] as (typeof people)[number];
        const balance = expected.get(one.clientId) as number;
        if (isTopUp) {
          await topUp(one.clientId, amount, `key-random-${seen.size}-${Math.random()}`);
          expected.set(one.clientId, balance + amount);
          continue;
        }
        const key = `${who}:${unit}`;
        const due = seen.get(key) ?? amount;
        const [answer] = await ledger.postCharges([charge(one, 1_000 + who, unit, due)]);
        const isNew = !seen.has(key);
        t.equal(answer?.status, isNew && balance < due ? 'refused' : 'posted');
        if (isNew && balance >= due) {
          seen.set(key, due);
          expected.set(one.clientId, balance - due);
        }
        t.equal(answer?.balanceMinor, expected.get(one.clientId));
      }
    }),
    { numRuns: 30 },
  );
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});

t.test('passwords, links and sessions', async (t) => {
  const { token } = await signIn.newSetUpLink();
  const operator = await signIn.setUp(token, 'boss', ' The Boss ', 'a long password');
  t.match(operator, { role: 'operator', displayName: 'The Boss' });
  await t.rejects(signIn.setUp(token, 'boss2', 'B', 'a long password'), { code: 'already_set_up' });
  t.match(await signIn.byPassword(' BOSS ', 'a long password'), { personId: operator.personId });
  await t.rejects(signIn.byPassword('boss', 'another password'), { code: 'wrong_credentials' });
  await t.rejects(signIn.byPassword('nobody', 'another password'), { code: 'wrong_credentials' });
  await t.rejects(accounts.makePerson('client', 'boss', 'Again'), { code: 'username_taken' });

  const link = await signIn.newLink(operator.personId);
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => signIn.byLink(link.token)));
  t.equal(tries.filter((one) => one.status === 'fulfilled').length, 1, 'a link signs in once');
  const [mine, other] = [await signIn.openSession(operator.personId), await signIn.openSession(operator.personId)];
  await signIn.setPassword(
    operator.personId,
    { password: 'yet another password', oldPassword: 'a long password' },
    mine,
  );
  t.ok(await signIn.personOfSession(mine));
  t.equal(await signIn.personOfSession(other), null, 'a new password ends the other sessions');
  await signIn.closeSession(mine);
  t.equal(await signIn.personOfSession(mine), null);

  const byLink = await signIn.openSession(operator.personId, '', true);
  await store.main.query(`update session set created_at = now() - interval '59 minutes' where by_link`);
  t.match(await signIn.passwordState(operator.personId, byLink), { isSet: true, asksOld: false });
  await store.main.query(`update session set created_at = now() - interval '61 minutes' where by_link`);
  await t.rejects(signIn.setPassword(operator.personId, { password: 'the third password' }, byLink), {
    code: 'wrong_old_password',
  });
});

t.test('migrations that were written side by side are applied by number, whichever came first', async (t) => {
  const folder = temporaryFolder('migrations');
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.cpSync(migrations, folder, { recursive: true });
  const add = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);
  add('902_second.sql', 'create table second_made (id integer)');
  await migrate(store.main, folder, quiet);
  add('901_first.sql', 'create table first_made (id integer)');
  await migrate(store.main, folder, quiet);
  t.same(await store.main.query('select * from first_made, second_made'), []);
  add('901_again.sql', 'select 1');
  await t.rejects(migrate(store.main, folder, quiet), /two migrations have the number of 901_first/);
  await store.main.script('drop table first_made, second_made; delete from schema_migration where number > 900');
});

t.test('a database from the future is refused, and so is a migration that was changed', async (t) => {
  await store.main.query("insert into schema_migration (number, name, digest) values (999, '999_future', 'x')");
  await t.rejects(migrate(store.main, migrations, quiet), MigrationError);
  await store.main.query('delete from schema_migration where number = 999');
  await store.main.query("update schema_migration set digest = 'other' where number = 1");
  await t.rejects(migrate(store.main, migrations, quiet), /001_people was applied with another text/);
  const file = fs.readFileSync(path.join(migrations, '001_people.sql'));
  const { createHash } = await import('node:crypto');
  await store.main.query('update schema_migration set digest = $1 where number = 1', [
    createHash('sha256').update(file).digest('hex'),
  ]);
  await migrate(store.main, migrations, quiet);
});

t.test('a client that is thrown away while it connects leaves no connection open', async (t) => {
  const server = net.createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = { host: ['127.0.0.1'], port: [(server.address() as net.AddressInfo).port] };
  const sockets = new Sockets(1_000);
  await sockets.connect(address);
  const late = sockets.connect(address);
  sockets.end();
  await t.rejects(late, { code: /CONNECT_FAILED|CONNECTION_ENDED/ });
  await t.rejects(sockets.connect(address), { code: 'CONNECTION_ENDED' });
  const count = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)));
  while ((await count()) > 0) await sleep(10);
  await t.rejects(new Sockets(1_000).connect({ path: '/nowhere', host: [], port: [] }), { code: 'CONNECT_FAILED' });
});

t.test('a data folder has one appliance', async (t) => {
  const folder = temporaryFolder('hold');
  const letGo = await holdDataFolder(folder);
  await t.rejects(holdDataFolder(folder), DataFolderInUse);
  letGo();
  (await holdDataFolder(folder))();
  fs.rmSync(folder, { recursive: true });
});

t.test('killed in the middle of charges, the database comes back with each acknowledged one, once', async (t) => {
  const people = await pair(1_000_000);
  const acknowledged: number[] = [];
  const cluster = path.join(data, 'postgres');
  let unit = 0;
  for (let round = 0; round < 3; round++) {
    const upTo = unit + 40;
    let isKilled = false;
    while (unit < upTo) {
      const next = unit + 1;
      if (next === upTo - 20 && !isKilled) {
        process.kill(readPostmaster(cluster)?.pid as number, 'SIGKILL');
        isKilled = true;
      }
      try {
        const [answer] = await ledger.postCharges([charge(people, 77, next, 10)]);
        t.equal(answer?.status, 'posted');
        acknowledged.push(next);
        unit = next;
      } catch (error) {
        t.ok(error instanceof StoreUnavailable, 'unknown is said as unknown');
        await sleep(50); // the same unit again, under the same key
      }
    }
  }
  // A backend that outlives the server's kill for a moment may have taken the last charges.
  while (!(await store.health()).isUp) await sleep(50);
  const rows = await ledger.transfersOfCall(77);
  t.same(
    rows.map((row) => row.unit),
    acknowledged,
  );
  t.equal(await ledger.balanceOf(people.clientId, 'client'), 1_000_000 - 10 * acknowledged.length);
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});
