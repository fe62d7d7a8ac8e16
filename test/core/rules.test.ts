// The charging rules, by their number or heading, on the core with its assertions in.
import t from 'tap';
import { type EndedBy, MeterCore, type OpenCall, priceMinor, type Tariff } from '../../core-wasm/index.ts';
import { coreModule, kinds, OneCall, only, TERMS, told } from './support.ts';

t.test('rule 1: billable time is 0 when the second side connects and runs from there', async (t) => {
  const one = new OneCall({}, {}, 5_000);
  t.match(one.figures(9_000), { state: 'opened', billableMs: 0 });
  t.equal(one.core.start(one.call, 10_000), 'ok');
  one.answer();
  t.equal(one.figures(10_000).billableMs, 0);
  t.match(one.figures(10_150), { state: 'charging', billableMs: 150 });
  t.equal(one.core.start(one.call, 11_000), 'wrong_state');
});

t.test('rule 2: minute n is due as soon as billable time is greater than (n-1) minutes', async (t) => {
  const one = OneCall.live();
  const events = one.run(180_000);
  t.same(
    only(events, 'charged').map(({ unit, atMs, billableMs, amountMinor }) => ({ unit, atMs, billableMs, amountMinor })),
    [
      { unit: 1, atMs: 1, billableMs: 1, amountMinor: 60 },
      { unit: 2, atMs: 60_001, billableMs: 60_001, amountMinor: 60 },
      { unit: 3, atMs: 120_001, billableMs: 120_001, amountMinor: 60 },
    ],
  );
});

t.test('rule 4: a unit is asked for up to a second ahead, and never sooner', async (t) => {
  const due = only(OneCall.live().run(180_000), 'charge_due');
  t.same(
    due.map(({ unit, atMs, billableMs, amountMinor, waitMs }) => ({ unit, atMs, billableMs, amountMinor, waitMs })),
    [
      { unit: 2, atMs: 59_001, billableMs: 59_001, amountMinor: 60, waitMs: 999 },
      { unit: 3, atMs: 119_001, billableMs: 119_001, amountMinor: 60, waitMs: 999 },
      { unit: 4, atMs: 179_001, billableMs: 179_001, amountMinor: 60, waitMs: 999 },
    ],
  );
});

t.test('rule 4: what was posted ahead and did not fall due is given back when the call ends', async (t) => {
  for (const [endMs, units] of [
    [60_000, 1],
    [60_001, 2],
  ] as const) {
    const one = OneCall.live();
    one.run(endMs);
    t.match(one.figures(endMs), { unitsPosted: 2, unitsCharged: units, chargedMinor: 60 * units });
    one.core.end(one.call, 'client', endMs);
    const events = one.drain();
    const released = { unit: 2, lastUnit: 2, amountMinor: 60, atMs: endMs };
    t.match(only(events, 'release_due'), units === 1 ? [released] : []);
    t.match(events.at(-1), { kind: 'closed', unitsCharged: units, chargedMinor: 60 * units });
  }
});

t.test('rule 4: with the answer still out at the end it is given back when it comes', async (t) => {
  const one = OneCall.live();
  one.core.tick(59_500);
  one.core.end(one.call, 'model', 59_600);
  t.match(one.figures(70_000), { state: 'closing', pendingUnit: 2 });
  one.drain();
  one.core.posted(one.call, 2, 0, 70_000);
  told(t, one.drain(), [
    { kind: 'release_due', unit: 2, lastUnit: 2, amountMinor: 60, atMs: 59_600 },
    { kind: 'closed', unitsCharged: 1, atMs: 59_600, billableMs: 59_600 },
  ]);
});

t.test('rule 4: a waiver gives back what was posted ahead, at once', async (t) => {
  const one = OneCall.live();
  one.run(59_500);
  one.core.waive(one.call, 59_600);
  told(t, only(one.drain(), 'release_due'), [{ unit: 2, amountMinor: 60, atMs: 59_600 }]);
  t.match(one.figures(90_000), { unitsPosted: 1, unitsCharged: 1 });
});

t.test('rule 2: a call of exactly 4:00.000 is four minutes, of 4:00.001 five', async (t) => {
  for (const [endMs, units] of [
    [240_000, 4],
    [240_001, 5],
  ] as const) {
    const one = OneCall.live();
    one.run(endMs);
    one.core.end(one.call, 'model', endMs);
    const [closed] = only(one.drain(), 'closed');
    t.match(closed, { billableMs: endMs, unitsCharged: units, chargedMinor: units * 60, atMs: endMs });
  }
});

t.test('rule 3: after s started seconds ceil(rate · s / 60) is paid, whatever the rate', async (t) => {
  for (const rateMinor of [1, 7, 59, 60, 61, 199, 3_599, 1_000_000_000]) {
    const one = OneCall.live({ tariff: 'per_second', rateMinor, balanceMinor: Number.MAX_SAFE_INTEGER });
    let paid = 0n;
    for (let second = 1; second <= 130; second++) {
      for (const { amountMinor } of only(one.run((second - 1) * 1_000 + 1), 'charged')) paid += BigInt(amountMinor);
      const expected = (BigInt(rateMinor) * BigInt(second) + 59n) / 60n;
      if (paid !== expected) t.fail(`${paid} paid after ${second} s at ${rateMinor}, not ${expected}`);
    }
    t.equal(one.figures(129_001).unitsCharged, 130, `130 seconds at ${rateMinor}`);
    t.equal(BigInt(one.figures(129_001).chargedMinor), paid);
  }
});

