import t from 'tap';
import type { LedgerState } from '../../server/contract/index.ts';
import { Bookkeeper } from '../../server/payments/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';

const HOUR_MS = 3_600_000;
const HEALTHY = { isUp: true, trouble: null } as const;

const right: LedgerState = {
  checkedAt: new Date(0).toISOString(),
  isBalanced: true,
  isChainIntact: true,
  firstBreak: null,
  transferCount: 3,
  head: null,
};

function houseOf(check: () => Promise<LedgerState>) {
  const house = { nowMs: 0 };
  const sweep = async () => {};
  const bookkeeper = new Bookkeeper(
    {
      ledger: { check },
      vouchers: { sweep },
      payouts: { sweep },
      payments: { sweep, troubles: async () => [] },
      log: createLog('silent'),
      metrics: createMetrics(),
    },
    () => house.nowMs,
  );
  const alarms = async () => (await bookkeeper.alarms(HEALTHY)).map(({ code }) => code);
  return { house, bookkeeper, alarms };
}

t.test('before the first whole check nothing is said to be right', async (t) => {
  const { bookkeeper, alarms } = houseOf(async () => right);
  t.match(bookkeeper.state, { checkedAt: null, isBalanced: null, isChainIntact: null });
  t.same(await alarms(), []);
  await bookkeeper.check();
  t.match(bookkeeper.state, { isBalanced: true, isChainIntact: true });
});

t.test('a check that has not ended for two hours is an alarm, and the next that ends clears it', async (t) => {
  let isAnswering = false;
  const { house, bookkeeper, alarms } = houseOf(async () => {
    if (!isAnswering) throw new Error('the database is away');
    return right;
  });
  house.nowMs = 2 * HOUR_MS;
  t.same(await alarms(), [], 'two hours, to the millisecond');
  house.nowMs += 1;
  t.same(await alarms(), ['ledger_unchecked'], 'the start counts');
  await t.rejects(bookkeeper.check(), 'a check that fails is none');
  t.same(await alarms(), ['ledger_unchecked']);
  isAnswering = true;
  await bookkeeper.check();
  t.same(await alarms(), []);
  house.nowMs += 2 * HOUR_MS + 1;
  t.same(await alarms(), ['ledger_unchecked']);
});
