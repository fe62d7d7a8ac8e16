// After a crash: what the appliance finds of a call, by what had been durable.
import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { RING_MS, toMinor } from '../../server/contract/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { CLOCK_FAKES, evidenceOf } from '../receipt/metered-call.ts';
import { CallFixture, CLIENT, type FixtureTerms, MODEL } from '../support/call-fixture.ts';
import { callRow } from '../support/call-row.ts';

const RATE = 120;

let clock: FakeTimers.Clock;
t.beforeEach(() => {
  clock = FakeTimers.install(CLOCK_FAKES);
});
t.afterEach(() => clock.uninstall());

function fixture(t: Test, terms: FixtureTerms = {}): CallFixture {
  const one = new CallFixture(clock, terms);
  t.teardown(() => one.stop());
  return one;
}

async function live(t: Test, terms: FixtureTerms = {}): Promise<CallFixture> {
  const one = fixture(t, terms);
  await one.goLive();
  return one;
}

async function bothBack(one: CallFixture): Promise<void> {
  await one.back('client');
  await one.back('model');
}

t.test('a ring goes on with the time that it had left, and a caller who does not come back has given up', async (t) => {
  const one = fixture(t);
  await one.ring();
  await one.pass(20_000);
  await one.crash(10_000);
  await one.back('client');
  await one.pass(RING_MS - 30_000 - 3_000);
  t.equal(one.record.state, 'ringing');
  await one.pass(3_500);
  t.match(one.record, { outcome: 'missed' });
  await one.ring();
  await one.crash(1_000);
  await one.pass(5_100);
  t.match(one.record, { outcome: 'withdrawn' });
});

t.test('nobody waits for a ring of another start of the machine', async (t) => {
  const one = fixture(t);
  await one.ring();
  one.rows.calls.set(one.callId, { ...one.record, bootId: 'another' });
  await one.crash(1_000);
  await one.pass(100);
  t.match(one.record, { outcome: 'missed' });
});

t.test(
  'a live call goes on with the billable time of its last durable record, and nobody pays for the time down',
  async (t) => {
    const one = await live(t);
    await one.pass(30_000);
    await one.crash(20_000);
    t.match(one.figures, { state: 'not_charging', billableMs: 1, unitsPosted: 1 });
    t.ok(one.figures?.reasons.includes('appliance_reconnecting'));
    t.ok(one.figures?.reasons.includes('no_media') && one.figures.reasons.includes('client_no_media'));
    await bothBack(one);
    t.match(one.figures, { state: 'charging', reasons: [] });
    await one.pass(10_000);
    t.same(one.amounts('charge'), [RATE]);
    await one.act('model', { type: 'hang_up' });
    await one.pass(1_000);
    t.match(one.record, { agrees: true, outcome: 'model_ended' });
    t.ok(one.kinds().includes('recovered'));
  },
);

t.test('who does not come back within a minute ends it by nobody’s doing, and nothing more is charged', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(30_000);
  await one.crash(20_000);
  await one.pass(59_000);
  t.equal(one.record.state, 'live');
  await one.pass(2_000);
  t.match(one.record, { outcome: 'network_lost', endedBy: null, agrees: true });
  t.same(one.amounts('minimum'), []);
});

t.test('rule 5 holds for a call that was found again: the client ends it', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(30_000);
  await one.crash(5_000);
  await bothBack(one);
  await one.pass(5_000);
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.same(one.amounts('minimum'), [RATE * 2]);
  t.match(one.record, { agrees: true });
});

t.test('a posted unit shows how far the meter had run: it is paid, and falls due in its time', async (t) => {
  const one = await live(t);
  await one.pass(59_700);
  t.same(one.amounts('charge'), [RATE, RATE]);
  await one.crash(5_000);
  t.match(one.figures, { billableMs: 59_001, unitsPosted: 2, unitsCharged: 1 });
  await bothBack(one);
  await one.pass(2_000);
  t.match(one.figures, { unitsCharged: 2 });
  await one.act('model', { type: 'hang_up' });
  await one.pass(1_000);
  t.match(one.record, { agrees: true, chargedMinor: RATE * 2 });
});

t.test('a unit that was posted ahead and never falls due goes back when nobody comes back', async (t) => {
  const one = await live(t);
  await one.pass(59_700);
  await one.crash(5_000);
  await one.pass(61_000);
  t.same(one.amounts('charge'), [RATE]);
  t.match(one.record, { outcome: 'network_lost', agrees: true });
});

t.test('a waived call stays free, and tips in it are known', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(5_000);
  await one.act('model', { type: 'waive' });
  await one.during(one.calls.tip(one.pageOf('client'), one.callId, toMinor(7), 'a-tip'));
  await one.crash(5_000);
  await bothBack(one);
  await one.pass(70_000);
  t.match(one.figures, { state: 'not_charging', reasons: ['model_waived'] });
  t.same(one.amounts('charge'), [RATE]);
  t.equal(one.view('client').tipsMinor, 7);
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.same(one.amounts('minimum'), []);
  t.match(one.record, { agrees: true });
});

