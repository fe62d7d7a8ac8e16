// The core's door and its bounds: what it refuses, handles, the ring, the clock, the page's mirror.
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  AHEAD_MS,
  CAPACITY_MAX,
  type CallHandle,
  CallMirror,
  GRACE_MS_MAX,
  type HostPauseReason,
  MeterCore,
  MeterFullError,
  MeterInputError,
  MINIMUM_MIN_MAX,
  type OpenCall,
  RATE_MINOR_MAX,
} from '../../core-wasm/index.ts';
import { coreModule, kinds, OneCall, only, TERMS, told } from './support.ts';

const DAY_MS = 86_400_000;

t.test('the file: no imports, under 13 KB, under 144 bytes a call', async (t) => {
  const folder = process.env.PARLOUR_CORE_BUILD ?? path.resolve('core-wasm/build');
  t.ok(fs.statSync(path.join(folder, 'core.wasm')).size < 13 * 1024);
  t.same(WebAssembly.Module.imports(coreModule('release')), []);
  const small = MeterCore.instantiate(coreModule('release'), { capacity: 1 }).memoryBytes;
  const large = MeterCore.instantiate(coreModule('release'), { capacity: 100_001 }).memoryBytes;
  t.ok((large - small) / 100_000 < 144, `${(large - small) / 100_000} bytes a call`);
});

t.test('a value outside its limits is a bug and says which, what, and what is allowed', async (t) => {
  const { core, call } = OneCall.live();
  const open = (change: Partial<OpenCall>) => () => core.open({ ...TERMS, ...change }, 0);
  const bad: [string, () => unknown][] = [
    ['rateMinor', open({ rateMinor: 0 })],
    ['rateMinor', open({ rateMinor: RATE_MINOR_MAX + 1 })],
    ['rateMinor', open({ rateMinor: 1.5 })],
    ['minimumMin', open({ minimumMin: MINIMUM_MIN_MAX + 1 })],
    ['balanceMinor', open({ balanceMinor: -1 })],
    ['balanceMinor', open({ balanceMinor: 2 ** 53 })],
    ['billableMs', open({ billableMs: -1 })],
    ['unitsCharged', open({ unitsCharged: -1 })],
    ['chargedMinor', open({ unitsCharged: 2, chargedMinor: 119 })],
    ['unitsPosted', open({ unitsCharged: 2, unitsPosted: 1 })],
    ['price of unitsPosted', open({ rateMinor: RATE_MINOR_MAX, unitsCharged: 2 ** 31 })],
    ['suspendedGraceLeftMs', open({ suspendedGraceLeftMs: GRACE_MS_MAX + 1 })],
    ['atMs', () => core.open(TERMS, 0.5)],
    ['atMs', () => core.start(call, Number.NaN)],
    ['sinceMs', () => core.pauseBegin(call, 'no_media', Number.POSITIVE_INFINITY, 0)],
    ['reason', () => core.pauseBegin(call, 'ledger_wait' as HostPauseReason, 0, 0)],
    ['reason', () => core.pauseEnd(call, 'slow_link' as HostPauseReason, 0)],
    ['kbps', () => core.probe(call, { kbps: -1, conclusive: true, startedAtMs: 0 }, 0)],
    ['balanceMinor', () => core.balance(call, -1, 0)],
    ['balanceMinor', () => core.posted(call, 1, 2 ** 53, 0)],
    ['by', () => core.end(call, 'nobody' as 'client', 0)],
    ['nowMs', () => core.tick(1e300)],
    ['capacity', () => MeterCore.instantiate(coreModule(), { capacity: CAPACITY_MAX + 1 })],
    ['capacity', () => MeterCore.instantiate(coreModule(), { capacity: 0 })],
    ['lowMs', () => MeterCore.instantiate(coreModule(), { capacity: 1, lowMs: 0 })],
    ['graceMs', () => MeterCore.instantiate(coreModule(), { capacity: 1, graceMs: -1 })],
  ];
  for (const [field, act] of bad) t.throws(act, { name: 'MeterInputError', code: 'meter_input', field }, field);
  t.match(new MeterInputError('rateMinor', 0, 'more').message, /rateMinor is 0; allowed is more/);
});