t.test('rule 3: a second that costs nothing counts without a charge', async (t) => {
  const one = OneCall.live({ tariff: 'per_second', rateMinor: 20 });
  const events = one.run(6_001);
  t.same(
    only(events, 'charged').map((charge) => [charge.unit, charge.amountMinor, charge.atMs]),
    [
      [1, 1, 1],
      [4, 1, 3_001],
      [7, 1, 6_001],
    ],
  );
  t.match(one.figures(5_001), { unitsCharged: 7, unitsPosted: 8, paidUntilBillableMs: 8_000 });
});

t.test('rule 4: one charge is with the ledger at a time, and only its answer counts', async (t) => {
  const one = OneCall.asked();
  t.same(kinds(one.drain()), ['charge_due']);
  t.same(one.core.pendingCharge(one.call), { unit: 1, amountMinor: 60 });
  t.equal(one.core.posted(one.call, 2, 0, 10), 'other_unit');
  t.equal(one.core.refused(one.call, 0, 0, 10), 'other_unit');
  t.equal(one.core.posted(one.call, 1, 940, 20), 'ok');
  t.equal(one.core.posted(one.call, 1, 880, 30), 'other_unit', 'the duplicate');
  t.equal(one.core.refused(one.call, 1, 0, 30), 'other_unit', 'a contradiction that comes late');
  t.same(only(one.drain(), 'charge_due'), []);
  t.match(one.figures(100), { unitsCharged: 1, chargedMinor: 60, balanceMinor: 940, pendingUnit: null });
  t.equal(one.core.pendingCharge(one.call), null);
});

t.test(
  'rule 4: the meter starts with the answer for the first unit, and stands where the paid time ends',
  async (t) => {
    const one = OneCall.asked();
    one.core.posted(one.call, 1, 940, 40);
    told(t, one.drain(), [
      { kind: 'charge_due', atMs: 0 },
      { kind: 'started', atMs: 40, billableMs: 0 },
    ]);
    one.core.tick(90_000);
    const events = one.drain();
    t.same(kinds(events), ['charged', 'charge_due', 'paused']);
    t.match(events[2], { reason: 'ledger_wait', atMs: 60_040, billableMs: 60_000, sinceMs: 60_040 });
    t.match(one.figures(90_000), { state: 'not_charging', billableMs: 60_000, unitsCharged: 1, pendingUnit: 2 });
    t.equal(one.core.posted(one.call, 2, 880, 90_000), 'ok');
    told(t, one.drain(), [{ kind: 'resumed', reason: 'ledger_wait', atMs: 90_000, billableMs: 60_000, reasons: [] }]);
    told(t, only(one.run(160_000), 'charged'), [
      { unit: 2, atMs: 90_001, billableMs: 60_001 },
      { unit: 3, atMs: 150_001, billableMs: 120_001 },
    ]);
  },
);

t.test('rule 4: a first unit that takes the ledger longer is told as a wait, from the start', async (t) => {
  const one = OneCall.asked();
  t.match(one.figures(249), { state: 'charging', billableMs: 0, reasons: [] }, 'for a moment nobody is told');
  one.core.tick(250);
  told(t, one.drain(), [
    { kind: 'charge_due' },
    { kind: 'started', atMs: 0 },
    { kind: 'paused', reason: 'ledger_wait', atMs: 250, sinceMs: 0, billableMs: 0 },
  ]);
  t.match(one.figures(9_000), { state: 'not_charging', reasons: ['ledger_wait'], billableMs: 0 });
  one.core.posted(one.call, 1, 0, 9_000);
  told(t, one.drain().slice(0, 1), [{ kind: 'resumed', atMs: 9_000, billableMs: 0 }]);
});

t.test('rule 5: who ends it decides whether the rest of the minimum is charged', async (t) => {
  const cases: [EndedBy, number, number, number | null][] = [
    // by, minimum, ended at, rest
    ['client', 3, 61_000, 60],
    ['client', 3, 1_000, 120],
    ['client', 3, 120_001, null],
    ['client', 2, 61_000, null],
    ['client', 0, 1_000, null],
    ['model', 3, 1_000, null],
    ['appliance', 3, 1_000, null],
  ];
  for (const [by, minimumMin, at, rest] of cases) {
    const one = OneCall.live({ minimumMin });
    one.run(at);
    t.equal(one.core.end(one.call, by, at), 'ok');
    const events = one.drain();
    t.same(kinds(events), rest === null ? ['closed'] : ['minimum_due', 'closed'], `${by}, ${minimumMin} min, ${at} ms`);
    if (rest !== null) t.match(events[0], { unit: 0, amountMinor: rest, atMs: at, billableMs: at });
    t.match(events.at(-1), { endedBy: by, outOfFunds: false });
    t.equal(one.core.end(one.call, 'client', at), 'wrong_state');
  }
});

t.test('rule 5: per second the rest is rate · minimum less what the seconds cost', async (t) => {
  const one = OneCall.live({ tariff: 'per_second', rateMinor: 100, minimumMin: 1 });
  one.run(10_000);
  one.core.end(one.call, 'client', 10_000);
  told(t, one.drain(), [
    { kind: 'release_due', unit: 11, amountMinor: 2 },
    { kind: 'minimum_due', amountMinor: 100 - 17 },
    { kind: 'closed', chargedMinor: 17 },
  ]);
});

