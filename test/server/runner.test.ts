// The runner of calls with the real meter: what the charging rules say of a call's life, one call at a time.
import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { ActiveCall } from '../../server/calls/active-call.ts';
import { newCall } from '../../server/calls/machine.ts';
import { SwitchesOff } from '../../server/calls/switches-off.ts';
import { CONFIRM_MS, RING_MS, type Side, toMinor, UserError } from '../../server/contract/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';
import { CLOCK_FAKES } from '../receipt/metered-call.ts';
import { CALLER, CallFixture, CLIENT, type FixtureTerms, MODEL } from '../support/call-fixture.ts';
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
  t.match(one.record, { state: 'live' });
  return one;
}

t.test('a ring copies the terms of then, rings her everywhere, and only a client may', async (t) => {
  const one = fixture(t, { minimumMin: 3 });
  await t.rejects(one.calls.ring(one.pageOf('model'), MODEL), { code: 'not_allowed' });
  one.isBlocked = true;
  await t.rejects(one.ring(), { code: 'model_unavailable' }, 'a blocked client hears that she is not there');
  one.isBlocked = false;
  await one.ring();
  t.match(one.record, { rateMinor: RATE, minimumMin: 3, tariff: 'per_minute', sharePercent: 60, state: 'ringing' });
  t.match(one.rung, [{ callId: one.callId }]);
  t.match(one.view('model'), { peer: { personId: CLIENT }, caller: CALLER, isFunded: true, fundedMin: 100 });
  t.match(one.view('client'), { peer: { personId: MODEL }, caller: null });
  t.ok(one.calls.isInCall(MODEL) && one.calls.isInCall(CLIENT));
});

t.test(
  'rule 6: ringing shows whether the balance covers max(minimum, 1 minute), and who lacks it cannot connect',
  async (t) => {
    for (const [minimumMin, creditMinor, isFunded] of [
      [3, RATE * 3, true],
      [3, RATE * 3 - 1, false],
      [0, RATE, true],
      [0, RATE - 1, false],
    ] as const) {
      const one = fixture(t, { minimumMin, creditMinor });
      await one.confirm();
      t.equal(one.view('model').isFunded, isFunded);
      await one.act('model', { type: 'connect' });
      const connected = one.act('client', { type: 'connect' });
      if (isFunded) await connected;
      else await t.rejects(connected, { code: 'insufficient_credit' });
      t.equal(one.record.state, isFunded ? 'live' : 'confirming');
      one.stop();
    }
  },
);

t.test('missed after 45 s, canceled after 90 s, and told in the thread', async (t) => {
  const one = fixture(t);
  await one.ring();
  await one.pass(RING_MS - 100);
  t.equal(one.record.state, 'ringing');
  await one.pass(200);
  t.match(one.record, { state: 'ended', outcome: 'missed' });
  t.same(one.told, [one.callId]);
  t.notOk(one.calls.isInCall(MODEL));
  await one.confirm();
  await one.pass(CONFIRM_MS - 5_000);
  t.equal(one.record.state, 'confirming', 'the ring is over when it is answered');
  t.ok((one.view('model').msLeft ?? 0) > RING_MS, 'and both see the time of the confirmation');
  await one.pass(5_000);
  t.match(one.record, { outcome: 'canceled', liveAt: null });
  t.equal(one.media.legs.size, 0);
});

t.test('who has accepted, and whose page went while that was waiting, is not there', async (t) => {
  const one = fixture(t);
  await one.ring();
  const accepting = one.calls.act(one.pageOf('model'), one.callId, { type: 'accept' });
  one.close(one.pageOf('model'));
  await one.during(accepting);
  await one.pass(0);
  t.equal(one.record.state, 'confirming');
  t.equal(one.view('client').them.isPresent, false);
  await one.back('model');
  t.equal(one.view('client').them.isPresent, true);
});

t.test('a caller whose page is gone for 5 s has given up; who is back has not', async (t) => {
  const one = fixture(t);
  await one.ring();
  await one.lose('client');
  await one.pass(4_000);
  await one.back('client');
  await one.pass(20_000);
  t.equal(one.record.state, 'ringing');
  await one.lose('client');
  await one.pass(4_900);
  t.equal(one.record.state, 'ringing');
  await one.pass(200);
  t.match(one.record, { outcome: 'withdrawn', endedBy: 'client' });
  const gone = fixture(t);
  gone.close(gone.pageOf('client'));
  await gone.ring();
  await gone.pass(6_000);
  t.match(gone.record, { outcome: 'withdrawn' }, 'also who went while the row was written');
});