t.test('the limits are those that 64 bits and a day allow', async (t) => {
  t.same(
    { AHEAD_MS, CAPACITY_MAX, GRACE_MS_MAX, MINIMUM_MIN_MAX, RATE_MINOR_MAX },
    {
      AHEAD_MS: 1_000,
      CAPACITY_MAX: 8_388_608,
      GRACE_MS_MAX: DAY_MS,
      MINIMUM_MIN_MAX: 1_440,
      RATE_MINOR_MAX: 1_000_000_000,
    },
  );
  const core = MeterCore.instantiate(coreModule(), { capacity: 2, graceMs: GRACE_MS_MAX });
  t.ok(core.open({ ...TERMS, rateMinor: 1, minimumMin: 0, balanceMinor: 0 }, 0), 'the least');
  t.ok(core.open({ ...TERMS, rateMinor: RATE_MINOR_MAX, minimumMin: MINIMUM_MIN_MAX }, 0), 'the largest');
});

t.test('what the state does not allow is answered, not done', async (t) => {
  const one = new OneCall();
  for (const answer of [
    one.core.pauseBegin(one.call, 'no_media', 0, 0),
    one.core.pauseEnd(one.call, 'no_media', 0),
    one.core.probe(one.call, { kbps: 1, conclusive: true, startedAtMs: 0 }, 0),
    one.core.restart(one.call, 0),
    one.core.release(one.call),
  ]) {
    t.equal(answer, 'wrong_state');
  }
  one.core.start(one.call, 0);
  t.equal(one.core.restart(one.call, 0), 'wrong_state');
  one.core.end(one.call, 'model', 0);
  one.core.refused(one.call, 1, 0, 0);
  t.equal(one.core.balance(one.call, 5, 1), 'wrong_state');
  t.equal(one.core.start(one.call, 1), 'wrong_state');
  t.same(kinds(one.drain()), ['charge_due', 'started', 'paused', 'closed']);
});

t.test('a full core says so, and a slot that is used again is another call', async (t) => {
  const core = MeterCore.instantiate(coreModule(), { capacity: 2 });
  const first = core.open(TERMS, 0);
  core.open(TERMS, 0);
  t.throws(() => core.open(TERMS, 0), MeterFullError);
  core.start(first, 0);
  core.tick(500);
  core.end(first, 'client', 500);
  core.posted(first, 1, 0, 600);
  t.equal(core.release(first), 'ok');
  const again = core.open(TERMS, 700);
  t.not(again, first);
  core.start(again, 700);
  const inputs: ((h: CallHandle) => unknown)[] = [
    (h) => core.start(h, 800),
    (h) => core.pauseBegin(h, 'no_media', 0, 800),
    (h) => core.pauseEnd(h, 'no_media', 800),
    (h) => core.probe(h, { kbps: 1, conclusive: true, startedAtMs: 0 }, 800),
    (h) => core.waive(h, 800),
    (h) => core.balance(h, 1, 800),
    (h) => core.posted(h, 1, 1, 800),
    (h) => core.refused(h, 1, 1, 800),
    (h) => core.restart(h, 800),
    (h) => core.end(h, 'client', 800),
    (h) => core.release(h),
  ];
  const before = core.figures(again, 800);
  core.drain();
  for (const stale of [first, (first + 1e9) as CallHandle, 7 as CallHandle, 0 as CallHandle]) {
    for (const input of inputs) t.equal(input(stale), 'stale_handle');
    t.equal(core.figures(stale, 800), null);
    t.equal(core.pendingCharge(stale), null);
  }
  t.same(core.figures(again, 800), before);
  t.same(core.drain(), []);
});