t.test('rule 5: a call that never began owes nothing, one found again does', async (t) => {
  const never = new OneCall({ minimumMin: 3 });
  never.core.end(never.call, 'client', 10);
  told(t, never.drain(), [{ kind: 'closed', billableMs: 0, unitsCharged: 0 }]);
  const found = new OneCall({ minimumMin: 3, unitsCharged: 1, billableMs: 20_000 });
  found.core.end(found.call, 'client', 60_000);
  told(t, found.drain(), [
    { kind: 'minimum_due', amountMinor: 120 },
    { kind: 'closed', billableMs: 20_000, unitsCharged: 1 },
  ]);
});

t.test('rule 5: the minimum takes no more than the client had when the call ended', async (t) => {
  const one = OneCall.live({ minimumMin: 5, balanceMinor: 100 });
  one.run(10_000);
  one.core.end(one.call, 'client', 10_000, true);
  one.core.balance(one.call, 5_000, 10_500);
  one.core.tick(12_000);
  told(t, one.drain(), [
    { kind: 'minimum_due', amountMinor: 40, capMinor: 40, atMs: 10_000 },
    { kind: 'closed', minimum: 'due' },
  ]);
});

t.test('rule 5: both end it within a second: the model ended it, and nothing more is charged', async (t) => {
  for (const [laterMs, by] of [
    [0, 'model'],
    [999, 'model'],
    [1_000, 'client'],
  ] as const) {
    const one = OneCall.live({ minimumMin: 5 });
    one.run(10_000);
    one.core.end(one.call, 'client', 10_000, true);
    t.same(one.drain(), [], 'the rest of the minimum waits');
    t.equal(one.core.end(one.call, 'model', 10_000 + laterMs), by === 'model' ? 'ok' : 'wrong_state');
    const events = one.drain();
    t.match(events.at(-1), { kind: 'closed', endedBy: by, atMs: 10_000, billableMs: 10_000 });
    t.equal(only(events, 'minimum_due').length, by === 'model' ? 0 : 1);
    t.equal(only(events, 'ended_by_both').length, by === 'model' ? 1 : 0);
  }
  const gone = OneCall.live({ minimumMin: 5 });
  gone.run(10_000);
  gone.core.end(gone.call, 'client', 10_000, false);
  t.same(kinds(gone.drain()), ['minimum_due', 'closed'], 'who was merely gone has not ended it at the same moment');
});

t.test("rule 5: no minimum while the meter has stood for ten seconds for a cause on the model's side", async (t) => {
  for (const [reason, stoodMs, minimum] of [
    ['no_media', 9_999, 'due'],
    ['no_media', 10_000, 'model_fault'],
    ['reconnecting', 10_000, 'model_fault'],
    ['appliance_reconnecting', 10_000, 'model_fault'],
    ['client_no_media', 60_000, 'due'],
    ['client_reconnecting', 60_000, 'due'],
  ] as const) {
    const one = OneCall.live({ minimumMin: 5 });
    one.run(5_000);
    one.core.pauseBegin(one.call, reason, 5_000, 6_000);
    one.core.end(one.call, 'client', 5_000 + stoodMs);
    t.match(one.drain().at(-1), { kind: 'closed', minimum }, `${reason} for ${stoodMs} ms`);
  }
  const slow = OneCall.live({ minimumMin: 5 });
  slow.run(30_000);
  for (const at of [10_000, 30_000]) slow.core.probe(slow.call, { kbps: 1, conclusive: true, startedAtMs: at }, 30_000);
  slow.core.end(slow.call, 'client', 30_001);
  t.match(slow.drain().at(-1), { minimum: 'model_fault' }, 'a slow link counts from its first slow probe');
});

t.test('rule 5: the meter stands from when the call is live at the earliest, however old the fault is', async (t) => {
  for (const [endMs, minimum] of [
    [29_999, 'due'],
    [30_000, 'model_fault'],
  ] as const) {
    const one = new OneCall({ minimumMin: 3 });
    one.core.start(one.call, 20_000);
    for (const at of [8_000, 14_000]) one.core.probe(one.call, { kbps: 1, conclusive: true, startedAtMs: at }, 20_000);
    one.answer();
    one.core.end(one.call, 'client', endMs);
    t.match(
      one.drain().at(-1),
      { kind: 'closed', minimum },
      `the confirmation was slow, and ${endMs - 20_000} ms live`,
    );
  }
});

t.test('rule 5: a fault on her side that is noticed second and began first counts from its beginning', async (t) => {
  const one = OneCall.live({ minimumMin: 5 });
  one.run(30_000);
  one.core.pauseBegin(one.call, 'no_media', 29_000, 29_500);
  for (const at of [20_000, 29_000]) one.core.probe(one.call, { kbps: 1, conclusive: true, startedAtMs: at }, 29_900);
  one.core.end(one.call, 'client', 30_000);
  t.match(one.drain().at(-1), { minimum: 'model_fault' });
});

t.test('rule 8: after a waiver nothing is charged any more, not even the minimum', async (t) => {
  const one = OneCall.live({ minimumMin: 5, balanceMinor: 100 });
  one.run(30_000);
  t.equal(one.figures(30_000).isLow, true);
  t.equal(one.core.waive(one.call, 30_000), 'ok');
  t.equal(one.core.waive(one.call, 30_001), 'no_change');
  told(t, one.drain(), [
    { kind: 'paused', reason: 'model_waived', billableMs: 30_000 },
    { kind: 'low_off', timeLeftMs: null },
  ]);
  t.same(one.run(3_600_000), []);
  t.match(one.figures(3_600_000), { state: 'not_charging', billableMs: 30_000, timeLeftMs: null, isLow: false });
  one.core.balance(one.call, 0, 3_600_000);
  one.core.end(one.call, 'client', 3_600_001);
  told(t, one.drain(), [{ kind: 'closed', chargedMinor: 60, minimum: 'waived' }]);
});

