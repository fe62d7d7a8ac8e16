import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { HostPauseReason } from '../../core-wasm/index.ts';
import type { MeterLogEntry } from '../../server/meter/index.ts';
import {
  compareWithLedger,
  type FaultCode,
  type LedgerTransfer,
  type ReceiptTerms,
  recompute,
} from '../../server/receipt/index.ts';
import { honestCall, played } from '../receipt/honest.ts';
import type { MeteredCall } from '../receipt/metered-call.ts';
import { simulateReceipt } from '../sim/receipt.ts';

const MINUTES: ReceiptTerms = { rateMinor: 200, minimumMin: 0, tariff: 'per_minute', sharePercent: 60 };
const SECONDS: ReceiptTerms = { ...MINUTES, tariff: 'per_second' };
/** The seed from which random honest calls go on, and how many: each plays some 20 events. */
const SEED = 1;
const HONEST_CALLS = 150;

type Log = readonly MeterLogEntry[];
type Forgery = (log: MeterLogEntry[]) => Log;

const faultsOf = (log: Log, { terms, transfers, releases }: MeteredCall) => {
  const receipt = recompute(log, terms);
  return [...receipt.faults, ...compareWithLedger(receipt, transfers, releases)];
};
const renumbered = (log: Log): Log => log.map((line, index) => ({ ...line, seq: index + 1 }));
const without = (log: Log, isOut: (line: MeterLogEntry) => boolean) => renumbered(log.filter((line) => !isOut(line)));
const isUnit = (unit: number) => (line: MeterLogEntry) => line.kind === 'charged' && line.detail.unit === unit;
const changed = (log: Log, is: (line: MeterLogEntry) => boolean, change: (line: MeterLogEntry) => object): Log =>
  log.map((line) => (is(line) ? ({ ...line, ...change(line) } as MeterLogEntry) : line));
const isKind = (kind: string, reason?: string) => (line: MeterLogEntry) =>
  line.kind === kind && (reason === undefined || line.detail.reason === reason);
const detail = (more: object) => (line: MeterLogEntry) => ({ detail: { ...line.detail, ...more } });
const later = (ms: number) => (line: MeterLogEntry) => ({ billableMs: line.billableMs + ms });
/** Puts a line after the last that `after` names. */
const inserted = (log: Log, after: (line: MeterLogEntry) => boolean, line: object): Log => {
  const index = log.findLastIndex(after);
  const base = log[index] as MeterLogEntry;
  return renumbered([...log.slice(0, index + 1), { ...base, ...line } as MeterLogEntry, ...log.slice(index + 1)]);
};
const charged = (unit: number, amountMinor = 200) => ({
  kind: 'charged',
  detail: { unit, amountMinor, transferId: 900 },
});

/** Ten and a half minutes, with an hour without the model's media in between. */
const long = await played(MINUTES, 100_000, async (call) => {
  call.start();
  await call.pass(400_000);
  call.pause('no_media', 2_000);
  await call.pass(3_600_000);
  call.resume('no_media');
  await call.pass(230_000);
  call.end('model');
  await call.settle(628_000 + 3_600_000);
});

/** Three probes of the uplink, two of them slow, then two fast ones. */
const slow = await played(SECONDS, 100_000, async (call) => {
  call.start();
  for (const kbps of [20_000, 4_000, 5_000]) {
    await call.pass(5_000);
    call.probe(kbps);
  }
  await call.pass(9_000);
  for (const kbps of [15_000, 15_000]) {
    call.probe(kbps);
    await call.pass(5_000);
  }
  call.end('client');
  await call.settle();
});

/** Out of funds after two minutes, restarted, ended by its client. */
const poor = await played(MINUTES, 400, async (call) => {
  call.start();
  await call.pass(140_000);
  call.credit(1_000);
  call.restart();
  await call.pass(30_000);
  call.end('client');
  await call.settle();
});

const WITH_MINIMUM = { ...MINUTES, minimumMin: 5 };
const endedWith = (balanceMinor: number, script: (call: MeteredCall) => Promise<void>) =>
  played(WITH_MINIMUM, balanceMinor, async (call) => {
    call.start();
    await call.pass(70_000);
    await script(call);
    await call.settle();
  });