t.test('figures look ahead without changing or telling anything', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  const ahead = one.figures(70_000);
  t.match(ahead, {
    state: 'not_charging',
    reasons: ['ledger_wait'],
    billableMs: 60_000,
    unitsCharged: 1,
    pendingUnit: 2,
    pendingAmountMinor: 60,
  });
  t.match(one.figures(0), { state: 'charging', billableMs: 0, unitsCharged: 0, unitsPosted: 1, timeLeftMs: 60_000 });
  t.same(kinds(one.run(1)), ['charged']);
  t.match(one.figures(20_000), { paidUntilBillableMs: 60_000, paidLeftMs: 40_000, timeLeftMs: 40_000 });
});

/** A call that has used nothing of its first unit yet: it asks for the next at 59,001 ms. */
const FIRST_PAID: OpenCall = { ...TERMS, unitsCharged: 1 };

t.test('nextDeadlineMs is the earliest of all calls, wherever its slot', async (t) => {
  const count = 40;
  const core = MeterCore.instantiate(coreModule(), { capacity: count });
  t.equal(core.nextDeadlineMs(), Number.POSITIVE_INFINITY);
  const calls = Array.from({ length: count }, () => core.open(FIRST_PAID, 0));
  t.equal(core.nextDeadlineMs(), Number.POSITIVE_INFINITY);
  for (const [i, call] of calls.entries()) core.start(call, ((i * 7) % count) * 10);
  core.drain();
  for (let k = 0; k < count; k++) {
    t.equal(core.nextDeadlineMs(), k * 10 + 59_001);
    core.tick(k * 10 + 59_001);
    for (const { call } of core.drain()) core.posted(call, 2, 1_000_000, k * 10 + 59_001);
  }
  t.equal(core.nextDeadlineMs(), 60_001);
});

t.test('every call of every block is ticked, whatever its place', async (t) => {
  for (const count of [1, 15, 16, 17, 33]) {
    const core = MeterCore.instantiate(coreModule(), { capacity: count });
    for (let i = 0; i < count; i++) core.start(core.open(FIRST_PAID, 0), i);
    core.drain();
    for (let at = 1; at <= count; at++) {
      core.tick(59_000 + at);
      t.equal(core.drain().length, 1, `call ${at} of ${count}`);
    }
  }
});

t.test('the ring: more events than it holds stop the tick, and none is lost or told twice', async (t) => {
  const count = 10_000;
  const core = MeterCore.instantiate(coreModule(), { capacity: count });
  const calls = Array.from({ length: count }, () => core.open({ ...TERMS, balanceMinor: 200 }, 0));
  for (const call of calls) core.start(call, 0);
  core.tick(1_000);
  const events = core.drain();
  t.equal(only(events, 'charge_due').length, count);
  t.equal(only(events, 'paused').length, count);
  t.equal(new Set(only(events, 'charge_due').map((event) => event.call)).size, count);
  for (const call of calls) core.refused(call, 1, 0, 1_000);
  t.equal(only(core.drain(), 'suspended').length, count, 'inputs make room for themselves');
});

t.test('the ring: the core itself refuses an input and stops a tick when there is no room', async (t) => {
  const core = new WebAssembly.Instance(coreModule(), {}).exports as unknown as Record<
    string,
    (...args: number[]) => number
  >;
  const call = (name: string, ...args: number[]) => (core[name] as (...args: number[]) => number)(...args);
  call('init', 3_000, 12_000, 300_000, 120_000);
  const handles = Array.from({ length: 3_000 }, () => call('open', 0, 60, 0, 1e6, 0, 0, 0, 0, 0, -1, 0));
  for (const handle of handles) call('start', handle, 0);
  call('eventsConsume', call('eventsWaiting'));
  const stoppedAt = call('tick', 1_000, 0);
  t.ok(stoppedAt > 2_000 && stoppedAt < 3_000, `stopped at slot ${stoppedAt}`);
  const waiting = call('eventsWaiting');
  t.ok(waiting > 4_000 && waiting <= 4_096);
  const RING_FULL = 5;
  t.equal(call('balance', handles[0] as number, 5, 1_000), RING_FULL);
  t.equal(call('tick', 1_000, stoppedAt), stoppedAt, 'no room, no progress');
  t.equal(call('eventsWaiting'), waiting);
  call('eventsConsume', waiting);
  t.equal(call('tick', 1_000, stoppedAt), -1);
  t.equal(waiting + call('eventsWaiting'), 6_000);
  t.equal(call('balance', handles[0] as number, 5, 1_000), 0);
});