t.test(
  'rule 8: a waiver while a charge is with the ledger: what is posted goes back, and nobody is suspended',
  async (t) => {
    for (const verdict of ['posted', 'refused'] as const) {
      const one = OneCall.live({ balanceMinor: 60 });
      one.run(59_000);
      one.core.tick(60_500);
      one.core.waive(one.call, 60_500);
      told(t, one.drain().slice(-3), [
        { kind: 'paused', reason: 'model_waived', reasons: ['model_waived', 'ledger_wait'] },
        { kind: 'resumed', reason: 'ledger_wait', reasons: ['model_waived'] },
        { kind: 'low_off' },
      ]);
      one.core[verdict](one.call, 2, 0, 60_700);
      t.match(one.figures(60_800), { state: 'not_charging', pendingUnit: null, unitsCharged: 1, billableMs: 60_000 });
      t.same(kinds(one.drain()), verdict === 'posted' ? ['release_due'] : []);
    }
  },
);

t.test('a waiver is refused before the call is live and while it is suspended', async (t) => {
  const opened = new OneCall();
  t.equal(opened.core.waive(opened.call, 5), 'wrong_state');
  const suspended = OneCall.live({ balanceMinor: 0 });
  suspended.run(10);
  t.equal(suspended.core.waive(suspended.call, 20), 'wrong_state');
});

t.test('not charging: billable time is cut back to when the fault began, and goes on from there', async (t) => {
  const one = OneCall.live();
  one.run(10_000);
  t.equal(one.core.pauseBegin(one.call, 'no_media', 8_000, 10_000), 'ok');
  t.equal(one.core.pauseBegin(one.call, 'no_media', 7_000, 10_000), 'no_change');
  told(t, one.drain(), [
    { kind: 'paused', reason: 'no_media', sinceMs: 8_000, billableMs: 8_000, atMs: 10_000, reasons: ['no_media'] },
  ]);
  t.match(one.figures(20_000), { state: 'not_charging', billableMs: 8_000, reasons: ['no_media'] });
  t.equal(one.core.pauseEnd(one.call, 'no_media', 20_000), 'ok');
  t.equal(one.core.pauseEnd(one.call, 'no_media', 20_000), 'no_change');
  told(t, one.drain(), [{ kind: 'resumed', reason: 'no_media', atMs: 20_000, billableMs: 8_000, reasons: [] }]);
  told(t, only(one.run(80_000), 'charged'), [{ unit: 2, atMs: 72_001 }], 'a half used minute is used up after');
});

t.test('not charging: overlapping reasons count once', async (t) => {
  const one = OneCall.live();
  one.run(10_000);
  one.core.pauseBegin(one.call, 'no_media', 10_000, 10_000);
  one.core.pauseBegin(one.call, 'reconnecting', 9_000, 12_000);
  t.equal(one.figures(12_000).billableMs, 9_000, 'the earlier fault cuts further back');
  one.core.pauseEnd(one.call, 'no_media', 15_000);
  t.match(one.figures(16_000), { state: 'not_charging', billableMs: 9_000, reasons: ['reconnecting'] });
  one.core.pauseEnd(one.call, 'reconnecting', 20_000);
  t.match(one.figures(21_000), { state: 'charging', billableMs: 10_000, reasons: [] });
  t.same(
    one.drain().map((event) => 'reasons' in event && event.reasons),
    [['no_media'], ['no_media', 'reconnecting'], ['reconnecting'], []],
  );
});

t.test('not charging: a fault that began during an earlier pause cuts no more than what ran since', async (t) => {
  const one = OneCall.live();
  one.run(10_000);
  one.core.pauseBegin(one.call, 'no_media', 10_000, 10_000);
  one.core.pauseEnd(one.call, 'no_media', 20_000);
  one.core.pauseBegin(one.call, 'reconnecting', 15_000, 23_000);
  t.match(only(one.drain(), 'paused')[1], { sinceMs: 15_000, billableMs: 10_000 });
  one.core.pauseEnd(one.call, 'reconnecting', 30_000);
  t.equal(one.figures(31_000).billableMs, 11_000);
});

t.test('not charging: cut back is exact however many pauses there were', async (t) => {
  // Runs 100 ms, stands 100 ms, and so on: at any whole second it had run half of that.
  const one = OneCall.live();
  for (let at = 100; at < 60_000; at += 100) {
    one.run(at);
    if (at % 200 === 100) one.core.pauseBegin(one.call, 'no_media', at, at);
    else one.core.pauseEnd(one.call, 'no_media', at);
  }
  one.core.pauseEnd(one.call, 'no_media', 60_000);
  one.drain();
  for (const sinceMs of [59_000, 40_000, 20_100, 7_000, 400, 0]) {
    one.core.pauseBegin(one.call, 'reconnecting', sinceMs, 60_000);
    const expected = Math.floor(sinceMs / 200) * 100 + Math.min(100, sinceMs % 200);
    t.equal(one.figures(60_000).billableMs, expected, `back to ${sinceMs}`);
    one.core.pauseEnd(one.call, 'reconnecting', 60_000);
  }
});

