import fs from 'node:fs';
import path from 'node:path';
import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { monotonicMs } from '../../server/clock/index.ts';
import { toMinor } from '../../server/contract/index.ts';
import { type ChargePoster, Meter, type MeterNotice, type MeterTerms } from '../../server/meter/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { CLOCK_FAKES } from '../receipt/metered-call.ts';

const module = new WebAssembly.Module(
  fs.readFileSync(path.resolve(import.meta.dirname, '../../core-wasm/build/core.wasm')),
);
const SETTINGS = { capacity: 4, slowLinkKbps: 12_000, graceMs: 300_000 };
const terms = (callId: number, change: Partial<MeterTerms> = {}): MeterTerms => ({
  callId,
  clientId: callId * 10,
  modelId: callId * 10 + 1,
  rateMinor: 600,
  minimumMin: 0,
  tariff: 'per_second',
  sharePercent: 60,
  ...change,
});

type Batch = Parameters<ChargePoster>[0];

let clock: FakeTimers.Clock;
t.beforeEach(() => {
  clock = FakeTimers.install(CLOCK_FAKES);
});
t.afterEach(() => clock.uninstall());

/** A meter over the real core, with a ledger that does as it is told. */
function meterWith(t: Test, post: ChargePoster) {
  const lines: string[] = [];
  const notices: MeterNotice[] = [];
  const meterLog = { append: (line: { kind: string }) => void lines.push(line.kind), resume: () => {} };
  const rooms = { post, meterLog, log: createLog('silent'), metrics: createMetrics() };
  const meter = new Meter(module, SETTINGS, rooms);
  meter.onNotice((notice) => notices.push(notice));
  t.teardown(() => meter.stop());
  const until = async (isSo: () => boolean) => {
    for (const giveUpAt = Date.now() + 10_000; !isSo(); ) {
      if (Date.now() > giveUpAt) throw new Error(`waited in vain; heard ${JSON.stringify(notices)}`);
      await clock.tickAsync(5);
    }
  };
  return { meter, notices, lines, until };
}

const pays =
  (batches: Batch[], balanceMinor = 10_000): ChargePoster =>
  async (batch) => {
    batches.push(batch);
    return batch.map((_, index) => ({
      status: 'posted',
      transferId: batches.length * 100 + index,
      balanceMinor: toMinor(balanceMinor),
    }));
  };

t.test('the first unit falls at once, and each is posted under its own number', async (t) => {
  const batches: Batch[] = [];
  const { meter, notices, lines, until } = meterWith(t, pays(batches));
  meter.open(terms(1), toMinor(10_000));
  meter.start(1, monotonicMs());
  await until(() => batches.length >= 2);
  t.match(batches.flat(), [
    { callId: 1, unit: 1, amountMinor: 10, clientId: 10, modelId: 11, sharePercent: 60 },
    { callId: 1, unit: 2, amountMinor: 10 },
  ]);
  await until(() => notices.filter((notice) => notice.kind === 'charged').length >= 2);
  meter.end(1, 'client');
  t.match(notices.at(-1), { kind: 'closed', minimumDueMinor: 0 });
  t.same(lines.slice(0, 2), ['started', 'charged']);
  t.equal(lines.at(-1), 'closed');
  t.equal(meter.figures(1), null, 'the slot is free again');
});

t.test('a ledger that is away: the same charge again under the same key, and the meter stands', async (t) => {
  const tries: Batch[] = [];
  let isAway = true;
  const { meter, until } = meterWith(t, async (batch) => {
    tries.push(batch);
    if (isAway) throw new StoreUnavailable('away');
    return batch.map(() => ({ status: 'posted', transferId: 1, balanceMinor: toMinor(10_000) }));
  });
  meter.open(terms(1), toMinor(10_000));
  meter.start(1, monotonicMs());
  await until(() => meter.figures(1)?.reasons.includes('ledger_wait') === true);
  t.equal(meter.figures(1)?.billableMs, 0, 'nothing is given away');
  await until(() => tries.length >= 4);
  t.ok(tries.every((batch) => batch.length === 1 && batch[0]?.unit === 1));
  isAway = false;
  await until(() => meter.figures(1)?.unitsCharged === 1);
  t.equal(meter.figures(1)?.state, 'charging');
});