const leaves = await endedWith(100_000, async (call) => call.end('client'));
const leavesPoor = await endedWith(700, async (call) => call.end('client'));
const modelEnds = await endedWith(100_000, async (call) => call.end('model'));
const bothEnd = await endedWith(100_000, async (call) => {
  call.end('client');
  await call.pass(400);
  call.end('model');
});
const waived = await endedWith(100_000, async (call) => {
  call.waive();
  await call.pass(200_000);
  call.end('client');
});
const modelFails = await endedWith(100_000, async (call) => {
  call.pause('no_media', 2_000);
  await call.pass(12_000);
  call.end('client');
});
const restarted = await played(SECONDS, 100_000, async (call) => {
  call.start();
  await call.pass(10_500);
  await call.crash(30_000);
  await call.pass(5_000);
  call.end('client');
  await call.settle();
});

const unanswered = await endedWith(100_000, async (call) => {
  for (let count = 0; count < 3; count++) call.probe(20_000);
  await call.pass(30_000);
  await call.notAnswered();
  await call.pass(60_000);
  for (let count = 0; count < 2; count++) call.probe(20_000);
  await call.pass(20_000);
  call.end('model');
});

const ranOut = await endedWith(600, async (call) => call.pass(600_000));
/** The client leaves after so long a fault on the model's side, and after none of hers. */
const fails = (reason: HostPauseReason, ms: number) =>
  endedWith(100_000, async (call) => {
    call.pause(reason);
    await call.pass(ms);
    call.end('client');
  });
const failsShortly = await fails('reconnecting', 9_500);
const failsLong = await fails('appliance_reconnecting', 10_500);
const clientFails = await fails('client_no_media', 60_000);

/** Cut back under a unit that was charged before the pause was noticed. */
const cutBack = await played(MINUTES, 100_000, async (call) => {
  call.start();
  await call.pass(61_000);
  call.pause('no_media', 2_000);
  await call.pass(5_000);
  call.end('model');
  await call.settle();
});

/** A unit is posted ahead when the appliance goes down, and nobody comes back. */
const ahead = await played(MINUTES, 100_000, async (call) => {
  call.start();
  await call.pass(59_700);
  await call.crash(5_000, { isBack: false });
  call.end('appliance', false);
  await call.settle();
});

/** The link is slow when the appliance goes down, and when it is back; the client leaves 9.5 s after the call goes on. */
const slowAndDown = await played(WITH_MINIMUM, 100_000, async (call) => {
  call.start();
  for (let count = 0; count < 2; count++) {
    await call.pass(5_000);
    call.probe(4_000);
  }
  await call.crash(30_000);
  await call.pass(9_500);
  call.end('client');
  await call.settle();
});

const twiceDown = await played(SECONDS, 100_000, async (call) => {
  call.start();
  await call.pass(10_500);
  await call.crash(30_000);
  await call.pass(5_500);
  await call.crash(40_000);
  call.end('client');
  await call.settle();
});

const HONEST = {
  unanswered,
  long,
  slow,
  poor,
  leaves,
  leavesPoor,
  modelEnds,
  bothEnd,
  waived,
  modelFails,
  restarted,
  ranOut,
  failsShortly,
  failsLong,
  clientFails,
  cutBack,
  ahead,
  slowAndDown,
  twiceDown,
};

t.test('what the product writes has no fault', async (t) => {
  for (const [name, call] of Object.entries(HONEST)) t.same(faultsOf(call.log, call), [], name);
});

t.test('honest calls of every kind have no fault', async (t) => {
  let lines = 0;
  for (let seed = SEED; seed < SEED + HONEST_CALLS; seed++) {
    const call = await honestCall(seed);
    lines += call.log.length;
    t.same(faultsOf(call.log, call), [], `seed ${seed}`);
  }
  t.comment(`${lines} lines of ${HONEST_CALLS} calls from seed ${SEED}`);
});