t.test('not charging: billable time is never cut below the start, and a posted charge is not taken back', async (t) => {
  const one = OneCall.live();
  one.run(2_000);
  one.core.pauseBegin(one.call, 'no_media', -50_000, 2_000);
  told(t, one.drain(), [{ sinceMs: 0, billableMs: 0 }]);
  t.match(one.figures(2_000), { billableMs: 0, unitsCharged: 1, chargedMinor: 60 });
  one.core.pauseEnd(one.call, 'no_media', 5_000);
  told(t, only(one.run(70_000), 'charged'), [{ unit: 2, atMs: 65_001 }], 'the first minute is not charged again');
});

t.test('not charging: a pause cut back under a unit that is with the ledger does not ask for it again', async (t) => {
  const one = OneCall.live();
  one.run(59_000);
  one.core.tick(59_500);
  one.drain();
  one.core.pauseBegin(one.call, 'no_media', 57_000, 59_600);
  one.core.pauseEnd(one.call, 'no_media', 60_000);
  one.core.tick(62_500);
  t.same(only(one.drain(), 'charge_due'), []);
  one.core.posted(one.call, 2, 0, 62_550);
  t.match(one.figures(62_550), { unitsPosted: 2, unitsCharged: 1, billableMs: 59_550 });
});

t.test('not charging: a refusal ahead of time does not stop media before the end of the paid time', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  const events = one.run(70_000);
  told(t, only(events, 'charge_due'), [{ unit: 2, atMs: 59_001 }], 'asked for ahead, and once');
  told(t, only(events, 'suspended'), [{ atMs: 60_000, billableMs: 60_000, graceEndsAtMs: 360_000 }]);
});

t.test('not charging: credit that comes in the last second is asked for, and no call is suspended', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  one.run(59_500);
  one.core.balance(one.call, 59, 59_600);
  t.same(only(one.drain(), 'charge_due'), [], 'not enough');
  one.balanceMinor = 600;
  one.core.balance(one.call, 600, 59_700);
  const events = one.run(61_000);
  told(t, only(events, 'charge_due'), [{ unit: 2, atMs: 59_700 }]);
  t.same(only(events, 'suspended'), []);
  t.match(one.figures(61_000), { state: 'charging', billableMs: 61_000, unitsCharged: 2 });
});

t.test('not charging: a cut back that leaves paid time lets the refused unit be asked for again', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  one.run(59_000);
  one.core.tick(59_500);
  one.core.pauseBegin(one.call, 'no_media', 57_000, 59_600);
  one.core.refused(one.call, 2, 0, 59_700);
  t.match(one.figures(59_700), { state: 'not_charging', billableMs: 57_000, pendingUnit: null });
  one.core.pauseEnd(one.call, 'no_media', 60_000);
  one.drain();
  const events = one.run(70_000);
  told(t, only(events, 'charge_due'), [{ unit: 2, atMs: 62_001 }]);
  told(t, only(events, 'suspended'), [{ atMs: 63_000, billableMs: 60_000 }]);
});

t.test('slow link: two of the last three conclusive probes under 12 Mbps, from the first slow one on', async (t) => {
  const one = OneCall.live();
  one.run(4_000);
  const probe = (kbps: number, at: number, conclusive = true) =>
    one.core.probe(one.call, { kbps, conclusive, startedAtMs: at - 1_000 }, at);
  probe(30_000, 5_000);
  probe(11_999, 10_000);
  t.equal(probe(0, 12_000, false), 'no_change', 'an inconclusive probe counts for nothing');
  t.equal(one.figures(12_000).state, 'charging');
  probe(12_000, 15_000);
  t.equal(one.figures(15_000).state, 'charging', 'one of three');
  probe(11_999, 20_000);
  t.match(one.drain().at(-1), { kind: 'paused', reason: 'slow_link', sinceMs: 9_000, billableMs: 9_000, atMs: 20_000 });
  probe(12_000, 31_000);
  told(t, one.drain(), [{ kind: 'resumed', reason: 'slow_link' }], 'fast, slow, fast: two of three are fast');
  probe(11_000, 32_000);
  told(t, one.drain(), [{ kind: 'paused', sinceMs: 19_000 }], 'slow, fast, slow');
  probe(12_000, 40_000);
  probe(12_001, 45_000);
  t.match(one.figures(45_000), { state: 'charging', reasons: [] });
});

t.test('slow link: before there are three probes two that agree decide', async (t) => {
  const one = OneCall.live({}, { slowLinkKbps: 5_000 });
  one.run(1_000);
  one.core.probe(one.call, { kbps: 4_999, conclusive: true, startedAtMs: 400 }, 1_000);
  t.equal(one.figures(1_000).state, 'charging');
  one.core.probe(one.call, { kbps: 4_999, conclusive: true, startedAtMs: 1_200 }, 2_000);
  t.match(one.figures(2_000), { state: 'not_charging', reasons: ['slow_link'], billableMs: 400 });
});