t.test('what the model says when she refuses is kept', async (t) => {
  const one = fixture(t);
  await one.ring();
  await one.act('model', { type: 'reject', reason: '  later ' });
  t.match(one.record, { outcome: 'rejected', rejectReason: 'later' });
});

t.test('a call that is not yet durably live has no meter and charges nothing', async (t) => {
  const one = fixture(t);
  await one.confirm();
  await one.act('model', { type: 'connect' });
  let written = () => {};
  one.saving = new Promise((resolve) => {
    written = resolve;
  });
  const connected = one.act('client', { type: 'connect' });
  await one.pass(5_000);
  t.equal(one.figures, null);
  t.same(one.amounts('charge'), []);
  written();
  await connected;
  await one.pass(100);
  t.same(one.amounts('charge'), [RATE]);
});

t.test('without a meter there is no call', async (t) => {
  const one = fixture(t);
  await one.confirm();
  one.fillMeter();
  await one.act('model', { type: 'connect' });
  await one.act('client', { type: 'connect' });
  t.match(one.record, { state: 'ended', outcome: 'failed' });
  t.equal(one.media.legs.size, 0);
  t.same(one.errors, ['the meter of a call could not be started']);
});

t.test('a database that is away: the step is written when it is back', async (t) => {
  const one = await live(t);
  one.rows.isAway = true;
  const ended = one.act('model', { type: 'hang_up' });
  await one.pass(3_000);
  t.equal(one.record.state, 'live');
  one.rows.isAway = false;
  await ended;
  await one.pass(1_000);
  t.match(one.record, { state: 'ended', outcome: 'model_ended', agrees: true });
});

t.test('the page that took part before is told when another takes part', async (t) => {
  const one = await live(t);
  const before = one.pageOf('client').connectionId;
  one.sent.length = 0;
  await one.back('client');
  t.match(
    one.sent.filter(({ message }) => message.type === 'call.detached'),
    [{ connectionId: before, message: { callId: one.callId } }],
  );
  await one.lose('client');
  one.sent.length = 0;
  await one.back('client');
  t.notOk(
    one.sent.some(({ message }) => message.type === 'call.detached'),
    'one that is closed takes no part any more',
  );
});

t.test(
  'no media: the meter stands from the last packet, and nothing passes to a client who sends nothing',
  async (t) => {
    const one = await live(t);
    await one.pass(10_000);
    one.lines.set(MODEL, { sending: 'none' });
    await one.pass(5_000);
    t.match(one.figures, { state: 'not_charging', reasons: ['no_media'] });
    t.ok((one.figures?.billableMs ?? 0) < 10_400, 'cut back to her last packet');
    t.ok((one.media.leases.get(one.callId) ?? 0) > one.nowMs, 'and his picture still flows');
    one.lines.set(MODEL, { sending: 'all' });
    await one.pass(2_000);
    t.equal(one.figures?.state, 'charging');
    one.lines.set(CLIENT, { sending: 'none' });
    await one.pass(2_300);
    t.match(one.figures, { reasons: ['client_no_media'] });
    t.ok(one.media.shut.get(one.callId)?.has('model'), 'what the model sends is held back');
    one.lines.set(CLIENT, { sending: 'all' });
    await one.pass(2_000);
    t.equal(one.figures?.state, 'charging');
    t.notOk(one.media.shut.get(one.callId)?.has('model'));
  },
);

t.test('no media in the confirmation: who sends nothing any more sees nothing', async (t) => {
  const one = fixture(t);
  await one.confirm();
  t.notOk(one.media.shut.get(one.callId)?.has('model'));
  one.lines.set(CLIENT, { sending: 'none' });
  await one.pass(2_500);
  t.ok(one.media.shut.get(one.callId)?.has('model'));
});

