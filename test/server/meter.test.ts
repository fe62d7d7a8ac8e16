import fs from 'node:fs';
import path from 'node:path';
import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { monotonicMs } from '../../server/clock/index.ts';
import { type Tariff, toMinor } from '../../server/contract/index.ts';
import {
  type ChargePoster,
  Meter,
  type MeterLogEntry,
  type MeterNotice,
  type MeterTerms,
  type RecoveredMeter,
} from '../../server/meter/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { CLOCK_FAKES, evidenceOf } from '../receipt/metered-call.ts';

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
  const entries: Omit<MeterLogEntry, 'seq'>[] = [];
  const notices: MeterNotice[] = [];
  const meterLog = { append: (entry: Omit<MeterLogEntry, 'seq'>) => void entries.push(entry), resume: () => {} };
  const deps = { post, meterLog, log: createLog('silent'), metrics: createMetrics() };
  const meter = new Meter(module, SETTINGS, deps);
  meter.onNotice((notice) => notices.push(notice));
  t.teardown(() => meter.stop());
  const until = async (isSo: () => boolean) => {
    for (const giveUpAt = Date.now() + 10_000; !isSo(); ) {
      if (Date.now() > giveUpAt) throw new Error(`waited in vain; heard ${JSON.stringify(notices)}`);
      await clock.tickAsync(5);
    }
  };
  const lines = () => entries.map(({ kind }) => kind);
  return { meter, notices, entries, lines, until };
}

/** What the ledger says of the model, of which the meter makes nothing. */
const NO_MODEL = { earningsMinor: null, shareMinor: toMinor(0) } as const;