t.test('the receipt says what happened', async (t) => {
  const receipt = recompute(long.log, long.terms);
  t.match(receipt, {
    billableMs: 628_000 - 3,
    chargedMinor: 2_200,
    modelMinor: 1_320,
    studioMinor: 880,
    mediaBeyondMs: 0,
  });
  t.match(receipt.pauses, [{ reason: 'no_media', cutBackMs: 2_000 }]);
  t.same(receipt.pauses[0]?.to, long.log.find(isKind('resumed'))?.at, 'it has its own end, not that of the call');
  t.match(recompute(restarted.log, restarted.terms).downtimeMs, 30_000 + 496, 'from the last durable line');
  t.match(
    recompute(unanswered.log, unanswered.terms).pauses,
    [{ reason: 'slow_link', cutBackMs: 20_000 }],
    'five probes without an answer are slow, from the first of them on',
  );
  t.same(
    recompute(unanswered.log, unanswered.terms).pauses[0]?.evidence.map(({ doubt }) => doubt),
    ['no_report', 'no_report', 'no_report', 'no_report', 'no_report', null, null, null],
    'they are its evidence, and what ended it',
  );
  t.equal(recompute(poor.log, poor.terms).refusedAttempts, 1);
  t.match(recompute(leaves.log, leaves.terms).minimum, { why: 'due', amountMinor: 600 });
  t.match(recompute(leavesPoor.log, leavesPoor.terms).minimum, { why: 'due', amountMinor: 300 });
  t.match(recompute(modelEnds.log, modelEnds.terms).minimum, { why: 'model_ended', amountMinor: 0 });
  t.match(recompute(bothEnd.log, bothEnd.terms).minimum, { why: 'model_ended', amountMinor: 0 });
  t.match(recompute(waived.log, waived.terms).minimum, { why: 'waived', amountMinor: 0 });
  t.match(recompute(modelFails.log, modelFails.terms).minimum, { why: 'model_fault', amountMinor: 0 });
  t.match(recompute(failsShortly.log, failsShortly.terms).minimum, { why: 'due' });
  t.match(recompute(failsLong.log, failsLong.terms).minimum, { why: 'model_fault' });
  t.match(recompute(clientFails.log, clientFails.terms).minimum, { why: 'due' });
  t.match(
    recompute(slowAndDown.log, slowAndDown.terms).minimum,
    { why: 'due' },
    'the ten seconds count from the start',
  );
  t.match(recompute(ahead.log, ahead.terms), { released: [{ unit: 2, amountMinor: 200 }], chargedMinor: 200 });
  t.ok(recompute(twiceDown.log, twiceDown.terms).downtimeMs > 70_000, 'both times');
  t.ok(recompute(slow.log, slow.terms).unitsChargedBeforeNoticed >= 4, 'charged before slow_link was noticed');
});

const minimum = (amountMinor: number) => ({ kind: 'minimum', detail: { amountMinor, transferId: 900 } });