t.test('reconnecting: who is back and sends nothing is silent, and the meter stands', async (t) => {
  const one = await live(t);
  await one.pass(10_000);
  await one.lose('client');
  const before = one.figures?.billableMs;
  one.lines.set(CLIENT, { sending: 'none' });
  await one.back('client');
  t.match(one.figures, { reasons: ['client_no_media'], billableMs: before });
});

t.test('a leg is its page’s own, and one that was replaced says nothing any more', async (t) => {
  const one = await live(t);
  const legId = [...one.media.legs].find(([, { side }]) => side === 'client')?.[0] ?? 0;
  const stalled = { type: 'media.stalled', id: 1, legId } as const;
  t.throws(() => one.calls.media(one.pageOf('model'), stalled), { code: 'not_allowed' });
  one.calls.media(one.pageOf('client'), stalled);
  await one.pass(0);
  t.ok(one.figures?.reasons.includes('client_reconnecting'), 'a page that decodes nothing gets new legs');
  await one.legsUp();
  t.equal(one.figures?.state, 'charging');
  one.hearLeg({ type: 'down', why: 'gone', legId, callId: one.callId, side: 'client' });
  await one.pass(0);
  t.equal(one.figures?.state, 'charging');
});

t.test('no charge without media from both: a client who has never sent is not charged', async (t) => {
  const one = fixture(t);
  one.lines.set(CLIENT, { sending: 'none' });
  await one.goLive();
  await one.pass(30_000);
  t.match(one.figures, { state: 'not_charging', reasons: ['client_no_media'], billableMs: 0 });
});

t.test('reconnecting: the meter stands while a side is lost, and runs on when it is back', async (t) => {
  for (const [side, reason] of [
    ['client', 'client_reconnecting'],
    ['model', 'reconnecting'],
  ] as const) {
    const one = await live(t);
    await one.pass(10_000);
    await one.lose(side);
    t.match(one.figures, { state: 'not_charging' });
    t.ok(one.figures?.reasons.includes(reason));
    t.equal(one.media.leases.get(one.callId), 0, 'nothing passes to a side that is lost');
    await one.pass(30_000);
    await one.back(side);
    t.match(one.figures, { state: 'charging', reasons: [] });
    t.ok((one.figures?.billableMs ?? 0) < 14_000);
    one.stop();
  }
});

t.test('reconnecting: the call ends after 60 s', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(10_000);
  await one.lose('client');
  await one.pass(59_000);
  t.equal(one.record.state, 'live');
  await one.pass(1_500);
  t.match(one.record, { outcome: 'network_lost', endedBy: 'client' });
  t.same(one.amounts('minimum'), [RATE * 2], 'rule 5: it was the client who did not come back');
});

t.test('reconnecting: 90 s in all within five minutes, and the call ends', async (t) => {
  const one = await live(t);
  for (const lostMs of [50_000, 30_000]) {
    await one.lose('model');
    await one.pass(lostMs);
    await one.back('model');
    t.equal(one.record.state, 'live');
    await one.pass(5_000);
  }
  await one.lose('client');
  await one.pass(30_000);
  await one.back('client');
  t.equal(one.record.state, 'live', 'the other side has its own 90 s');
  await one.lose('model');
  await one.pass(12_000);
  t.match(one.record, { outcome: 'network_lost', endedBy: 'model' });
  const later = await live(t);
  await later.lose('model');
  await later.pass(50_000);
  await later.back('model');
  await later.pass(310_000);
  await later.lose('model');
  await later.pass(55_000);
  t.equal(later.record.state, 'live', 'five minutes later all of it is there again');
});

t.test('a media process that dies is the appliance’s fault, from when it was last heard of', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(20_000);
  const lastHeardMs = one.nowMs - 1_600;
  const before = one.figures?.billableMs ?? 0;
  for (const legId of [...one.media.legs.keys()]) one.media.down(legId, lastHeardMs);
  await one.pass(0);
  t.ok(one.figures?.reasons.includes('appliance_reconnecting'));
  t.equal(one.figures?.billableMs, before - 1_600);
  await one.pass(15_000);
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.same(one.amounts('minimum'), [], 'rule 5: not while the appliance has failed for ten seconds');
});

