import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Accounts } from '../../server/accounts/index.ts';
import { toMinor } from '../../server/contract/index.ts';
import { Ledger } from '../../server/ledger/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { openOwnStore, temporaryFolder } from '../support/store.ts';

const POLL_MS = 20;

t.test('a read-only database posts nothing, says so, and goes on where it stood', async (t) => {
  const data = temporaryFolder('read-only');
  const store = await openOwnStore(data);
  t.teardown(async () => {
    await store.close();
    fs.rmSync(data, { recursive: true, force: true });
  });
  const [accounts, ledger] = [new Accounts(store.main), new Ledger(store)];
  const { personId: clientId } = await accounts.makePerson('client', 'client', 'Client');
  const { personId: modelId } = await accounts.makePerson('model', 'model', 'Model');
  const credit = { key: 'key-first', clientId, amountMinor: toMinor(1_000), reason: 'x', actorId: null };
  await ledger.topUp({ ...credit, kind: 'top_up' });
  const amounts = { amountMinor: toMinor(100), chargedBeforeMinor: toMinor(0), sharePercent: 60 };
  const charge = { callId: 1, unit: 1, clientId, modelId, ...amounts };
  const readOnly = async (is: boolean) => {
    const value = is ? 'on' : 'off';
    await store.main.query(`alter system set default_transaction_read_only = ${value}`);
    await store.main.query('select pg_reload_conf()');
    const isSo = async () => {
      const [row] = await store.money.query<{ value: string }>(
        `select current_setting('default_transaction_read_only') as value`,
      );
      return row?.value === value;
    };
    while (!(await isSo())) await sleep(POLL_MS);
  };
  await readOnly(true);
  await t.rejects(ledger.postCharges([charge]), StoreUnavailable, 'unknown: the meter keeps it and tries again');
  t.same(await store.health(), { isUp: true, trouble: 'read_only' });
  await readOnly(false);
  t.match(await ledger.postCharges([charge]), [{ status: 'posted', balanceMinor: 900 }]);
  t.same(await store.health(), { isUp: true, trouble: null });
});