/** Each forges one thing in an honest log. */
const FORGERIES: [what: string, of: MeteredCall, forge: Forgery, code: FaultCode][] = [
  [
    'ten minutes are used and one is charged',
    long,
    (l) => without(l, (e) => e.kind === 'charged' && e.detail.unit !== 1),
    'used_and_not_charged',
  ],
  [
    'the time runs on in an hour of pause',
    long,
    (l) => changed(l, (e) => e.seq >= (l.find(isKind('resumed'))?.seq ?? 0), later(3_600_000)),
    'billable_faster_than_clock',
  ],
  ['the pause is taken out', long, (l) => without(l, (e) => e.detail.reason === 'no_media'), 'billable_too_low'],
  ['a unit is charged in a pause', long, (l) => inserted(l, isKind('paused'), charged(8)), 'charged_while_paused'],
  ['a unit is skipped', long, (l) => without(l, isUnit(5)), 'unit_skipped'],
  ['a unit is charged twice', long, (l) => inserted(l, isUnit(5), {}), 'charged_twice'],
  [
    'two units change places',
    long,
    (l) => changed(changed(l, isUnit(5), detail({ unit: 55 })), isUnit(6), detail({ unit: 5 })),
    'unit_out_of_order',
  ],
  ['a unit costs more', long, (l) => changed(l, isUnit(5), detail({ amountMinor: 201 })), 'wrong_amount'],
  ['a unit costs nothing', long, (l) => changed(l, isUnit(5), detail({ amountMinor: 0 })), 'wrong_amount'],
  ['a unit has no number', long, (l) => changed(l, isUnit(5), detail({ unit: null })), 'line_malformed'],
  ['a unit names another transfer', long, (l) => changed(l, isUnit(5), detail({ transferId: 1 })), 'transfer_differs'],
  [
    'a unit is charged before it is due',
    long,
    (l) => inserted(l, isUnit(5), { ...charged(6), monoMs: (l.find(isUnit(5))?.monoMs ?? 0) + 9 }),
    'charged_before_due',
  ],
  ['a line is missing', long, (l) => l.filter((e) => e.seq !== 6), 'line_missing'],
  ['a line is doubled', long, (l) => [...l.slice(0, 6), ...l.slice(5)], 'line_doubled'],
  ['lines change places', long, (l) => [...l.slice(0, 4), l[5], l[4], ...l.slice(6)] as Log, 'line_out_of_order'],
  ['a line cannot be read', long, (l) => changed(l, isUnit(5), () => ({ billableMs: 1.5 })), 'line_malformed'],
  [
    'the clock goes back',
    long,
    (l) => changed(l, isUnit(5), (e) => ({ monoMs: (e.monoMs ?? 0) - 100_000 })),
    'clock_backwards',
  ],
  ['billable time goes back', long, (l) => changed(l, isUnit(5), later(-90_000)), 'billable_backwards'],
  [
    'billable time is faster than the clock',
    long,
    (l) => changed(l, isUnit(5), later(1_000)),
    'billable_faster_than_clock',
  ],
  ['billable time is 2 ms too much', long, (l) => changed(l, isUnit(5), later(2)), 'billable_faster_than_clock'],
  [
    'a pause ends that had not begun',
    long,
    (l) => inserted(l, isUnit(5), { kind: 'resumed', detail: { reason: 'no_media' } }),
    'resumed_without_pause',
  ],
  ['a pause begins twice', long, (l) => inserted(l, isKind('paused'), {}), 'paused_twice'],
  [
    'a pause takes minutes back',
    long,
    (l) => changed(l, isKind('paused'), (e) => detail({ sinceMonoMs: (e.monoMs ?? 0) - 100_000 })(e)),
    'cut_back_too_far',
  ],
  ['the last line is missing', long, (l) => without(l, isKind('closed')), 'closed_missing'],
  [
    'the last line counts fewer units',
    long,
    (l) => changed(l, isKind('closed'), detail({ unitsCharged: 1 })),
    'closed_contradicts',
  ],
  ['the call closes twice', long, (l) => inserted(l, isKind('closed'), {}), 'closed_twice'],
  ['a charge comes after the end', long, (l) => inserted(l, isKind('closed'), charged(12)), 'line_after_closed'],
  ['the meter starts twice', long, (l) => inserted(l, isUnit(5), { kind: 'started', detail: {} }), 'started_twice'],
  [
    'media beyond the budget is hushed up',
    long,
    (l) => changed(l, isKind('media'), detail({ lawfulMs: 1 })),
    'media_contradicts',
  ],
  [
    'slow_link with one slow probe',
    slow,
    (l) => changed(l, (e) => e.detail.kbps === 4_000, detail({ kbps: 14_000, verdict: 'pass' })),
    'slow_link_without_evidence',
  ],
  [
    'slow_link with probes that say nothing',
    slow,
    (l) => changed(l, isKind('probed'), detail({ verdict: 'inconclusive' })),
    'slow_link_without_evidence',
  ],
  [
    'slow_link ends without fast probes',
    slow,
    (l) => changed(l, (e) => e.detail.kbps === 15_000, detail({ kbps: 4_000, verdict: 'fail' })),
    'resumed_without_evidence',
  ],
  [
    'a slow link of fast probes that are said to have failed',
    slow,
    (l) => changed(l, (e) => e.detail.kbps === 4_000, detail({ kbps: 14_000 })),
    'slow_link_without_evidence',
  ],
  ['suspended and not refused', poor, (l) => without(l, isKind('refused')), 'suspended_without_refusal'],
  [
    'suspended before what is paid is used up',
    poor,
    (l) =>
      changed(l, isKind('suspended'), ({ monoMs, billableMs }) => ({
        monoMs: (monoMs ?? 0) - 20_000,
        billableMs: billableMs - 20_000,
      })),
    'suspended_before_used_up',
  ],
  ['a charge in a suspension', poor, (l) => without(l, isKind('restarted')), 'charged_while_suspended'],
  ['a restart without suspension', poor, (l) => without(l, isKind('suspended')), 'restarted_without_suspension'],
  [
    'a grace ends that had not begun',
    long,
    (l) => inserted(l, isUnit(5), { kind: 'grace_over', detail: {} }),
    'grace_without_suspension',
  ],
  [
    'a released unit is charged as well',
    poor,
    (l) =>
      inserted(l, isKind('closed'), {
        kind: 'released',
        detail: { unit: 2, amountMinor: 200, transferId: 101, releaseId: 900 },
      }),
    'released_and_charged',
  ],
  [
    'a minimum although the model ended',
    modelEnds,
    (l) => inserted(l, isKind('closed'), minimum(600)),
    'minimum_not_due',
  ],
  ['a minimum although both ended', bothEnd, (l) => inserted(l, isKind('closed'), minimum(600)), 'minimum_not_due'],
  ['a minimum after a waiver', waived, (l) => inserted(l, isKind('closed'), minimum(600)), 'minimum_not_due'],
  [
    "a minimum with the model's fault",
    modelFails,
    (l) => inserted(l, isKind('closed'), minimum(600)),
    'minimum_not_due',
  ],
  [
    'a minimum that is too high',
    leaves,
    (l) => changed(l, isKind('minimum'), detail({ amountMinor: 601 })),
    'minimum_too_high',
  ],
  [
    'a minimum beyond the balance',
    leavesPoor,
    (l) => changed(l, isKind('minimum'), detail({ amountMinor: 600 })),
    'minimum_too_high',
  ],
  ['a minimum that is taken twice', leaves, (l) => inserted(l, isKind('minimum'), {}), 'minimum_twice'],
  [
    'another reason of the minimum',
    modelEnds,
    (l) => changed(l, isKind('closed'), detail({ minimum: 'due' })),
    'minimum_why_wrong',
  ],
  [
    'another amount of the minimum',
    leaves,
    (l) => changed(l, isKind('closed'), detail({ minimumDueMinor: 500 })),
    'minimum_due_wrong',
  ],
  [
    "the end by both is said to be the client's",
    bothEnd,
    (l) => changed(l, isKind('closed'), detail({ endedBy: 'client' })),
    'closed_contradicts',
  ],
  [
    'a charge after a waiver',
    waived,
    (l) => inserted(l, isKind('paused', 'model_waived'), charged(3)),
    'charged_after_waiver',
  ],
  [
    'found again with more than was used',
    restarted,
    (l) => changed(l, (e) => e.kind === 'recovered', later(5_500)),
    'recovered_elsewhere',
  ],
  [
    'found again with what looks like a posted unit, and with more than the time down',
    restarted,
    (l) => changed(l, isKind('recovered'), () => ({ billableMs: 60_001 })),
    'recovered_elsewhere',
  ],
  [
    'a unit that was posted ahead is neither charged nor given back',
    ahead,
    (l) => without(l, isKind('released')),
    'posted_and_forgotten',
  ],
  ['a unit is used, cut back and not charged', cutBack, (l) => without(l, isUnit(2)), 'used_and_not_charged'],
  [
    'a pause begins after it was noticed',
    long,
    (l) => changed(l, isKind('paused'), (e) => detail({ sinceMonoMs: (e.monoMs ?? 0) + 5_000 })(e)),
    'paused_in_future',
  ],
  [
    'a waiver ends',
    waived,
    (l) => inserted(l, isKind('paused', 'model_waived'), { kind: 'resumed', detail: { reason: 'model_waived' } }),
    'resumed_without_pause',
  ],
  [
    "a fault on the model's side is hushed up",
    modelFails,
    (l) => changed(l, isKind('closed'), detail({ minimum: 'due' })),
    'minimum_why_wrong',
  ],
  [
    "a fault on the model's side is made up",
    leaves,
    (l) => changed(l, isKind('closed'), detail({ minimum: 'model_fault', minimumDueMinor: 0 })),
    'minimum_why_wrong',
  ],
  [
    'the call is ended by nobody that there is',
    modelEnds,
    (l) => changed(l, isKind('closed'), detail({ endedBy: 'studio' })),
    'closed_contradicts',
  ],
  [
    'out of funds without a grace that ran out',
    leaves,
    (l) => changed(l, isKind('closed'), detail({ outOfFunds: true })),
    'closed_contradicts',
  ],
  [
    'out of funds by the model',
    ranOut,
    (l) => changed(l, isKind('closed'), detail({ endedBy: 'model' })),
    'closed_contradicts',
  ],
  [
    'both end it, five seconds apart',
    bothEnd,
    (l) => changed(l, isKind('ended_by_both'), ({ monoMs }) => ({ monoMs: (monoMs ?? 0) + 5_000 })),
    'closed_contradicts',
  ],
  ['a unit is given back twice', ahead, (l) => inserted(l, isKind('released'), {}), 'released_twice'],
  ['the restart of the appliance is hidden', restarted, (l) => without(l, isKind('recovered')), 'started_twice'],
];