const pays =
  (batches: Batch[], balanceMinor = 10_000): ChargePoster =>
  async (batch) => {
    batches.push(batch);
    return batch.map((_, index) => ({
      status: 'posted',
      transferId: batches.length * 100 + index,
      balanceMinor: toMinor(balanceMinor),
      ...NO_MODEL,
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
  t.same(lines().slice(0, 2), ['started', 'charged']);
  t.equal(lines().at(-1), 'closed');
  t.equal(meter.figures(1), null, 'the slot is free again');
});

t.test('a ledger that is away: the same charge again under the same key, and the meter stands', async (t) => {
  const tries: Batch[] = [];
  let isAway = true;
  const { meter, until } = meterWith(t, async (batch) => {
    tries.push(batch);
    if (isAway) throw new StoreUnavailable('away');
    return batch.map(() => ({ status: 'posted', transferId: 1, balanceMinor: toMinor(10_000), ...NO_MODEL }));
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
    return batch.map(() => ({ status: 'posted', transferId: 1, balanceMinor: toMinor(10_000), ...NO_MODEL }));
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
        ...NO_MODEL,
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

/** Posts in the order of the answers that a test gives: each batch waits until it is let through. */
function heldPoster() {
  const batches: number[][] = [];
  const held: ((isRight: boolean) => void)[] = [];
  const post: ChargePoster = async (batch) => {
    batches.push(batch.map(({ callId }) => callId));
    const isRight = await new Promise<boolean>((resolve) => held.push(resolve));
    if (!isRight) throw new Error('posted with 9, not with 10');
    return pays([])(batch);
  };
  const answer = async (isRight: boolean) => {
    held.shift()?.(isRight);
    await clock.tickAsync(100);
  };
  return { batches, post, answer };
}
function startAll(meter: Meter, calls: readonly [callId: number, clientId?: number][], tariff: Tariff = 'per_second') {
  for (const [callId, clientId = callId * 10] of calls) {
    meter.open(terms(callId, { clientId, tariff }), toMinor(10_000));
    meter.start(callId, monotonicMs());
  }
}

t.test('what is due together is posted together', async (t) => {
  const { batches, post } = heldPoster();
  const { meter } = meterWith(t, post);
  startAll(meter, [[1], [2], [3], [4]]);
  t.same(batches, [[1]], 'the first at once');
  const { batches: others, post: postOthers, answer } = heldPoster();
  const { meter: other } = meterWith(t, postOthers);
  startAll(other, [[1], [2], [3], [4]], 'per_minute');
  await answer(true);
  t.same(others.slice(0, 2), [[1], [2, 3, 4]]);
});

t.test('a charge that the ledger finds wrong is tried by itself, with none behind it', async (t) => {
  const { batches, post, answer } = heldPoster();
  const { meter } = meterWith(t, post);
  startAll(meter, [[4], [1], [2]], 'per_minute');
  await answer(true);
  startAll(meter, [[3]], 'per_minute');
  for (const isRight of [false, false, true]) await answer(isRight);
  t.same(batches.slice(0, 5), [[4], [1, 2], [1], [2], [3]]);
});

t.test('a charge that the ledger finds wrong is tried by itself, with none before it', async (t) => {
  const { batches, post, answer } = heldPoster();
  const { meter } = meterWith(t, post);
  startAll(meter, [[4], [1, 5], [2, 5], [3]], 'per_minute');
  await answer(true);
  for (const isRight of [false, false, true]) await answer(isRight);
  t.same(batches.slice(0, 5), [[4], [1, 3], [1], [2], [3]]);
});

t.test('a charge without an answer is posted again every 100 ms, one that is wrong after 5 s', async (t) => {
  for (const [failure, least, most] of [
    [new StoreUnavailable('away'), 100, 100],
    [new Error('posted with 9, not with 10'), 5_000, 5_100],
  ] as const) {
    const triedAt: number[] = [];
    const { meter, until } = meterWith(t, async () => {
      triedAt.push(Date.now());
      throw failure;
    });
    startAll(meter, [[1]]);
    await until(() => triedAt.length >= 2);
    meter.stop();
    const [first, second] = triedAt as [number, number];
    t.ok(second - first >= least && second - first <= most, `${second - first} ms after ${failure.message}`);
  }
});

t.test('each unit is asked for at its own moment, not at the next look', async (t) => {
  const askedAt: number[] = [];
  const { meter, until } = meterWith(t, async (batch) => {
    askedAt.push(Date.now());
    return pays([])(batch);
  });
  const startedAt = Date.now();
  startAll(meter, [[1]]);
  await until(() => askedAt.length >= 4);
  t.same(
    askedAt.map((at) => at - startedAt),
    [0, 1, 1_001, 2_001],
  );
});

/** A call by the second in its 62nd second, which is paid. */
const RECOVERED: RecoveredMeter = {
  billableMs: 61_500,
  unitsCharged: 62,
  unitsPosted: 62,
  postedAhead: new Map(),
  isWaived: false,
  isSlow: false,
  graceLeftMs: null,
  downMs: 4_000,
};

t.test('rule 1: billable time runs from the instant that is given, and never from the future', async (t) => {
  const { meter } = meterWith(t, pays([]));
  meter.open(terms(1), toMinor(10_000), { recovered: RECOVERED });
  meter.open(terms(2), toMinor(10_000));
  const openedAtMs = monotonicMs();
  await clock.tickAsync(500);
  meter.start(1, openedAtMs + 100);
  meter.start(2, openedAtMs + 60_000);
  await clock.tickAsync(300);
  t.match(meter.figures(1), { billableMs: 61_500 + 700 });
  t.match(meter.figures(2), { billableMs: 300 });
});

t.test('a fault is dated back to when it began, and never to the future', async (t) => {
  const { meter } = meterWith(t, pays([]));
  startAll(meter, [[1], [2]]);
  const startedAtMs = monotonicMs();
  await clock.tickAsync(5_000);
  meter.pause(1, 'no_media', startedAtMs + 3_000);
  meter.pause(2, 'no_media', startedAtMs + 60_000);
  await clock.tickAsync(1_000);
  t.match(meter.figures(1), { billableMs: 3_000, reasons: ['no_media'] });
  t.match(meter.figures(2), { billableMs: 5_000, reasons: ['no_media'] });
});

t.test('slow link: billable time is cut back to when the first slow probe began', async (t) => {
  const { meter, lines } = meterWith(t, pays([]));
  startAll(meter, [[1]]);
  const startedAtMs = monotonicMs();
  await clock.tickAsync(9_000);
  for (const beganMs of [4_000, 8_000])
    meter.probe(1, evidenceOf({ kbps: 6_000, verdict: 'fail' }), startedAtMs + beganMs);
  t.match(meter.figures(1), { billableMs: 4_000, reasons: ['slow_link'] });
  t.equal(lines().filter((kind) => kind === 'probed').length, 2);
});

t.test('pauses can be in force from the first moment', async (t) => {
  const { meter } = meterWith(t, pays([]));
  meter.open(terms(1), toMinor(10_000), { paused: ['no_media'] });
  meter.start(1, monotonicMs());
  await clock.tickAsync(2_000);
  t.match(meter.figures(1), { state: 'not_charging', reasons: ['no_media'], billableMs: 0 });
});

t.test('a call that is found again goes on where its last durable line stood', async (t) => {
  const { meter, entries } = meterWith(t, pays([]));
  meter.open(terms(1), toMinor(10_000), { recovered: RECOVERED });
  t.match(meter.figures(1), { billableMs: 61_500, unitsCharged: 62, chargedMinor: 620 });
  t.match(entries, [{ kind: 'recovered', billableMs: 61_500, detail: { unitsCharged: 62, downMs: 4_000 } }]);
});

t.test('a call without a meter takes nothing', async (t) => {
  const { meter } = meterWith(t, pays([]));
  t.equal(meter.isOpen(1), false);
  t.equal(meter.waive(1), 'stale_handle');
  startAll(meter, [[1]]);
  await clock.tickAsync(100);
  t.equal(meter.isOpen(1), true);
  meter.end(1, 'model');
  t.equal(meter.isOpen(1), false);
});

t.test('nothing is metered or posted after the stop, whatever comes', async (t) => {
  const batches: Batch[] = [];
  const { meter } = meterWith(t, pays(batches));
  startAll(meter, [[1]]);
  await clock.tickAsync(1_500);
  const before = batches.length;
  meter.stop();
  meter.credit(1, toMinor(5_000));
  await clock.tickAsync(5_000);
  t.equal(batches.length, before);
  let tries = 0;
  const { meter: failing } = meterWith(t, async () => {
    tries++;
    throw new StoreUnavailable('away');
  });
  startAll(failing, [[1]]);
  failing.stop();
  await clock.tickAsync(1_000);
  t.equal(tries, 1, 'not even what was being posted');
});

t.test('what happens in a call is in the log and told, with the time and the billable time of it', async (t) => {
  let balance = 30;
  const { meter, notices, entries, until } = meterWith(t, async (batch) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return batch.map(({ amountMinor }) => {
      const isCovered = balance >= amountMinor;
      if (isCovered) balance -= amountMinor;
      return {
        status: isCovered ? ('posted' as const) : ('refused' as const),
        transferId: isCovered ? balance : null,
        balanceMinor: toMinor(balance),
        ...NO_MODEL,
      };
    });
  });
  meter.open(terms(1), toMinor(30));
  meter.start(1, monotonicMs());
  const startedAtMs = Math.floor(monotonicMs());
  const wall = Date.now();
  await clock.tickAsync(500);
  meter.pause(1, 'no_media', monotonicMs());
  meter.resume(1, 'no_media');
  await until(() => notices.some(({ kind }) => kind === 'suspended'));
  balance = 10_000;
  meter.credit(1, toMinor(balance));
  meter.restart(1);
  await until(() => notices.some(({ kind }) => kind === 'low_off'));
  meter.end(1, 'model');
  await until(() => notices.some(({ kind }) => kind === 'closed'));
  const noticed = new Set(notices.map(({ kind }) => kind));
  for (const kind of [
    'started',
    'low_on',
    'paused',
    'resumed',
    'suspended',
    'restarted',
    'low_off',
    'closed',
  ] as const) {
    t.ok(
      entries.some((entry) => entry.kind === kind),
      `${kind} is in the log`,
    );
    t.ok(noticed.has(kind), `${kind} is told`);
  }
  for (const kind of ['posted', 'charged', 'refused'] as const) t.ok(noticed.has(kind), `${kind} is told`);
  t.match(
    entries.filter(({ kind }) => kind === 'charged').map(({ detail }) => detail),
    [
      { unit: 1, amountMinor: 10, transferId: 20 },
      { unit: 2, amountMinor: 10, transferId: 10 },
      { unit: 3, amountMinor: 10, transferId: 0 },
    ],
  );
  // Time runs once the first unit is paid; the fourth is asked for at 2,001 ms, and refused 20 ms later.
  const refused = entries.find(({ kind }) => kind === 'refused');
  t.match(refused, { monoMs: startedAtMs + 2_021, billableMs: 2_001, detail: { unit: 4, amountMinor: 10 } });
  t.equal(refused?.at.getTime(), wall + 2_021);
});

t.test('rule 5: what is due of the minimum is told, and what bounds it is in the log', async (t) => {
  const closing = (by: 'client' | 'model') => {
    const { meter, notices, entries } = meterWith(t, pays([], 300));
    meter.open(terms(1, { minimumMin: 1 }), toMinor(310));
    meter.start(1, monotonicMs());
    return async () => {
      await clock.tickAsync(500);
      meter.end(1, by);
      await clock.tickAsync(100);
      return { notice: notices.at(-1), detail: entries.at(-1)?.detail };
    };
  };
  const client = await closing('client')();
  t.match(client.notice, { kind: 'closed', minimumDueMinor: 310 });
  t.match(client.detail, { minimum: 'due', minimumDueMinor: 310, minimumCappedBy: 310 });
  const model = await closing('model')();
  t.match(model.notice, { kind: 'closed', minimumDueMinor: 0 });
  t.notHas(model.detail, { minimumCappedBy: Number });
});

t.test('what became of the money beside the meter is in the log', async (t) => {
  const { meter, entries } = meterWith(t, pays([]));
  meter.writeLine(7, 'minimum', 61_500, { amountMinor: 590 });
  t.match(entries, [{ callId: 7, kind: 'minimum', billableMs: 61_500, monoMs: Number, detail: { amountMinor: 590 } }]);
});