t.test('rule 5: the client hangs up, and the rest of the minimum is taken once, a second later', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(30_000);
  one.told.length = 0;
  await one.act('client', { type: 'hang_up' });
  t.same(one.amounts('minimum'), []);
  await one.pass(1_500);
  t.same(one.amounts('minimum'), [RATE * 2]);
  t.match(one.record, { outcome: 'client_ended', agrees: true, chargedMinor: RATE * 3 });
  t.match(one.view('client'), { state: 'ended', meter: { chargedMinor: RATE * 3 } }, 'both see what it came to');
  t.match(one.view('model'), { state: 'ended', meter: { chargedMinor: RATE * 3, balanceMinor: null } });
  t.equal(one.told.at(-1), one.callId, 'and the thread');
  t.same(one.kinds().slice(-3), ['closed', 'minimum', 'media']);
});

t.test('rule 5: both end it within a second: the model ended it', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(30_000);
  await one.act('client', { type: 'hang_up' });
  await one.pass(500);
  await one.act('model', { type: 'hang_up' });
  await one.pass(2_000);
  t.match(one.record, { outcome: 'model_ended', endedBy: 'model', agrees: true });
  t.same(one.amounts('minimum'), []);
  await t.rejects(one.act('model', { type: 'hang_up' }), { code: 'call_not_found' });
});

t.test('rule 5: both end it within a second while the database is away: the model ended it', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(30_000);
  one.rows.isAway = true;
  const presses = [one.during(one.act('client', { type: 'hang_up' }))];
  await one.pass(500);
  presses.push(one.during(one.act('model', { type: 'hang_up' })));
  await one.pass(5_000);
  one.rows.isAway = false;
  await one.pass(5_000);
  await Promise.all(presses);
  t.match(one.record, { outcome: 'model_ended', endedBy: 'model', agrees: true });
  t.same(one.amounts('minimum'), []);
});

t.test(
  'rule 5: who ends it more than a second later has not ended it, though the row is not written yet',
  async (t) => {
    const one = await live(t, { minimumMin: 3 });
    await one.pass(30_000);
    one.rows.isAway = true;
    const press = one.during(one.act('client', { type: 'hang_up' }));
    await one.pass(1_500);
    const late = one.during(one.act('model', { type: 'hang_up' })).catch((error: { code?: string }) => error.code);
    await one.pass(1_000);
    one.rows.isAway = false;
    await one.pass(5_000);
    await press;
    t.equal(await late, 'call_not_found');
    t.match(one.record, { outcome: 'client_ended', endedBy: 'client', agrees: true });
    t.same(one.amounts('minimum'), [RATE * 2]);
  },
);

/** Both press to end the call, the model later, while a tip before them waits for the ledger. */
async function pressWhileWaiting(t: Test, modelLaterMs: number) {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(30_000);
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  one.rows.ledger.tip = async () => {
    await gate;
    throw new UserError('balance_too_low');
  };
  const press = (side: Side) =>
    one.calls.act(one.pageOf(side), one.callId, { type: 'hang_up' }).then(
      () => 'ok',
      (error: UserError) => error.code,
    );
  const tip = one.calls.tip(one.pageOf('client'), one.callId, toMinor(5), 'a-slow-tip').catch(() => {});
  const presses = [press('client')];
  await one.pass(modelLaterMs);
  presses.push(press('model'));
  await one.pass(2_000);
  goOn();
  const [, ...answers] = await one.during(Promise.all([tip, ...presses]));
  await one.pass(3_000);
  return { one, answers };
}

t.test('rule 5: two who pressed within a second, and waited for what came before: the model ended it', async (t) => {
  const { one, answers } = await pressWhileWaiting(t, 1_000);
  t.same(answers, ['ok', 'ok']);
  t.match(one.record, { outcome: 'model_ended', endedBy: 'model', agrees: true });
  t.same(one.amounts('minimum'), []);
});

t.test('rule 5: whoever pressed more than a second later, and waited as well, has not ended it', async (t) => {
  const { one, answers } = await pressWhileWaiting(t, 1_001);
  t.same(answers, ['ok', 'wrong_state']);
  t.match(one.record, { outcome: 'client_ended', endedBy: 'client', agrees: true });
  t.same(one.amounts('minimum'), [RATE * 2]);
});

t.test('rule 5: who is merely gone is not said to have ended it together with the model', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.lose('client');
  await one.pass(60_100);
  t.same(one.amounts('minimum'), [RATE * 2]);
});