t.test('rule 5: a call that never began owes nothing', async (t) => {
  const closed = leaves.log.find(isKind('closed')) as MeterLogEntry;
  const nothing = { unitsCharged: 0, endedBy: 'client', outOfFunds: false, minimumDueMinor: 0, minimum: 'none' };
  t.same(recompute([{ ...closed, seq: 1, billableMs: 0, detail: nothing }], WITH_MINIMUM).faults, []);
});

t.test('a probe may end after the call', async (t) => {
  const { detail: evidence } = slow.log.find(isKind('probed')) as MeterLogEntry;
  t.same(faultsOf(inserted(slow.log, isKind('closed'), { kind: 'probed', detail: evidence }), slow), []);
});

t.test('the budget of what is unpaid: more than 5 s beyond it is told, and no less', async (t) => {
  const media = (overMs: number, beyondMs: number) => {
    const log = changed(
      long.log,
      isKind('media'),
      detail({ forwardedMs: 50_000 + overMs, lawfulMs: 50_000, beyondMs }),
    );
    return recompute(log, long.terms).faults.map(({ code }) => code);
  };
  t.same(media(5_000, 0), []);
  t.same(media(5_001, 5_001), []);
  t.same(media(5_001, 0), ['media_contradicts']);
  t.same(media(5_000, 5_000), ['media_contradicts']);
});