t.test('a charge that the ledger finds wrong holds up no other', async (t) => {
  const { meter, until } = meterWith(t, async (batch) => {
    if (batch.some((charge) => charge.callId === 2)) throw new Error('posted with 9, not with 10');
    return batch.map(() => ({ status: 'posted', transferId: 1, balanceMinor: toMinor(10_000) }));
  });
  const atMs = monotonicMs();
  for (const callId of [1, 2, 3]) meter.open(terms(callId), toMinor(10_000));
  for (const callId of [1, 2, 3]) meter.start(callId, atMs);
  await until(() => [1, 3].every((callId) => (meter.figures(callId)?.unitsCharged ?? 0) >= 2));
  t.same(meter.figures(2)?.reasons, ['ledger_wait'], 'the wrong one is not charged, and not free');
});

t.test('a client pays once in a batch', async (t) => {
  const batches: Batch[] = [];
  const { meter, until } = meterWith(t, pays(batches));
  const atMs = monotonicMs();
  meter.open(terms(1, { clientId: 5 }), toMinor(10_000));
  meter.open(terms(2, { clientId: 5 }), toMinor(10_000));
  meter.start(1, atMs);
  meter.start(2, atMs);
  await until(() => batches.flat().length >= 4);
  for (const batch of batches) t.equal(new Set(batch.map((charge) => charge.clientId)).size, batch.length);
});

t.test('refused: suspended at the end of the paid time; restarted: the refused unit first', async (t) => {
  let balance = 10;
  const { meter, notices, until } = meterWith(t, async (batch) =>
    batch.map(({ amountMinor }) => {
      const isCovered = balance >= amountMinor;
      if (isCovered) balance -= amountMinor;
      return {
        status: isCovered ? 'posted' : 'refused',
        transferId: isCovered ? 1 : null,
        balanceMinor: toMinor(balance),
      };
    }),
  );
  meter.open(terms(1), toMinor(10));
  meter.start(1, monotonicMs());
  await until(() => notices.some((notice) => notice.kind === 'suspended'));
  t.match(meter.figures(1), { state: 'suspended', billableMs: 1_000, unitsCharged: 1, chargedMinor: 10 });
  balance = 1_000;
  meter.credit(1, toMinor(1_000));
  t.equal(meter.restart(1), 'ok');
  await until(() => notices.some((notice) => notice.kind === 'restarted'));
  t.match(
    notices.find((notice) => notice.kind === 'posted' && notice.unit === 2),
    { billableMs: 1_000 },
    'at the restart',
  );
});

t.test('more calls than the meter holds are refused with an error, not metered wrongly', async (t) => {
  const { meter } = meterWith(t, pays([]));
  for (let callId = 1; callId <= SETTINGS.capacity; callId++) meter.open(terms(callId), toMinor(0));
  t.throws(() => meter.open(terms(99), toMinor(0)), { code: 'meter_full' });
});

t.test('a fault with the answer of one call does not lose the others of its batch their paid time', async (t) => {
  let letThrough = () => {};
  const both = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  const { meter, until } = meterWith(t, async (batch) => {
    await both;
    return pays([])(batch);
  });
  meter.onNotice((notice) => {
    if (notice.kind === 'charged' && notice.callId !== 3) throw new Error('a page could not be told');
  });
  for (const callId of [1, 2, 3]) {
    meter.open(terms(callId), toMinor(10_000));
    meter.start(callId, monotonicMs());
  }
  letThrough();
  await until(() => meter.figures(3)?.unitsCharged === 1);
  t.ok(meter.figures(2), 'the faulty ones are still metered');
});