t.test('rule 8: a waiver stops the meter for good, and is durable', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.pass(59_500);
  t.same(one.amounts('charge'), [RATE, RATE], 'the second unit is posted ahead');
  await one.act('model', { type: 'waive' });
  await one.pass(100);
  t.same(one.amounts('charge'), [RATE], 'and goes back at once');
  t.match(one.record, { isWaived: true });
  await t.rejects(one.act('client', { type: 'waive' }), { code: 'not_allowed' });
  await one.pass(120_000);
  t.match(one.figures, { state: 'not_charging', reasons: ['model_waived'] });
  t.ok((one.media.leases.get(one.callId) ?? 0) > one.nowMs, 'media flows');
  const tip = one.calls.tip(one.pageOf('client'), one.callId, toMinor(one.credit), 'all-of-it');
  await one.during(tip);
  t.equal(one.credit, 0, 'and nothing is held for a minimum any more');
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.same(one.amounts('minimum'), []);
});

t.test('rule 7: a share of her own is copied when it rings', async (t) => {
  const one = await live(t, { sharePercent: 60, ownSharePercent: 75 });
  t.match(one.record, { sharePercent: 75 });
  t.same(
    one.rows.chargesOf(one.callId).map(({ shareMinor }) => shareMinor),
    [RATE * 0.75],
  );
});

t.test('rule 7: the rest of the minimum is split with the sum of what was charged', async (t) => {
  const one = await live(t, { minimumMin: 3, sharePercent: 67 });
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.match(one.record, { agrees: true });
  t.same(
    one.rows.chargesOf(one.callId).map(({ shareMinor }) => shareMinor),
    [80, 161],
  );
});

t.test('rule 4: what could not go back at once goes back at the end', async (t) => {
  const one = await live(t);
  await one.pass(59_500);
  t.same(one.amounts('charge'), [RATE, RATE]);
  const { release } = one.rows.ledger;
  let tries = 0;
  one.rows.ledger.release = async (unit) => {
    tries += 1;
    if (tries === 1) throw new StoreUnavailable('away');
    return release(unit);
  };
  await one.act('model', { type: 'hang_up' });
  await one.pass(1_000);
  t.same(one.amounts('charge'), [RATE]);
  t.match(one.record, { agrees: true });
});

t.test('a settlement that was broken off in the middle takes and writes nothing twice', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  const { settle } = one.rows.records;
  let tries = 0;
  one.rows.records.settle = async (...args) => {
    tries += 1;
    if (tries < 3) throw new StoreUnavailable('away');
    return settle(...args);
  };
  await one.act('client', { type: 'hang_up' });
  await one.pass(5_000);
  t.match(one.record, { agrees: true });
  t.same(one.amounts('minimum'), [RATE * 2]);
  t.same(one.kinds().slice(-3), ['closed', 'minimum', 'media']);
});

t.test('a call that is over makes room for the next, and its people are free', async (t) => {
  const one = await live(t);
  await one.act('model', { type: 'hang_up' });
  await one.pass(1_000);
  await one.goLive();
  t.match(one.record, { callId: 2, state: 'live' });
  await t.rejects(one.during(one.calls.ring(one.pageOf('client'), MODEL)), { code: 'already_in_call' });
});

t.test('rule 8: a waiver is refused when the money has run out, though the call has not heard of it yet', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(59_000);
  const { tip } = one.rows.ledger;
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  one.rows.ledger.tip = async (given) => {
    await held;
    return tip(given);
  };
  const tipped = one.calls.tip(one.pageOf('client'), one.callId, toMinor(1), 'a-long-one').catch(() => {});
  const waived = t.rejects(one.calls.act(one.pageOf('model'), one.callId, { type: 'waive' }), { code: 'wrong_state' });
  await one.pass(2_000);
  t.match(one.figures, { state: 'suspended' });
  letThrough();
  await one.pass(10);
  await tipped;
  await waived;
  t.equal(one.record.isWaived, false);
});

t.test('rule 8: a waiver that does nothing is refused', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(62_000);
  t.equal(one.record.state, 'suspended');
  await t.rejects(one.act('model', { type: 'waive' }), { code: 'wrong_state' });
  t.equal(one.record.isWaived, false);
});

