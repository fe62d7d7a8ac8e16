import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import type { LedgerState } from '../../server/contract/index.ts';
import { Bookkeeper } from '../../server/payments/bookkeeper.ts';
import { type StoreHealth, StoreUnavailable } from '../../server/store/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const HEALTHY: StoreHealth = { isUp: true, trouble: null };

const right: LedgerState = {
  checkedAt: new Date(0).toISOString(),
  isBalanced: true,
  isChainIntact: true,
  firstBreak: null,
  transferCount: 3,
  head: { batch: 2, hash: 'abc' },
};
const unbalanced = { ...right, isBalanced: false };
const broken = { ...right, isChainIntact: false, firstBreak: 'Batch 2 is missing.' };

type Part = 'vouchers' | 'payouts' | 'payments';

/** A bookkeeper over doubles. What it asks for is counted, and what it writes to its log is kept. */
function bookkeeperWith(check: () => Promise<LedgerState>, sweep: (part: Part) => Promise<void> = async () => {}) {
  const seen = { nowMs: 0, checks: 0, swept: [] as Part[], log: [] as { level: number; msg: string }[] };
  const swept = (part: Part) => ({
    sweep: () => {
      seen.swept.push(part);
      return sweep(part);
    },
  });
  const metrics = createMetrics();
  const bookkeeper = new Bookkeeper(
    {
      ledger: {
        check: () => {
          seen.checks++;
          return check();
        },
      },
      vouchers: swept('vouchers'),
      payouts: swept('payouts'),
      payments: { ...swept('payments'), troubles: async () => ['Payment 7: it failed.'] },
      log: createLog('info', { write: (line) => void seen.log.push(JSON.parse(line)) }),
      metrics,
    },
    () => seen.nowMs,
  );
  const alarms = async (health = HEALTHY) =>
    (await bookkeeper.alarms(health)).map(({ code }) => code).filter((code) => code !== 'payment_needs_operator');
  return { seen, bookkeeper, alarms, metrics };
}
const always = (state: LedgerState) => async () => state;

t.test('before the first whole check nothing is said to be right', async (t) => {
  const { bookkeeper, alarms } = bookkeeperWith(always(right));
  t.match(bookkeeper.state, { checkedAt: null, isBalanced: null, isChainIntact: null });
  t.same(await alarms(), []);
  await bookkeeper.check();
  t.match(bookkeeper.state, { isBalanced: true, isChainIntact: true });
});

t.test('a check that has not ended for two hours is an alarm, and the next that ends clears it', async (t) => {
  let isAnswering = false;
  const { seen, bookkeeper, alarms } = bookkeeperWith(async () => {
    if (!isAnswering) throw new Error('the database is away');
    return right;
  });
  seen.nowMs = 2 * HOUR_MS;
  t.same(await alarms(), [], 'two hours, to the millisecond');
  seen.nowMs += 1;
  t.same(await alarms(), ['ledger_unchecked'], 'the start counts');
  await t.rejects(bookkeeper.check(), 'a check that fails is none');
  t.same(await alarms(), ['ledger_unchecked']);
  isAnswering = true;
  await bookkeeper.check();
  t.same(await alarms(), []);
  seen.nowMs += 2 * HOUR_MS + 1;
  t.same(await alarms(), ['ledger_unchecked']);
});

t.test('books that are wrong are an alarm on the page, in the metrics and in the log', async (t) => {
  for (const [state, code, text] of [
    [unbalanced, 'ledger_unbalanced', 'ALARM: the ledger does not add up'],
    [broken, 'chain_broken', 'ALARM: the chain is broken'],
  ] as const) {
    const { seen, bookkeeper, alarms, metrics } = bookkeeperWith(always(state));
    await bookkeeper.check();
    t.same(await alarms(), [code]);
    const gauges = [await metrics.ledgerBalanced.get(), await metrics.ledgerChainIntact.get()];
    const values = gauges.map((gauge) => gauge.values[0]?.value);
    t.same(values, code === 'chain_broken' ? [1, 0] : [0, 1]);
    t.same(
      seen.log.map(({ level, msg }) => [level, msg]),
      [[50, text]],
    );
  }
});

