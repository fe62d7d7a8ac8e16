import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Accounts } from '../../server/accounts/index.ts';
import { toMinor } from '../../server/contract/index.ts';
import { Ledger } from '../../server/ledger/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { leaveOut } from '../support/leave-out.ts';
import { openOwnStore, temporaryFolder } from '../support/store.ts';

// A disk of our own that can be filled: needs root, and a system that lets it mount.
const data = temporaryFolder('full');
const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=755', 'tmpfs', data]);

t.test('a full disk: said as such, nothing posted, nothing lost, and over when there is room', async (t) => {
  if (mount.status !== 0) {
    fs.rmSync(data, { recursive: true });
    return void leaveOut(t, 'no small disk can be mounted here (it needs root)');
  }
  const store = await openOwnStore(data);
  t.teardown(async () => {
    await store.close();
    spawnSync('umount', ['-l', data]);
    fs.rmSync(data, { recursive: true, force: true });
  });
  const [accounts, ledger] = [new Accounts(store.main), new Ledger(store)];
  const { personId: clientId } = await accounts.makePerson('client', 'client', 'Client');
  const { personId: modelId } = await accounts.makePerson('model', 'model', 'Model');
  const credit = { key: 'key-first', clientId, amountMinor: toMinor(1_000_000), reason: 'x', actorId: null };
  await ledger.topUp(credit);
  let posted = 0;
  const charge = async () => {
    const [amountMinor, chargedBeforeMinor] = [toMinor(10), toMinor(posted * 10)];
    const next = { callId: 1, unit: posted + 1, amountMinor, chargedBeforeMinor, clientId, modelId, sharePercent: 60 };
    await ledger.postCharges([next]);
    posted++;
  };

  const free = spawnSync('df', ['-k', '--output=avail', data], { encoding: 'utf8' }).stdout.split('\n')[1];
  const ballast = path.join(data, 'ballast');
  fs.writeFileSync(ballast, Buffer.alloc((Number(free) - 64) * 1_024));
  let refused: unknown = null;
  for (let tries = 0; tries < 5_000 && refused === null; tries++) await charge().catch((error) => (refused = error));
  t.ok(refused instanceof StoreUnavailable, 'the meter keeps the charge and tries again');
  t.same(await store.health(), { isUp: true, trouble: 'full' });

  fs.rmSync(ballast);
  while (
    !(await charge().then(
      () => true,
      () => false,
    ))
  )
    await sleep(200);
  t.match(await ledger.transfersOfCall(1), { length: posted });
  t.match(await ledger.check(), { isBalanced: true, isChainIntact: true });
});