t.test('every forged log is found', async (t) => {
  for (const [what, call, forge, code] of FORGERIES) {
    const codes = faultsOf(forge([...call.log]), call).map((fault) => fault.code);
    t.ok(codes.includes(code), `${what}: ${codes.join(', ') || 'nothing'} found, ${code} wanted`);
  }
  t.ok(FORGERIES.length >= 30);
});

t.test('a ledger that differs is found, to the unit', async (t) => {
  const change = (of: MeteredCall, changeAll: (transfers: LedgerTransfer[]) => LedgerTransfer[]) => {
    const receipt = recompute(of.log, of.terms);
    return compareWithLedger(receipt, changeAll([...of.transfers]), of.releases).map(({ code }) => code);
  };
  const first = long.transfers[0] as LedgerTransfer;
  t.ok(change(long, (all) => all.map((each) => ({ ...each, shareMinor: 0 }))).includes('share_differs'));
  t.same(
    change(long, (all) => all.slice(1)),
    ['not_in_ledger'],
  );
  t.same(
    change(long, (all) => [...all, { ...first, unit: 99 }]),
    ['not_in_log'],
  );
  t.same(
    change(long, (all) => [first, ...all]),
    ['doubled_in_ledger'],
  );
  t.same(
    change(long, ([one, ...all]) => [{ ...(one as LedgerTransfer), amountMinor: 199 }, ...all]),
    ['booked_amount_differs'],
  );
  const { log, terms, transfers } = poor;
  const extra = { unit: 9, amountMinor: 200, transferId: 1, releaseId: 2 };
  t.ok(compareWithLedger(recompute(log, terms), transfers, [extra]).some(({ code }) => code === 'release_not_in_log'));
});