t.test('a slow link stays slow', async (t) => {
  const one = await live(t);
  await one.pass(5_000);
  for (let count = 0; count < 2; count++) {
    one.meter.probe(one.callId, evidenceOf({ kbps: 4_000, verdict: 'fail' }), one.nowMs);
    await one.pass(1_000);
  }
  t.match(one.figures, { reasons: ['slow_link'] });
  await one.crash(5_000);
  await bothBack(one);
  t.match(one.figures, { reasons: ['slow_link'] });
  for (let count = 0; count < 2; count++) {
    one.meter.probe(one.callId, evidenceOf({}), one.nowMs);
    await one.pass(1_000);
  }
  t.match(one.figures, { state: 'charging' });
  await one.crash(5_000);
  await bothBack(one);
  t.match(one.figures, { state: 'charging' }, 'and one that is fast again is fast');
});

t.test(
  'time that a slow link has taken back stays so over a restart, though the wall clock was set back',
  async (t) => {
    const one = await live(t, { tariff: 'per_second' });
    const beganMs = one.nowMs + 1_000;
    await one.pass(20_400);
    for (let count = 0; count < 2; count++)
      one.meter.probe(one.callId, evidenceOf({ kbps: 4_000, verdict: 'fail' }), beganMs + count * 10_000);
    await one.pass(1_000);
    const billableMs = one.figures?.billableMs ?? 0;
    t.match(one.figures, { reasons: ['slow_link'], unitsCharged: 21 });
    t.ok(billableMs < 1_200, 'all but the first second is taken back');
    clock.setSystemTime(Date.now() - 600_000);
    await one.pass(1_000);
    one.meter.probe(one.callId, evidenceOf({ kbps: 4_000, verdict: 'fail' }), one.nowMs);
    await one.pass(100);
    await one.crash(5_000);
    await bothBack(one);
    t.match(one.figures, { billableMs, unitsCharged: 21 });
  },
);

t.test('a grace runs only while the appliance does', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(61_000);
  t.equal(one.record.state, 'suspended');
  await one.pass(100_000);
  // What became of a line that is written in the grace says how long the appliance went on.
  one.give(1);
  await one.act('client', { type: 'restart' }).catch(() => {});
  await one.crash(250_000);
  t.match(one.figures, { state: 'suspended' });
  const leftMs = one.figures?.graceLeftMs ?? 0;
  t.ok(leftMs > 195_000 && leftMs < 202_000, `${leftMs} ms are left`);
  await one.crash(250_000);
  t.ok(Math.abs((one.figures?.graceLeftMs ?? 0) - leftMs) < 2_000, 'and after another restart');
});

t.test('at least a minute of a grace is left', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(61_000);
  await one.pass(290_000);
  await one.act('client', { type: 'restart' }).catch(() => {});
  await one.crash(100_000);
  const leftMs = one.figures?.graceLeftMs ?? 0;
  t.ok(leftMs > 58_000 && leftMs <= 60_000, `${leftMs} ms are left`);
  await one.pass(55_000);
  t.equal(one.record.state, 'suspended');
});

t.test('a restart whose charge was posted, and whose answer nobody heard, has restarted the call', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(61_000);
  one.give(RATE * 3);
  const { callId } = one;
  const charge = { callId, unit: 2, amountMinor: toMinor(RATE), chargedBeforeMinor: toMinor(RATE) };
  await one.rows.postCharges([{ ...charge, clientId: CLIENT, modelId: MODEL, sharePercent: 60 }]);
  await one.crash(5_000);
  await bothBack(one);
  t.match(one.figures, { state: 'charging', unitsPosted: 2 });
  t.ok((one.figures?.billableMs ?? 0) < 64_000, 'where it stood');
});

t.test('a call that had ended closes, by who had ended it, with what the client had then', async (t) => {
  const one = await live(t, { minimumMin: 3, creditMinor: RATE * 3 });
  await one.pass(5_000);
  await one.during(one.calls.tip(one.pageOf('client'), one.callId, toMinor(0), 'nothing-yet')).catch(() => {});
  await one.act('client', { type: 'hang_up' });
  one.rows.calls.set(one.callId, { ...one.record, endBalanceMinor: 50 });
  t.notOk(one.kinds().includes('closed'), 'the model has a second to have ended it as well');
  await one.crash(5_000);
  await one.pass(2_000);
  t.same(one.amounts('minimum'), [50], 'credit that came since is never touched');
  t.match(one.record, { outcome: 'client_ended', agrees: true });
});