t.test(
  'low: on when less than two minutes are covered, at that very millisecond, and off again with credit',
  async (t) => {
    const one = OneCall.live({ balanceMinor: 180 });
    const events = one.run(59_999);
    t.same(kinds(events), ['charged', 'charge_due']);
    t.match(one.figures(60_000), { isLow: false, timeLeftMs: 120_000 });
    const [on] = only(one.run(60_001), 'low_on');
    t.match(on, { atMs: 60_001, billableMs: 60_001, timeLeftMs: 119_999 });
    t.equal(one.core.balance(one.call, 119, 70_000), 'ok');
    t.same(one.drain(), [], 'more, but not enough');
    one.core.balance(one.call, 120, 70_000);
    told(t, one.drain(), [{ kind: 'low_off', timeLeftMs: 170_000 }]);
  },
);

t.test('low: between charges it goes on at the deadline, and a pause that cuts back takes it off', async (t) => {
  const one = OneCall.live({ balanceMinor: 240 }, { lowMs: 150_000 });
  told(t, only(one.run(90_001), 'low_on'), [{ atMs: 90_001, timeLeftMs: 149_999 }]);
  one.core.pauseBegin(one.call, 'no_media', 90_000, 91_000);
  told(t, one.drain(), [{ kind: 'paused' }, { kind: 'low_off', atMs: 91_000, timeLeftMs: 150_000 }]);
});

t.test('low: per second the balance is turned into whole seconds, exactly', async (t) => {
  for (const rateMinor of [1, 7, 60, 61, 1_999]) {
    const balanceMinor = rateMinor * 3 + 5;
    const one = OneCall.live({ tariff: 'per_second', rateMinor, balanceMinor }, { lowMs: 1 });
    let seconds = 0;
    while (priceMinor('per_second', rateMinor, seconds + 1) <= BigInt(balanceMinor)) seconds++;
    t.equal(one.figures(0).timeLeftMs, seconds * 1_000, `${balanceMinor} at ${rateMinor}`);
    const events = one.run(3_600_000);
    told(t, only(events, 'suspended'), [{ billableMs: seconds * 1_000 }], 'and that is how far it goes');
  }
});

t.test('suspended: media stops at the end of the paid time, the grace ends with out of funds and rule 5', async (t) => {
  const one = OneCall.live({ balanceMinor: 130, minimumMin: 3 });
  told(t, one.run(120_001).slice(-1), [
    { kind: 'suspended', atMs: 120_000, billableMs: 120_000, unit: 3, graceEndsAtMs: 420_000 },
  ]);
  t.match(one.figures(419_999), { state: 'suspended', graceLeftMs: 1, billableMs: 120_000, balanceMinor: 10 });
  t.same(one.run(419_999), []);
  told(t, one.run(500_000), [
    { kind: 'grace_over', atMs: 420_000 },
    { kind: 'minimum_due', amountMinor: 10, capMinor: 10, atMs: 420_000 },
    { kind: 'closed', atMs: 420_000, endedBy: 'client', outOfFunds: true, billableMs: 120_000, unitsCharged: 2 },
  ]);
});

t.test('suspended: a slow ledger costs the client no grace', async (t) => {
  const one = OneCall.asked({ balanceMinor: 0 }, { graceMs: 1_000 });
  one.core.tick(9_000);
  one.drain();
  one.core.refused(one.call, 1, 0, 9_000);
  told(t, one.drain(), [
    { kind: 'resumed', reason: 'ledger_wait', billableMs: 0 },
    { kind: 'suspended', atMs: 0, billableMs: 0, graceEndsAtMs: 10_000 },
  ]);
});

t.test('suspended: a restart takes the refused charge first and billable time goes on where it stood', async (t) => {
  const one = OneCall.live({ balanceMinor: 120 });
  one.run(125_000);
  t.equal(one.core.restart(one.call, 150_000), 'ok');
  t.equal(one.core.restart(one.call, 150_001), 'no_change');
  told(t, one.drain(), [{ kind: 'charge_due', unit: 3, atMs: 150_000, waitMs: 270_000 }]);
  t.equal(one.core.refused(one.call, 3, 0, 150_010), 'ok');
  t.same(one.drain(), []);
  t.match(one.figures(150_010), { state: 'suspended', graceLeftMs: 269_990 }, 'a refusal does not prolong the grace');
  one.core.balance(one.call, 600, 200_000);
  t.same(one.drain(), [], 'credit alone restarts nothing');
  one.core.restart(one.call, 210_000);
  one.core.posted(one.call, 3, 540, 210_020);
  told(t, one.drain(), [
    { kind: 'charge_due', unit: 3 },
    { kind: 'restarted', atMs: 210_020, billableMs: 120_000, unit: 3, reasons: [] },
    { kind: 'low_off', timeLeftMs: 600_000 },
  ]);
  t.match(one.figures(210_120), { state: 'charging', billableMs: 120_100, unitsCharged: 3, graceLeftMs: null });
});

t.test('suspended: the grace does not end while a restart is with the ledger', async (t) => {
  for (const verdict of ['posted', 'refused'] as const) {
    const one = OneCall.live({ balanceMinor: 60 }, { graceMs: 1_000 });
    one.run(60_500);
    one.core.restart(one.call, 60_900);
    one.core.tick(80_000);
    told(t, one.drain(), [{ kind: 'charge_due' }]);
    t.match(one.figures(80_000), { state: 'suspended', graceLeftMs: 0 });
    one.core[verdict](one.call, 2, 0, 80_001);
    const expected = verdict === 'posted' ? ['restarted'] : ['grace_over', 'closed'];
    t.same(kinds(one.drain()), expected);
  }
});