t.test('the clock: a call is opened at any time, however long nothing has happened', async (t) => {
  const core = MeterCore.instantiate(coreModule(), { capacity: 2 });
  core.open(TERMS, 0);
  const atMs = 2 ** 31 + 60_000;
  const late = core.open({ ...TERMS, balanceMinor: 1_000 }, atMs);
  core.start(late, atMs);
  t.match(core.drain().at(-1), { kind: 'charge_due', atMs });
});

t.test('rule 5: a call that had begun and is found again owes its minimum, though no unit was posted', async (t) => {
  for (const wasLive of [true, false]) {
    const one = new OneCall({ minimumMin: 3, wasLive });
    one.core.end(one.call, 'client', 1_000);
    t.match(one.drain().at(-1), { kind: 'closed', minimum: wasLive ? 'due' : 'none' });
  }
});

t.test('the clock: calls go on right beyond the 24.8 days of an i32, whatever the base', async (t) => {
  for (const baseMs of [0, 1e12, -5e9]) {
    const core = MeterCore.instantiate(coreModule(), { capacity: 3 });
    const terms: OpenCall = { tariff: 'per_minute', rateMinor: 1, minimumMin: 0, balanceMinor: 1_000_000 };
    const running = core.open(terms, baseMs);
    const paused = core.open(terms, baseMs);
    const waiting = core.open(terms, baseMs);
    core.start(running, baseMs);
    core.start(paused, baseMs);
    core.start(waiting, baseMs);
    const post = () => {
      for (const event of core.drain()) {
        if (event.kind === 'charge_due' && event.call !== waiting)
          core.posted(event.call, event.unit, 1_000_000, event.atMs);
      }
    };
    core.tick(baseMs + 1);
    post();
    core.pauseBegin(paused, 'no_media', baseMs + 20_000, baseMs + 20_000);
    const endMs = baseMs + 40 * DAY_MS;
    for (let at = core.nextDeadlineMs(); at <= endMs; at = core.nextDeadlineMs()) {
      core.tick(at);
      post();
    }
    t.match(core.figures(running, endMs), {
      billableMs: 40 * DAY_MS,
      unitsCharged: (40 * DAY_MS) / 60_000,
      state: 'charging',
    });
    t.match(core.figures(paused, endMs), { billableMs: 20_000, unitsCharged: 1, reasons: ['no_media'] });
    t.match(core.figures(waiting, endMs), { billableMs: 0, unitsCharged: 0, reasons: ['ledger_wait'] });
    core.pauseBegin(running, 'no_media', endMs - 5_000, endMs);
    t.equal(core.figures(running, endMs)?.billableMs, 40 * DAY_MS - 5_000);
    core.pauseEnd(paused, 'no_media', endMs);
    t.equal(core.figures(paused, endMs + 7_000)?.billableMs, 27_000);
    t.equal(core.posted(waiting, 1, 0, endMs), 'ok');
    t.equal(core.figures(waiting, endMs + 300)?.billableMs, 300);
  }
});

