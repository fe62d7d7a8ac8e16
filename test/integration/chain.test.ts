import t from 'tap';
import { type LedgerState, toMinor } from '../../server/contract/index.ts';
import { MoneyFixture } from '../support/money-fixture.ts';

// What the check of the books finds. Each test changes them behind the ledger's back, and sets them right again.

const money = await MoneyFixture.open(t, 'chain');
const { ledger, store } = money;
const people = await money.pair(10_000);
const { transferIds } = await money.call(people, [101, 101, 101, 101]);
const [first, second, third] = transferIds as [number, number, number];

/** What the check says while the books are changed. */
async function checkedWhile(change: string, undo: string): Promise<LedgerState> {
  const behind = (sql: string) =>
    store.main.script(`set session_replication_role = replica; ${sql}; set session_replication_role = default`);
  await behind(change);
  const state = await ledger.check();
  await behind(undo);
  return state;
}
const RIGHT = { isBalanced: true, isChainIntact: true, firstBreak: null };
const BROKEN = { isBalanced: true, isChainIntact: false };
const keep = (table: string, where: string) =>
  `create table kept as select * from ${table} where ${where}; delete from ${table} where ${where}`;
const putBack = (table: string) => `insert into ${table} overriding system value select * from kept; drop table kept`;

t.test('books that are right are said to be right, with every transfer counted', async (t) => {
  const { count } = await store.main.one<{ count: number }>('select count(*) from ledger_transfer');
  t.match(await ledger.check(), { ...RIGHT, transferCount: count, head: { batch: Number, hash: /^[0-9a-f]{64}$/ } });
});

t.test('two equal charges for one model in one batch are two', async (t) => {
  const { modelId } = people;
  const payers = [await money.pair(100), await money.pair(100)];
  await ledger.postCharges(payers.map(({ clientId }) => money.charge({ clientId, modelId }, money.newCall(), 1, 100)));
  t.match(await ledger.check(), RIGHT);
});

t.test('an edit of a transfer is found', async (t) => {
  const set = (what: string) => `update ledger_transfer set ${what} where id = ${second}`;
  const firstBreak = new RegExp(`to ${second}, .* does not fit its hash`);
  t.match(await checkedWhile(set(`reason = 'x'`), set('reason = null')), { ...BROKEN, firstBreak });
  const dated = (sign: string) => set(`at = at ${sign} interval '1 microsecond'`);
  t.match(await checkedWhile(dated('-'), dated('+')), { ...BROKEN, firstBreak });
  t.match(await ledger.check(), RIGHT);
});

t.test('a transfer that was removed is found', async (t) => {
  const state = await checkedWhile(keep('ledger_transfer', `id = ${second}`), putBack('ledger_transfer'));
  t.match(state, { isChainIntact: false, firstBreak: /had 1 transfers and has 0: some were removed/ });
});

t.test('a transfer that was put in at the end is found', async (t) => {
  const forged = `insert into ledger_transfer (key, kind, debit_account, credit_account, amount_minor)
    select 'forged', 'bonus', debit_account, credit_account, 1 from ledger_transfer where id = ${first}`;
  const state = await checkedWhile(forged, `delete from ledger_transfer where key = 'forged'`);
  t.match(state, { isChainIntact: false, firstBreak: /^Transfer \d+ stands in no batch/ });
});

t.test('a batch that says another number of transfers is found', async (t) => {
  const add = (n: number) =>
    `update ledger_batch set transfer_count = transfer_count + ${n} where last_transfer = ${third}`;
  t.match(await checkedWhile(add(1), add(-1)), { ...BROKEN, firstBreak: /had 2 transfers and has 1/ });
});

t.test('a batch that was removed is found', async (t) => {
  const state = await checkedWhile(keep('ledger_batch', 'number = 3'), putBack('ledger_batch'));
  t.match(state, { ...BROKEN, firstBreak: /^Batch 3 is missing/ });
});

t.test('an end that was cut off is found', async (t) => {
  const last = 'number = (select max(number) from ledger_batch)';
  const state = await checkedWhile(
    `create table kept as select * from ledger_batch where ${last}; delete from ledger_batch where ${last}`,
    putBack('ledger_batch'),
  );
  t.match(state, { ...BROKEN, firstBreak: /was the newest, and the last one that is there is/ });
});

t.test('a last batch that was made anew, with a hash that fits, is found', async (t) => {
  const { callId } = await money.call(people, [101]);
  const mine = `call_id = ${callId}`;
  const rehash = `update ledger_batch last set hash = sha256(
      (select hash from ledger_batch before where before.number = last.number - 1) || int8send(last.number) ||
      convert_to((select ledger_line(t) from ledger_transfer t where ${mine}), 'UTF8'))
    where number = (select max(number) from ledger_batch)`;
  const set = (reason: string) => `update ledger_transfer set reason = ${reason} where ${mine}; ${rehash}`;
  const state = await checkedWhile(set(`'x'`), set('null'));
  t.match(state, { ...BROKEN, firstBreak: /has another hash than when it was posted/ });
  t.match(await ledger.check(), RIGHT);
});

t.test('a balance that its transfers do not explain is found', async (t) => {
  const add = (n: number) =>
    `update ledger_account set balance_minor = balance_minor + ${n} where person_id = ${people.clientId}`;
  t.match(await checkedWhile(add(1), add(-1)), { isBalanced: false, isChainIntact: true });
});

t.test('balances without any transfer are found, though their sum is zero', async (t) => {
  const { clientId } = await money.pair();
  const fix = { key: money.newKey(), amountMinor: toMinor(-1), reason: 'x', actorId: money.operator.personId };
  await t.rejects(ledger.adjust({ ...fix, personId: clientId, role: 'client' }), { code: 'balance_too_low' });
  const shift = (n: number) =>
    `update ledger_account set balance_minor = balance_minor + ${n} where person_id = ${clientId};
     update ledger_account set balance_minor = balance_minor - ${n} where kind = 'adjustments'`;
  t.match(await checkedWhile(shift(5), shift(-5)), { isBalanced: false, isChainIntact: true });
});

t.test('a balance below its floor is found', async (t) => {
  const { conname } = await store.main.one<{ conname: string }>(
    `select conname from pg_constraint where conrelid = 'ledger_account'::regclass
        and pg_get_constraintdef(oid) like '%balance_minor >= floor_minor%'`,
  );
  const floor = (at: string) => `update ledger_account set floor_minor = ${at} where person_id = ${people.clientId}`;
  const state = await checkedWhile(
    `alter table ledger_account drop constraint ${conname}; ${floor('balance_minor + 1')}`,
    `${floor('0')}; alter table ledger_account add constraint ${conname}
       check (floor_minor is null or balance_minor >= floor_minor)`,
  );
  t.match(state, { isBalanced: false, isChainIntact: true });
  t.match(await ledger.check(), RIGHT);
});