t.test('the log is a witness of books that are right, and of no others', async (t) => {
  const { seen, bookkeeper } = bookkeeperWith(always(right));
  await bookkeeper.check();
  t.match(seen.log, [{ level: 30, head: '2:abc', transfers: 3 }]);
});

t.test('a database that is away, takes no writes or is full is an alarm', async (t) => {
  const { alarms } = bookkeeperWith(always(right));
  t.same(await alarms({ isUp: false, trouble: null }), ['database_down']);
  t.same(await alarms({ isUp: true, trouble: 'read_only' }), ['database_read_only']);
  t.same(await alarms({ isUp: true, trouble: 'full' }), ['database_full']);
});

t.test('a payment that needs an operator is an alarm, while the database can be asked', async (t) => {
  const { bookkeeper } = bookkeeperWith(always(right));
  t.match(await bookkeeper.alarms(HEALTHY), [{ code: 'payment_needs_operator', message: 'Payment 7: it failed.' }]);
  t.match(await bookkeeper.alarms({ isUp: false, trouble: null }), [{ code: 'database_down' }]);
  t.equal((await bookkeeper.alarms({ isUp: false, trouble: null })).length, 1);
});

t.test('one check at a time, and another when it has ended', async (t) => {
  const ends: (() => void)[] = [];
  const { seen, bookkeeper } = bookkeeperWith(() => new Promise((resolve) => ends.push(() => resolve(right))));
  const both = [bookkeeper.check(), bookkeeper.check()];
  t.equal(seen.checks, 1);
  ends[0]?.();
  await Promise.all(both);
  const third = bookkeeper.check();
  t.equal(seen.checks, 2);
  ends[1]?.();
  await third;
});

t.test('a sweep takes all parts, one sweep at a time', async (t) => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { seen, bookkeeper } = bookkeeperWith(always(right), () => held);
  const first = bookkeeper.sweep();
  await bookkeeper.sweep();
  t.same(seen.swept, ['vouchers', 'payouts', 'payments']);
  letGo();
  await first;
  await bookkeeper.sweep();
  t.equal(seen.swept.length, 6, 'and again when it has ended');
});

t.test('one part’s trouble does not keep the others, is said, and the next sweep comes', async (t) => {
  const failure = new Error('poison');
  const { seen, bookkeeper } = bookkeeperWith(always(right), async (part) => {
    if (part === 'vouchers') throw failure;
  });
  for (let n = 1; n <= 2; n++) {
    await t.rejects(bookkeeper.sweep(), failure);
    t.equal(seen.swept.length, 3 * n);
  }
});

t.test('the books are checked at the start and every hour, swept at the start and every minute', async (t) => {
  const clock = FakeTimers.install({ toFake: ['setInterval', 'clearInterval'] });
  t.teardown(() => clock.uninstall());
  const { seen, bookkeeper } = bookkeeperWith(always(right));
  const sweeps = () => seen.swept.filter((part) => part === 'payments').length;
  bookkeeper.start();
  t.same([seen.checks, sweeps()], [1, 1]);
  await clock.tickAsync(MINUTE_MS);
  t.same([seen.checks, sweeps()], [1, 2]);
  await clock.tickAsync(HOUR_MS - MINUTE_MS);
  t.same([seen.checks, sweeps()], [2, 61]);
  bookkeeper.stop();
  await clock.tickAsync(2 * HOUR_MS);
  t.same([seen.checks, sweeps()], [2, 61], 'nothing after the stop');
});

t.test('what could not be checked or swept is in the log: a warning without a database, else an error', async (t) => {
  for (const [failure, level] of [
    [new StoreUnavailable('away'), 40],
    [new Error('poison'), 50],
  ] as const) {
    const fail = () => Promise.reject(failure);
    const { seen, bookkeeper } = bookkeeperWith(fail, fail);
    bookkeeper.start();
    t.teardown(() => bookkeeper.stop());
    while (seen.log.length < 2) await new Promise((resolve) => setImmediate(resolve));
    t.same(
      new Set(seen.log.map(({ msg }) => msg)),
      new Set(['the ledger was not checked', 'money was left unfinished']),
    );
    t.same(
      seen.log.map((line) => line.level),
      [level, level],
    );
  }
});