t.test(
  'out of funds: suspended, nothing passes, and a restart is acknowledged when its charge is posted',
  async (t) => {
    const one = await live(t, { creditMinor: RATE });
    await one.pass(61_000);
    t.match(one.record, { state: 'suspended' });
    t.match(one.view('client'), { state: 'suspended', meter: { state: 'suspended' } });
    t.equal(one.media.leases.get(one.callId), 0);
    await t.rejects(one.act('client', { type: 'restart' }), { code: 'insufficient_credit' });
    await t.rejects(one.act('model', { type: 'restart' }), { code: 'not_allowed' });
    one.give(RATE * 2);
    await one.pass(0);
    t.match(one.view('client').meter, { balanceMinor: RATE * 2 });
    await one.act('client', { type: 'restart' });
    t.match(one.record, { state: 'live' });
    t.match(one.figures, { state: 'charging', unitsPosted: 2 });
    t.ok((one.media.leases.get(one.callId) ?? 0) > one.nowMs + 50_000, 'to the end of what is paid');
    await t.rejects(one.act('client', { type: 'restart' }), { code: 'wrong_state' });
  },
);

t.test('out of funds: a restart needs both sides, and one that waits is answered when the call ends', async (t) => {
  const one = await live(t, { creditMinor: RATE });
  await one.pass(62_000);
  await one.lose('model');
  await t.rejects(one.act('client', { type: 'restart' }), { code: 'wrong_state' });
  await one.back('model');
  one.rows.isAway = true;
  const restarted = one.calls.act(one.pageOf('client'), one.callId, { type: 'restart' });
  const answer = t.rejects(restarted, { code: 'wrong_state' });
  await one.pass(300);
  one.rows.isAway = false;
  const ended = one.act('model', { type: 'hang_up' });
  await ended;
  await one.pass(1_000);
  await answer;
});

t.test('out of funds: when the grace is over the call ends, and rule 5 holds', async (t) => {
  const one = await live(t, { creditMinor: RATE * 3, minimumMin: 3 });
  await one.pass(181_000);
  t.equal(one.record.state, 'suspended');
  await one.pass(298_000);
  t.equal(one.record.state, 'suspended');
  await one.pass(2_000);
  t.match(one.record, { outcome: 'out_of_funds', agrees: true });
});

t.test('more credit clears the warning, and it is the client’s credit that counts', async (t) => {
  const one = await live(t, { creditMinor: RATE * 2 });
  await one.pass(1_000);
  t.equal(one.view('model').meter?.isLow, true);
  one.calls.balanceChanged(MODEL, toMinor(1));
  await one.pass(0);
  t.match(one.view('client').meter, { balanceMinor: RATE });
  one.give(RATE * 10);
  await one.pass(0);
  t.equal(one.view('model').meter?.isLow, false);
});

t.test('rule 9: a tip is from client to model, while the call is live, and leaves the minimum alone', async (t) => {
  const one = fixture(t, { creditMinor: RATE * 4, minimumMin: 3 });
  await one.confirm();
  const tip = (side: 'client' | 'model', amount: number, key: string) =>
    one.during(one.calls.tip(one.pageOf(side), one.callId, toMinor(amount), key));
  await t.rejects(tip('client', 10, 'before-it'), { code: 'wrong_state' });
  await one.act('model', { type: 'connect' });
  await one.act('client', { type: 'connect' });
  await one.pass(1_000);
  await t.rejects(tip('model', 10, 'by-the-model'), { code: 'not_allowed' });
  await t.rejects(tip('client', RATE + 1, 'too-much-of-it'), { code: 'balance_too_low' });
  await tip('client', RATE, 'just-enough');
  t.equal(one.view('model').tipsMinor, RATE);
  t.equal(one.told.at(-1), one.callId);
});

t.test('rule 9: a block ends a call between the two and no other', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.during(one.calls.blocked(MODEL, 77));
  t.equal(one.record.state, 'live');
  await one.during(one.calls.blocked(MODEL, CLIENT));
  await one.pass(500);
  t.match(one.record, { outcome: 'model_ended', endedBy: 'model' });
});