t.test('a call that was live owes its minimum, though its first unit was never posted', async (t) => {
  const one = fixture(t, { minimumMin: 3 });
  one.isLedgerAway = true;
  await one.goLive();
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.match(one.record, { outcome: 'client_ended' });
  t.notOk(one.kinds().includes('closed'), 'the charge that is out is waited for');
  one.isLedgerAway = false;
  await one.crash(1_000);
  await one.pass(1_000);
  t.same(one.amounts('minimum'), [RATE * 3]);
  t.match(one.record, { agrees: true });
});

t.test('a call that had ended, and for which the meter has no room yet, is tried again', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.act('client', { type: 'hang_up' });
  await one.crash(5_000, () => one.fillMeter());
  await one.pass(12_000);
  t.same(one.amounts('minimum'), []);
  one.meter.end(99, 'appliance');
  t.equal((await one.during(one.calls.sweep())).length, 1);
  await one.pass(2_000);
  t.same(one.amounts('minimum'), [RATE * 2]);
  t.match(one.record, { agrees: true });
});

t.test(
  'a row that nobody knows yet is found by the next sweep, when nobody has carried it for ten seconds',
  async (t) => {
    const one = await live(t);
    const { transfersOfCall } = one.rows.ledger;
    one.rows.ledger.transfersOfCall = async () => {
      throw new Error('a fault');
    };
    await one.crash(5_000);
    const written = callRow(one.callId + 1, one.record);
    setTimeout(() => void one.rows.calls.set(written.callId, written), 5_000);
    const found = await one.during(one.calls.sweep());
    t.equal(found.length, 1, 'one that was there before and after the wait');
    t.match(found[0], new RegExp(`call ${one.callId} `));
    one.rows.calls.delete(written.callId);
    one.rows.ledger.transfersOfCall = transfersOfCall;
  },
);

t.test('a call that is being settled is not found by the sweep', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.act('client', { type: 'hang_up' });
  const { postMinimum } = one.rows.ledger;
  one.rows.ledger.postMinimum = async () => {
    throw new StoreUnavailable('away');
  };
  await one.crash(5_000);
  await one.pass(12_000);
  t.same(await one.during(one.calls.sweep()), []);
  one.rows.ledger.postMinimum = postMinimum;
  await one.pass(2_000);
  t.match(one.record, { agrees: true });
  t.same(one.amounts('minimum'), [RATE * 2]);
});

t.test('both are back in time, though the call hears of it late', async (t) => {
  const one = await live(t);
  await one.crash(5_000);
  await one.back('client');
  const { tip } = one.rows.ledger;
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  one.rows.ledger.tip = async (given) => {
    await held;
    return tip(given);
  };
  await one.act('model', { type: 'attached' });
  const tipped = one.calls.tip(one.pageOf('client'), one.callId, toMinor(1), 'a-long-one');
  await one.legsUp();
  await one.pass(60_000);
  letThrough();
  await one.pass(100);
  await tipped;
  t.equal(one.record.state, 'live');
});

t.test('a call that had closed is settled, and what is due of the minimum is taken', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(5_000);
  await one.act('client', { type: 'hang_up' });
  one.isLedgerAway = true;
  await one.pass(1_500);
  t.ok(one.kinds().includes('closed'));
  t.same(one.amounts('minimum'), []);
  one.stop();
  one.isLedgerAway = false;
  await one.crash(1_000);
  t.same(one.amounts('minimum'), [RATE * 2]);
  t.match(one.record, { outcome: 'client_ended', agrees: true });
  t.same(one.kinds().filter((kind) => kind === 'closed').length, 1);
});

t.test('a grace that ran out while the database was away has ended the call', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(62_000);
  t.equal(one.record.state, 'suspended');
  one.saving = new Promise(() => {});
  await one.pass(300_000);
  t.equal(one.record.state, 'suspended');
  one.saving = Promise.resolve();
  await one.crash(1_000);
  t.match(one.record, { state: 'ended', outcome: 'out_of_funds', endedBy: null, agrees: true });
});

t.test('a call that cannot be carried on is tried again by the sweep', async (t) => {
  const one = await live(t);
  await one.pass(5_000);
  const { transfersOfCall } = one.rows.ledger;
  one.rows.ledger.transfersOfCall = async () => {
    throw new Error('a fault');
  };
  await one.crash(5_000);
  t.equal(one.figures, null);
  t.same(one.errors, ['a call could not be carried on; trying again']);
  one.rows.ledger.transfersOfCall = transfersOfCall;
  await one.pass(10_000);
  t.equal((await one.during(one.calls.sweep())).length, 1);
  t.match(one.figures, { state: 'not_charging' });
  await one.pass(30_000);
  t.same(await one.during(one.calls.sweep()), [], 'a call that is carried is not found');
});