t.test('suspended: reasons are kept, and hold the meter after a restart', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  one.run(60_010);
  one.core.pauseBegin(one.call, 'reconnecting', 60_005, 61_000);
  one.core.restart(one.call, 62_000);
  one.core.posted(one.call, 2, 600, 62_000);
  told(t, one.drain().slice(-2), [{ kind: 'restarted', reasons: ['reconnecting'] }, { kind: 'low_off' }]);
  t.match(one.figures(63_000), { state: 'not_charging', billableMs: 60_000 });
  one.core.pauseEnd(one.call, 'reconnecting', 64_000);
  t.equal(one.figures(65_000).billableMs, 61_000);
});

t.test('suspended: the client or the model can end it', async (t) => {
  for (const [by, minimum] of [
    ['client', 1],
    ['model', 0],
  ] as const) {
    const one = OneCall.live({ balanceMinor: 60, minimumMin: 5 });
    one.run(60_010);
    one.core.balance(one.call, 50, 65_000);
    one.core.end(one.call, by, 70_000);
    const events = one.drain();
    t.equal(only(events, 'minimum_due').length, minimum);
    t.match(events.at(-1), { kind: 'closed', endedBy: by, outOfFunds: false, atMs: 70_000 });
  }
});

t.test('the end with a charge at the ledger: closing until the answer', async (t) => {
  for (const verdict of ['posted', 'refused'] as const) {
    const one = OneCall.live({ minimumMin: 3 });
    one.run(59_000);
    one.core.tick(59_040);
    one.drain();
    one.core.end(one.call, 'client', 59_050);
    t.same(one.drain(), []);
    t.match(one.figures(99_000), { state: 'closing', billableMs: 59_050, pendingUnit: 2 });
    t.equal(one.core.pauseBegin(one.call, 'no_media', 59_000, 59_060), 'wrong_state');
    t.equal(one.core.probe(one.call, { kbps: 1, conclusive: true, startedAtMs: 1 }, 59_060), 'wrong_state');
    t.equal(one.core.release(one.call), 'wrong_state');
    one.core[verdict](one.call, 2, 880, 99_000);
    told(t, one.drain(), [
      ...(verdict === 'posted' ? [{ kind: 'release_due', unit: 2 }] : []),
      { kind: 'minimum_due', amountMinor: 120, atMs: 59_050 },
      { kind: 'closed', unitsCharged: 1, billableMs: 59_050, atMs: 59_050 },
    ]);
  }
});

t.test('after a crash: the call goes on with the billable time of its last durable record', async (t) => {
  const one = new OneCall({ billableMs: 75_000, unitsCharged: 2, chargedMinor: 120, balanceMinor: 600 }, {}, 1_000_000);
  t.match(one.figures(1_030_000), { state: 'opened', billableMs: 75_000 }, 'nobody pays while the appliance is down');
  one.core.start(one.call, 1_040_000);
  told(t, only(one.run(1_090_000), 'charged'), [{ unit: 3, atMs: 1_085_001, billableMs: 120_001 }]);
});

t.test('after a crash: what was used beyond what is paid is nobody’s debt, free seconds are counted', async (t) => {
  const used = new OneCall({ billableMs: 60_120, unitsCharged: 1 });
  used.core.start(used.call, 500);
  told(t, only(used.drain(), 'charge_due'), [{ unit: 2, atMs: 500, billableMs: 60_000, waitMs: 0 }]);
  const cheap = new OneCall({ tariff: 'per_second', rateMinor: 20, billableMs: 2_500, unitsCharged: 1 });
  t.match(cheap.figures(0), { unitsCharged: 3, chargedMinor: 1, paidUntilBillableMs: 3_000 });
});

t.test('after a crash: a unit that was posted ahead falls due in its time, or is given back', async (t) => {
  const on = new OneCall({ billableMs: 59_500, unitsCharged: 1, unitsPosted: 2 });
  on.core.start(on.call, 0);
  told(t, only(on.run(1_000), 'charged'), [{ unit: 2, atMs: 501, billableMs: 60_001 }]);
  const over = new OneCall({ billableMs: 59_500, unitsCharged: 1, unitsPosted: 2 });
  over.core.end(over.call, 'appliance', 60_000);
  told(t, over.drain(), [
    { kind: 'release_due', unit: 2, lastUnit: 2, amountMinor: 60 },
    { kind: 'closed', unitsCharged: 1 },
  ]);
});

t.test('after a crash: all units that were posted ahead are given back, from the first to the last', async (t) => {
  const one = new OneCall({ billableMs: 59_500, unitsCharged: 1, unitsPosted: 4 });
  one.core.end(one.call, 'appliance', 60_000);
  told(t, only(one.drain(), 'release_due'), [{ unit: 2, lastUnit: 4, amountMinor: 180 }]);
});