t.test('the clock: a leap over the re-base is settled deadline by deadline like any other', async (t) => {
  const leap = OneCall.live({ balanceMinor: 0 }, { graceMs: DAY_MS });
  leap.core.tick(1);
  leap.core.refused(leap.call, 1, 0, 1);
  leap.core.probe(leap.call, { kbps: 1, conclusive: true, startedAtMs: 1 }, 2);
  leap.drain();
  leap.core.tick(100 * DAY_MS);
  told(t, leap.drain(), [
    { kind: 'grace_over', atMs: DAY_MS },
    { kind: 'closed', atMs: DAY_MS },
  ]);
  const input = OneCall.live({ balanceMinor: 0 }, { graceMs: DAY_MS });
  input.core.tick(1);
  input.core.refused(input.call, 1, 0, 1);
  t.equal(input.core.restart(input.call, 30 * DAY_MS), 'wrong_state', 'an input that leaps');
  t.match(input.drain().at(-1), { kind: 'closed', atMs: DAY_MS });
});

t.test('the clock: a grace that runs across a re-base ends when it should', async (t) => {
  const one = new OneCall({ balanceMinor: 0 }, { graceMs: DAY_MS });
  const startedMs = 2 ** 30 - 5_000;
  one.core.start(one.call, startedMs);
  one.answer();
  one.run(startedMs + 10);
  t.match(one.figures(startedMs + 6_000), { state: 'suspended', graceLeftMs: DAY_MS - 6_000 });
  one.core.tick(startedMs + DAY_MS - 1);
  t.same(kinds(one.drain()), []);
  one.core.tick(startedMs + DAY_MS);
  told(t, one.drain(), [{ kind: 'grace_over', atMs: startedMs + DAY_MS }, { kind: 'closed' }]);
});

t.test('the clock: a fault that began before a re-base is dated back to exactly', async (t) => {
  const one = new OneCall();
  const startedMs = 2 ** 30 - 20_000;
  one.core.start(one.call, startedMs);
  one.answer();
  one.run(startedMs + 25_000);
  one.core.pauseBegin(one.call, 'no_media', startedMs + 12_000, startedMs + 25_000);
  t.match(one.figures(startedMs + 25_000), { billableMs: 12_000 });
});

t.test('the clock: all of a long history moves with the base, and is dated back over exactly', async (t) => {
  // Runs 100 ms, stands 100 ms, and so on: some forty changes, some before the re-base and some after it.
  const one = new OneCall();
  const startedMs = 2 ** 30 - 2_000;
  one.core.start(one.call, startedMs);
  one.answer();
  for (let at = 100; at <= 4_000; at += 100) {
    one.core.tick(startedMs + at);
    if (at % 200 === 100) one.core.pauseBegin(one.call, 'no_media', startedMs + at, startedMs + at);
    else one.core.pauseEnd(one.call, 'no_media', startedMs + at);
  }
  for (const sinceMs of [3_000, 1_750, 300]) {
    one.core.pauseBegin(one.call, 'reconnecting', startedMs + sinceMs, startedMs + 4_000);
    const expected = Math.floor(sinceMs / 200) * 100 + Math.min(100, sinceMs % 200);
    t.equal(one.figures(startedMs + 4_000).billableMs, expected, `back to ${sinceMs}`);
    one.core.pauseEnd(one.call, 'reconnecting', startedMs + 4_000);
  }
});

t.test('the clock: an end, its second for the model, and her fault move with the base', async (t) => {
  const rebaseMs = 2 ** 30;
  const live = (startedMs: number) => {
    const one = new OneCall({ minimumMin: 3 });
    one.core.start(one.call, startedMs);
    one.answer();
    one.run(startedMs + 1_000);
    return one;
  };
  const both = live(rebaseMs - 5_000);
  both.core.end(both.call, 'client', rebaseMs - 400, true);
  both.core.tick(rebaseMs + 500);
  t.same(both.drain(), [], 'her second is not over');
  both.core.tick(rebaseMs + 700);
  told(t, both.drain(), [
    { kind: 'minimum_due', atMs: rebaseMs - 400 },
    { kind: 'closed', atMs: rebaseMs - 400 },
  ]);
  const asked = live(rebaseMs - 59_500);
  asked.core.tick(rebaseMs - 300);
  asked.core.end(asked.call, 'model', rebaseMs - 200);
  asked.core.tick(rebaseMs + 60_000);
  asked.core.posted(asked.call, 2, 0, rebaseMs + 60_000);
  t.match(asked.drain().at(-1), { kind: 'closed', atMs: rebaseMs - 200 });
  for (const [endMs, minimum] of [
    [4_999, 'due'],
    [5_000, 'model_fault'],
  ] as const) {
    const fault = live(rebaseMs - 20_000);
    fault.core.pauseBegin(fault.call, 'reconnecting', rebaseMs - 5_000, rebaseMs - 5_000);
    fault.core.end(fault.call, 'client', rebaseMs + endMs);
    t.match(fault.drain().at(-1), { kind: 'closed', minimum });
  }
});