t.test('rule 4: what the ledger has given back is compared, to the unit', async (t) => {
  const receipt = recompute(ahead.log, ahead.terms);
  const codes = (change: object) =>
    compareWithLedger(
      receipt,
      ahead.transfers,
      ahead.releases.map((release) => ({ ...release, ...change })),
    ).map(({ code }) => code);
  t.same(codes({}), []);
  t.same(codes({ amountMinor: 199 }), ['release_differs']);
  t.same(codes({ transferId: 1 }), ['release_differs']);
  t.same(codes({ releaseId: 1 }), ['release_differs']);
  t.same(
    compareWithLedger(receipt, ahead.transfers, []).map(({ code }) => code),
    ['release_not_in_ledger'],
  );
});

t.test('rule 7: only calls of older versions were split charge by charge', async (t) => {
  const transfers = slow.transfers.map((each) => ({ ...each, shareMinor: Math.floor(each.amountMinor * 0.6) }));
  const receipt = recompute(slow.log, slow.terms);
  const codes = (isOldFormat: boolean) =>
    compareWithLedger({ ...receipt, isOldFormat }, transfers, slow.releases, slow.terms).map(({ code }) => code);
  t.ok(codes(false).includes('share_differs'));
  t.same(codes(true), []);
});

t.test('the settlement says whether log, ledger and core agree', async (t) => {
  t.equal(long.agrees, true);
  const other = await played(MINUTES, 100_000, async (call) => {
    call.start();
    await call.pass(70_000);
    call.end('model');
    await call.settle(70_000, { chargedMinor: 200 });
  });
  t.equal(other.agrees, false, 'the core counted one minute, its log and the ledger two');
});

t.test('a log of an older version has no false fault', async (t) => {
  for (const call of [long, poor, modelEnds, slow]) {
    const old = call.log
      .filter(({ kind }) => !['media', 'released', 'ended_by_both'].includes(kind))
      .map((line) => {
        const { sinceMonoMs: _, minimum: __, minimumCappedBy: ___, ...rest } = line.detail;
        // Their times are those of a wall clock, and less exact.
        const at = new Date(Math.floor(line.at.getTime() / 1_000) * 1_000);
        return { ...line, at, monoMs: null, detail: rest };
      });
    t.same(recompute(renumbered(old as MeterLogEntry[]), call.terms).faults, []);
  }
});

t.test('after a restart of the machine its clock begins anew', async (t) => {
  const index = restarted.log.findIndex(isKind('recovered'));
  const agoMs = (restarted.log[index]?.monoMs ?? 0) - 5_000;
  const log = restarted.log.map((line, at): MeterLogEntry => {
    if (at < index) return line;
    const { sinceMonoMs } = line.detail;
    return {
      ...line,
      monoMs: (line.monoMs ?? 0) - agoMs,
      detail: {
        ...line.detail,
        ...(at === index && { downMs: null }),
        ...(typeof sinceMonoMs === 'number' && { sinceMonoMs: sinceMonoMs - agoMs }),
      },
    };
  });
  t.same(faultsOf(log, restarted), []);
});

t.test('it imports nothing of the core and nothing of the meter', async (t) => {
  const folder = path.resolve(import.meta.dirname, '../../server/receipt');
  for (const file of fs.readdirSync(folder)) {
    const targets = [...fs.readFileSync(path.join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, to]) => to,
    );
    for (const target of targets)
      t.match(target, /^(\.\/|\.\.\/contract\/|typebox|node:fs$)/, `${file} imports ${target}`);
  }
});

t.test('it says what the law says, written once more in Python', async (t) => {
  const { events, differences } = await simulateReceipt({ seed: 1, seeds: 60 });
  t.same(differences, []);
  t.ok(events > 3_000, `${events} events`);
});