t.test('the operator ends a call, and nothing more is charged', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.during(one.calls.endOfPerson(CLIENT));
  await one.pass(2_000);
  t.match(one.record, { outcome: 'operator_ended', endedBy: null, agrees: true });
  t.same(one.amounts('minimum'), []);
  await t.rejects(one.calls.endByOperator(one.callId), { code: 'call_not_found' });
});

t.test('what cannot be settled is left to the sweep', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  const { postMinimum } = one.rows.ledger;
  one.rows.ledger.postMinimum = async () => {
    throw new Error('a fault');
  };
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.match(one.record, { state: 'ended', agrees: null });
  t.same(one.errors, ['a call could not be settled; trying again']);
  one.rows.ledger.postMinimum = postMinimum;
  await one.pass(15_000);
  t.equal((await one.during(one.calls.sweep())).length, 1);
  t.match(one.record, { agrees: true });
  t.same(one.amounts('minimum'), [RATE * 2]);
});

t.test('a timer that was started anew has not run out, whatever of it is still on its way', async (t) => {
  const terms = { clientId: CLIENT, modelId: MODEL, rateMinor: RATE, minimumMin: 0, sharePercent: 60 };
  const call = new ActiveCall(callRow(1, { ...terms, tariff: 'per_minute' }), newCall(), toMinor(0));
  call.startTimer('ring', 100, () => {});
  await clock.tickAsync(100);
  t.equal(call.hasRunOut('ring'), true);
  call.startTimer('ring', 100, () => {});
  t.equal(call.hasRunOut('ring'), false);
  call.stopTimer('ring');
  await clock.tickAsync(100);
  t.equal(call.hasRunOut('ring'), false, 'nor has one that was stopped');
});

t.test('log, ledger and core that do not agree are an alarm, never a silent fix', async (t) => {
  const one = await live(t);
  await one.pass(1_000);
  const [first] = one.rows.transfers;
  one.rows.transfers.splice(0, 1, { ...(first as NonNullable<typeof first>), shareMinor: 1 });
  await one.act('model', { type: 'hang_up' });
  await one.pass(1_000);
  t.match(one.record, { state: 'ended', agrees: false });
  t.same(one.errors, ['ALARM: receipt, ledger and meter log of a call disagree']);
});

t.test('a settlement is tried until the database answers', async (t) => {
  const one = await live(t, { minimumMin: 3 });
  await one.act('client', { type: 'hang_up' });
  one.rows.isAway = true;
  await one.pass(5_000);
  t.match(one.record, { state: 'ended', agrees: null });
  t.same(await one.during(one.calls.sweep()).catch(() => []), []);
  one.rows.isAway = false;
  await one.pass(15_000);
  t.match(one.record, { agrees: true });
  t.same(one.amounts('minimum'), [RATE * 2]);
  t.same(one.errors, []);
});

t.test('the thread is told by the minute, of charges by the second too', async (t) => {
  const one = await live(t, { tariff: 'per_second' });
  await one.pass(58_000);
  t.equal(one.told.length, 0);
  await one.pass(5_000);
  t.equal(one.told.length, 1);
  const other = await live(t);
  await other.pass(62_000);
  t.equal(other.told.length, 2);
});

t.test('the confirmation is free: what reached the client in it is not held against what is paid', async (t) => {
  const one = fixture(t);
  await one.confirm();
  await one.pass(60_000);
  t.ok(one.media.control.forwardedMs(one.callId, 'model') > 55_000, 'both have looked whether the line works');
  const begun = one.sent
    .filter(({ message }) => message.type === 'media.start')
    .map(({ connectionId }) => connectionId);
  t.same(new Set(begun), new Set([one.pageOf('client').connectionId, one.pageOf('model').connectionId]));
  await one.act('model', { type: 'connect' });
  await one.act('client', { type: 'connect' });
  await one.pass(20_000);
  await one.act('model', { type: 'hang_up' });
  await one.pass(1_000);
  const { mediaBeyondMs } = one.rows.settled.get(one.callId) ?? {};
  t.equal(mediaBeyondMs, 0);
  const [media] = (one.rows.logs.get(one.callId) ?? []).filter(({ kind }) => kind === 'media');
  t.ok(Number(media?.detail.forwardedMs) > 18_000 && Number(media?.detail.forwardedMs) < 21_000);
});