t.test(
  'after a crash: a suspended call has the grace that was left, a waived one stays free, a slow link stays slow',
  async (t) => {
    const suspended = new OneCall(
      { billableMs: 60_000, unitsCharged: 1, suspendedGraceLeftMs: 4_000, minimumMin: 2 },
      {},
      100,
    );
    t.match(suspended.figures(1_100), { state: 'suspended', graceLeftMs: 3_000 });
    t.equal(suspended.core.start(suspended.call, 200), 'wrong_state');
    suspended.core.tick(9_000);
    told(t, suspended.drain(), [{ kind: 'grace_over', atMs: 4_100 }, { kind: 'minimum_due' }, { kind: 'closed' }]);
    const waived = new OneCall({ billableMs: 5_000, unitsCharged: 1, waived: true });
    waived.core.start(waived.call, 0);
    t.same(kinds(waived.run(600_000)), ['started']);
    t.match(waived.figures(600_000), { state: 'not_charging', reasons: ['model_waived'], billableMs: 5_000 });
    const slow = new OneCall({ billableMs: 5_000, unitsCharged: 1, slowLink: true });
    slow.core.start(slow.call, 0);
    slow.run(10_000);
    t.match(slow.figures(10_000), { reasons: ['slow_link'], billableMs: 5_000 });
    for (const at of [10_000, 15_000])
      slow.core.probe(slow.call, { kbps: 20_000, conclusive: true, startedAtMs: at }, at);
    t.match(slow.figures(16_000), { state: 'charging', billableMs: 6_000 });
  },
);

t.test(
  'after a crash: what keeps the meter from the first moment is told, and a call that runs has started',
  async (t) => {
    const down = ['no_media', 'client_no_media', 'appliance_reconnecting'] as const;
    const found = new OneCall({ billableMs: 20_000, unitsCharged: 1, paused: down });
    found.core.start(found.call, 1_000);
    told(t, found.drain(), [
      { kind: 'started', atMs: 1_000, billableMs: 20_000 },
      ...down.map((reason) => ({ kind: 'paused', reason })),
    ]);
    const goesOn = new OneCall({ billableMs: 20_000, unitsCharged: 1 });
    goesOn.core.start(goesOn.call, 1_000);
    told(t, goesOn.drain(), [{ kind: 'started', atMs: 1_000, billableMs: 20_000 }]);
  },
);

t.test('after a crash: a grace runs on though nobody comes', async (t) => {
  const one = new OneCall({ billableMs: 60_000, unitsCharged: 1, suspendedGraceLeftMs: 4_000 }, {}, 100);
  t.equal(one.core.nextDeadlineMs(), 4_100);
  one.core.tick(4_100);
  told(t, one.drain(), [{ kind: 'grace_over', atMs: 4_100 }, { kind: 'closed' }]);
});

t.test('rule 5: a fault from the first moment counts from when the call was found, or started', async (t) => {
  const ended = (paused: OpenCall['paused'], startMs: number | null, endMs: number) => {
    const core = MeterCore.instantiate(coreModule(), { capacity: 1 });
    core.tick(0);
    const call = core.open({ ...TERMS, minimumMin: 3, unitsCharged: 1, billableMs: 20_000, paused }, 20_000);
    if (startMs !== null) core.start(call, startMs);
    core.end(call, 'client', endMs);
    return core.drain().at(-1);
  };
  t.match(ended(['reconnecting'], null, 29_999), { minimum: 'due' });
  t.match(ended(['reconnecting'], null, 30_000), { minimum: 'model_fault' });
  t.match(ended(['no_media'], 35_000, 44_999), { minimum: 'due' });
  t.match(ended(['no_media'], 35_000, 45_000), { minimum: 'model_fault' });
});

t.test('nothing is dated before the call was opened', async (t) => {
  const core = MeterCore.instantiate(coreModule(), { capacity: 1 });
  core.tick(0);
  const call = core.open(TERMS, 10_000);
  core.start(call, 5_000);
  told(t, core.drain(), [{ kind: 'charge_due', atMs: 10_000 }]);
});

t.test('suspended: after a restart the next unit is asked for in its time', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  one.run(65_000);
  one.balanceMinor = 600;
  one.core.restart(one.call, 65_000);
  one.answer();
  one.drain();
  told(t, only(one.run(125_000), 'charge_due'), [{ unit: 3, atMs: 65_000 + 59_001 }]);
  t.match(one.figures(125_000), { state: 'charging', unitsPosted: 3 });
});

t.test('credit in the last second that just covers the unit is asked for', async (t) => {
  const one = OneCall.live({ balanceMinor: 60 });
  one.run(59_500);
  one.balanceMinor = 60;
  one.core.balance(one.call, 60, 59_700);
  told(t, only(one.drain(), 'charge_due'), [{ unit: 2, atMs: 59_700 }]);
});

t.test("an input that is late counts as of the call's last happening", async (t) => {
  const one = OneCall.asked();
  one.core.tick(60_100);
  t.match(one.drain().at(-1), { kind: 'paused', atMs: 250 });
  one.core.end(one.call, 'model', 150);
  one.core.posted(one.call, 1, 0, 160);
  told(t, one.drain(), [{ kind: 'release_due' }, { kind: 'closed', atMs: 250 }]);
});

for (const tariff of ['per_minute', 'per_second'] as Tariff[]) {
  t.test(`${tariff}: at every millisecond what is charged is the units that have started`, async (t) => {
    const one = OneCall.live({ tariff, rateMinor: 61 });
    const unitMs = tariff === 'per_minute' ? 60_000 : 1_000;
    for (let at = 0; at <= 122_000; at += at % unitMs < 3 || at % unitMs > unitMs - 3 ? 1 : 7) {
      one.run(at);
      const { unitsCharged, chargedMinor, billableMs } = one.figures(at);
      if (billableMs !== at || unitsCharged !== Math.ceil(at / unitMs)) t.fail(`${unitsCharged} units at ${at}`);
      if (BigInt(chargedMinor) !== priceMinor(tariff, 61, unitsCharged)) t.fail(`${chargedMinor} charged at ${at}`);
    }
    t.pass('all of them');
  });
}