t.test(
  'memory of histories is used again: of calls that are over, of what was cut back, and after looking ahead',
  async (t) => {
    const core = MeterCore.instantiate(coreModule(), { capacity: 2 });
    const pauses = (call: CallHandle, from: number, count: number) => {
      for (let at = from; at < from + count; at++) {
        core.pauseBegin(call, 'no_media', at, at);
        core.pauseEnd(call, 'no_media', at);
        core.drain();
      }
    };
    /** A paid call that has paused so often. */
    const paused = (atMs: number, count: number) => {
      const call = core.open({ ...TERMS, unitsCharged: 1 }, atMs);
      core.start(call, atMs);
      pauses(call, atMs + 1, count);
      return call;
    };
    const other = paused(0, 40);
    const lived = (atMs: number) => {
      const call = paused(atMs, 40);
      core.end(call, 'model', atMs + 50);
      core.drain();
      core.release(call);
    };
    lived(100);
    const { memoryBytes } = core;
    for (let count = 0; count < 4_000; count++) lived(200);
    t.equal(core.memoryBytes, memoryBytes, 'of calls that are over');
    const call = paused(300, 0);
    for (let count = 0; count < 20_000; count++) core.figures(call, 200_000);
    t.equal(core.memoryBytes, memoryBytes, 'after looking ahead');
    for (let count = 0; count < 20_000; count++) {
      pauses(call, 400, 40);
      core.pauseBegin(call, 'reconnecting', 300, 440);
      core.pauseEnd(call, 'reconnecting', 440);
      core.drain();
    }
    t.equal(core.memoryBytes, memoryBytes, 'of what was cut back');
    core.pauseBegin(other, 'reconnecting', 20, 1_000);
    t.equal(core.figures(other, 1_000)?.billableMs, 20, 'and nobody has another call’s history');
  },
);

t.test(
  'the clock: an idle core takes any time up again, and slow probes are remembered across a re-base',
  async (t) => {
    const core = MeterCore.instantiate(coreModule(), { capacity: 1 });
    core.tick(5);
    const call = core.open({ ...TERMS, waived: true }, 400 * DAY_MS);
    core.start(call, 400 * DAY_MS);
    t.equal(core.figures(call, 400 * DAY_MS + 9)?.state, 'not_charging');
    const one = OneCall.live();
    one.run(100);
    const rebaseMs = 2 ** 30;
    one.core.pauseBegin(one.call, 'reconnecting', 100, 100);
    one.core.pauseEnd(one.call, 'reconnecting', rebaseMs - 10_000);
    one.run(rebaseMs - 5_000);
    one.core.probe(one.call, { kbps: 1, conclusive: true, startedAtMs: rebaseMs - 6_000 }, rebaseMs - 5_000);
    one.core.tick(rebaseMs + 500);
    one.core.probe(one.call, { kbps: 1, conclusive: true, startedAtMs: rebaseMs + 900 }, rebaseMs + 1_000);
    t.match(only(one.drain(), 'paused').at(-1), { reason: 'slow_link', sinceMs: rebaseMs - 6_000, billableMs: 4_100 });
  },
);