t.test('a switch that is said again changes nothing, and both off is believed', async (t) => {
  const one = await live(t);
  await one.act('model', { type: 'mute', isMuted: true, isCameraOff: false });
  const views = one.views.client.length;
  t.match(one.view('client').them, { isMuted: true, isCameraOff: false });
  await one.act('model', { type: 'mute', isMuted: true, isCameraOff: false });
  t.equal(one.views.client.length, views);
  await one.pass(15_000);
  t.equal(one.figures?.state, 'charging');
  // A page says twice a second what is so.
  const says = async (isCameraOff: boolean, ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      await one.act('model', { type: 'mute', isMuted: true, isCameraOff });
      await one.pass(500);
    }
  };
  await says(false, 15_000);
  t.equal(one.figures?.state, 'charging', 'a microphone alone is no silence');
  await says(true, 13_000);
  t.match(one.figures, { state: 'not_charging', reasons: ['no_media'] }, 'a model with both off for ten seconds');
});

t.test('switches: who has both off and attaches anew is not paid for another ten seconds', async (t) => {
  const one = await live(t, { tariff: 'per_second' });
  const off = { type: 'mute', isMuted: true, isCameraOff: true } as const;
  const on = { type: 'mute', isMuted: false, isCameraOff: false } as const;
  const saysOff = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await one.act('model', off);
      await one.pass(500);
    }
  };
  await one.pass(3_000);
  one.lines.set(MODEL, { sending: 'none' });
  await saysOff(12_000);
  t.same(one.figures?.reasons, ['no_media']);
  const atOff = one.figures?.billableMs ?? 0;
  for (let round = 0; round < 3; round++) {
    one.close(one.pageOf('model'));
    await one.back('model');
    await saysOff(8_000);
  }
  t.equal(one.figures?.billableMs, atOff, 'new legs are no new switches');
  // On for a moment, and a leg of its own for each ten seconds: neither.
  for (let round = 0; round < 3; round++) {
    await one.act('model', on);
    await one.pass(250);
    await one.act('model', off);
    one.close(one.pageOf('model'));
    await one.back('model');
    await saysOff(8_000);
  }
  t.equal(one.figures?.billableMs, atOff);
  // Back for good: her next ten seconds are whole, whatever the leg.
  one.lines.set(MODEL, { sending: 'all' });
  await one.act('model', on);
  await one.pass(10_000);
  one.lines.set(MODEL, { sending: 'none' });
  one.close(one.pageOf('model'));
  await one.act('model', off);
  await one.back('model');
  const before = one.figures?.billableMs ?? 0;
  await saysOff(8_000);
  t.ok((one.figures?.billableMs ?? 0) - before > 5_000, 'a new off is believed');
});

t.test('switches: a few packets while on, before each new leg, are no new ten seconds of off', async (t) => {
  const one = await live(t, { tariff: 'per_second' });
  const says = async (isOff: boolean, ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await one.act('model', { type: 'mute', isMuted: isOff, isCameraOff: isOff });
      await one.pass(500);
    }
  };
  await one.pass(3_000);
  one.lines.set(MODEL, { sending: 'none' });
  await says(true, 12_000);
  const atOff = one.figures?.billableMs ?? 0;
  for (let round = 0; round < 3; round++) {
    one.lines.set(MODEL, { sending: 'all' });
    await says(false, 500);
    one.lines.set(MODEL, { sending: 'none' });
    await says(false, 5_500);
    one.close(one.pageOf('model'));
    await one.back('model');
    await says(true, 9_000);
  }
  const paidMs = (one.figures?.billableMs ?? 0) - atOff;
  t.ok(paidMs <= 3 * 1_000, `${paidMs} ms were paid for half a second of media three times`);
});

t.test('switches: what proves that a side was on, and what does not', async (t) => {
  const silentWhileOn = new SwitchesOff();
  t.equal(silentWhileOn.said(true, false, 1_000), 1_000);
  t.equal(silentWhileOn.said(false, true, 12_000), null);
  t.equal(silentWhileOn.said(true, true, 20_000), 1_000, 'on, and nothing came');
  const flowing = new SwitchesOff();
  flowing.said(true, false, 1_000);
  flowing.said(false, false, 2_000);
  flowing.stops(7_000);
  t.equal(flowing.said(true, true, 8_000), 8_000, 'on for five seconds, before its leg ended');
});