t.test("the mirror shows the server's word, played on by the same rules", async (t) => {
  const server = OneCall.live({ balanceMinor: 130 });
  const mirror = new CallMirror(coreModule());
  t.equal(mirror.figures(0), null);
  const terms = { tariff: TERMS.tariff, rateMinor: TERMS.rateMinor, minimumMin: 0 };
  const show = (atMs: number, pageMs: number) => mirror.show({ ...terms, figures: server.figures(atMs) }, pageMs);
  server.run(30_000);
  show(30_000, 5_000.75);
  t.match(mirror.figures(15_000.2), {
    state: 'charging',
    billableMs: 40_000,
    unitsCharged: 1,
    paidLeftMs: 20_000,
    isLow: true,
  });
  t.match(
    mirror.figures(60_000),
    { state: 'not_charging', reasons: ['ledger_wait'], billableMs: 60_000, unitsCharged: 1, pendingUnit: 2 },
    'a charge that the server has not confirmed is pending, never paid',
  );
  server.run(61_000);
  show(61_000, 36_000);
  t.match(mirror.figures(37_000), { billableMs: 62_000, unitsCharged: 2, pendingUnit: null });
  server.core.pauseBegin(server.call, 'no_media', 61_500, 62_000);
  show(62_000, 37_000);
  t.match(mirror.figures(90_000), { state: 'not_charging', reasons: ['no_media'], billableMs: 61_500 });
  server.core.pauseEnd(server.call, 'no_media', 62_000);
  server.run(130_000);
  show(130_000, 100_000);
  t.match(mirror.figures(101_000), {
    state: 'suspended',
    graceLeftMs: server.figures(131_000).graceLeftMs,
    pendingUnit: null,
  });
  server.core.restart(server.call, 131_000);
  show(131_000, 101_000);
  t.match(mirror.figures(101_500), { state: 'suspended', pendingUnit: 3 });
  server.core.posted(server.call, 3, 0, 131_100);
  server.core.waive(server.call, 131_200);
  show(131_200, 101_300);
  t.match(mirror.figures(999_000), { state: 'not_charging', reasons: ['model_waived'], timeLeftMs: null });
  server.core.end(server.call, 'client', 140_000);
  show(140_000, 110_000);
  t.match(mirror.figures(120_000), { state: 'closed', chargedMinor: 180 });
});

t.test('the mirror runs only once the call is live, and only what is due falls due', async (t) => {
  const server = new OneCall();
  const mirror = new CallMirror(coreModule());
  const terms = { tariff: TERMS.tariff, rateMinor: TERMS.rateMinor, minimumMin: 0 };
  mirror.show({ ...terms, figures: server.figures(0) }, 0);
  t.match(mirror.figures(9_000), { state: 'opened', billableMs: 0, pendingUnit: null });
  server.core.start(server.call, 0);
  server.answer();
  server.run(59_500);
  mirror.show({ ...terms, figures: server.figures(59_500) }, 59_500);
  t.match(mirror.figures(60_000), { unitsCharged: 1, unitsPosted: 2, paidUntilBillableMs: 120_000 }, 'paid ahead');
  t.match(mirror.figures(60_001), { unitsCharged: 2, unitsPosted: 2 }, 'and due in its time');
});

t.test('the mirror stands while the link is slow', async (t) => {
  const server = OneCall.live();
  server.run(9_000);
  for (const startedAtMs of [4_000, 8_000])
    server.core.probe(server.call, { kbps: 1, conclusive: true, startedAtMs }, 9_000);
  const mirror = new CallMirror(coreModule());
  const terms = { tariff: TERMS.tariff, rateMinor: TERMS.rateMinor, minimumMin: 0 };
  mirror.show({ ...terms, figures: server.figures(9_000) }, 9_000);
  t.match(mirror.figures(20_000), { state: 'not_charging', reasons: ['slow_link'], billableMs: 4_000 });
});
