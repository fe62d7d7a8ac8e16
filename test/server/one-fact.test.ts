// One fact, one message: what each step of a call sends to its two people and asks of the media process, counted.
import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { ActiveCall } from '../../server/calls/active-call.ts';
import { foundCall } from '../../server/calls/machine.ts';
import { toMinor } from '../../server/contract/index.ts';
import { CLOCK_FAKES } from '../receipt/metered-call.ts';
import { CallFixture, CLIENT, type FixtureTerms, MODEL } from '../support/call-fixture.ts';
import { callRow } from '../support/call-row.ts';

const RATE = 120;

let clock: FakeTimers.Clock;
t.beforeEach(() => {
  clock = FakeTimers.install(CLOCK_FAKES);
});
t.afterEach(() => clock.uninstall());

interface Counts {
  /** Views to each of the two. */
  readonly views: number;
  readonly leases: number;
  /** Both directions each time. */
  readonly gates: number;
}

const NOTHING: Counts = { views: 0, leases: 0, gates: 0 };

class CountedCall extends CallFixture {
  async count(step: () => Promise<unknown>): Promise<Counts> {
    for (const side of ['client', 'model'] as const) this.views[side].length = 0;
    this.commands.length = 0;
    await step();
    await this.pass(0);
    const { client, model } = this.views;
    if (client.length !== model.length)
      throw new Error(`${client.length} views of the client, ${model.length} of the model`);
    const of = (command: string) => this.commands.filter((one) => one === command).length;
    return { views: client.length, leases: of('lease'), gates: of('gate') / 2 };
  }

  /** Up to just before the next unit is asked for, and then to just before it falls due. */
  async toAsk(): Promise<void> {
    await this.pass(58_900 - (this.figures?.billableMs ?? 0));
  }
}

function fixture(t: Test, terms: FixtureTerms = {}): CountedCall {
  const one = new CountedCall(clock, terms);
  t.teardown(() => one.stop());
  return one;
}

async function live(t: Test, terms: FixtureTerms = {}): Promise<CountedCall> {
  const one = fixture(t, terms);
  await one.goLive();
  return one;
}

t.test('each step of a call is one view to each of its two people', async (t) => {
  const one = fixture(t);
  // What is known of the caller follows the ring, which waits for nothing.
  t.same(await one.count(() => one.ring()), { ...NOTHING, views: 2 }, 'ring: there is no media yet');
  t.same(await one.count(() => one.act('model', { type: 'accept' })), { views: 1, leases: 1, gates: 1 }, 'accept');
  await one.legsUp();
  t.same(await one.count(() => one.act('model', { type: 'connect' })), { views: 1, leases: 1, gates: 1 }, 'connect');
  // It is live and its meter is open; the first unit is paid, and the meter runs; a millisecond later the unit is due.
  t.same(await one.count(() => one.act('client', { type: 'connect' })), { views: 3, leases: 3, gates: 3 }, 'live');
  await one.pass(2_000);
  const mute = { type: 'mute', isMuted: true, isCameraOff: false } as const;
  t.same(await one.count(() => one.act('client', mute)), { views: 1, leases: 1, gates: 1 }, 'mute');
  t.same(await one.count(() => one.act('client', mute)), NOTHING, 'mute, said again');
  t.same(await one.count(() => one.act('model', { type: 'waive' })), { views: 1, leases: 1, gates: 1 }, 'waiver');
  // That it is over, and that its money is settled.
  t.same(await one.count(() => one.act('client', { type: 'hang_up' })), { views: 2, leases: 1, gates: 0 }, 'hang up');
});

t.test(
  'a charge is told once, when it falls due; paid ahead it moves media and nothing that anybody sees',
  async (t) => {
    const one = await live(t, { creditMinor: RATE * 10 });
    await one.toAsk();
    const before = { client: one.view('client').balanceMinor, model: one.view('model').balanceMinor };
    t.equal(before.client, RATE * 9);
    t.same(await one.count(() => one.pass(200)), { views: 0, leases: 1, gates: 1 }, 'posted');
    t.match(one.figures, { unitsPosted: 2, unitsCharged: 1 });
    t.same(await one.count(() => one.pass(1_000)), { views: 1, leases: 1, gates: 1 }, 'charged');
    t.match(one.view('client'), { balanceMinor: RATE * 8, meter: { unitsCharged: 2, chargedMinor: RATE * 2 } });
    t.match(one.view('model'), { balanceMinor: (RATE * 2 * 60) / 100, meter: { unitsCharged: 2 } });
    t.same(
      one.sent.filter(({ message }) => message.type === 'balance'),
      [],
      'no second message says the same',
    );
  },
);

t.test(
  'a view while a unit is paid ahead shows what both had before, and so does one after it went back',
  async (t) => {
    const one = await live(t, { creditMinor: RATE * 10 });
    await one.toAsk();
    await one.pass(200);
    t.match(one.figures, { unitsPosted: 2, unitsCharged: 1 });
    await one.act('client', { type: 'mute', isMuted: true, isCameraOff: false });
    await one.pass(0);
    t.equal(one.credit, RATE * 8, 'the ledger has taken it');
    t.equal(one.view('client').balanceMinor, RATE * 9);
    t.equal(one.view('model').balanceMinor, (RATE * 60) / 100);
    await one.act('model', { type: 'waive' });
    await one.pass(100);
    t.equal(one.credit, RATE * 9, 'it went back');
    t.equal(one.view('client').balanceMinor, RATE * 9);
    t.equal(one.view('model').balanceMinor, (RATE * 60) / 100);
  },
);

t.test('credit that comes while a unit is paid ahead is seen at once, beside what is not due yet', async (t) => {
  const one = await live(t, { creditMinor: RATE * 10 });
  await one.toAsk();
  await one.pass(200);
  t.same(await one.count(async () => one.give(RATE)), { views: 1, leases: 1, gates: 1 });
  t.equal(one.view('client').balanceMinor, RATE * 10);
  await one.pass(1_000);
  t.equal(one.view('client').balanceMinor, RATE * 9);
});

t.test('a tip is one view: the money that went and the tip that came', async (t) => {
  const one = await live(t);
  const tip = () => one.during(one.calls.tip(one.pageOf('client'), one.callId, toMinor(500), 'a-key'));
  // Media is set twice: it waits for nothing that is only shown.
  t.same(await one.count(tip), { views: 1, leases: 2, gates: 2 });
  t.match(one.view('client'), { tipsMinor: 500, balanceMinor: one.credit });
  t.match(one.view('model'), { tipsMinor: 500 });
});

t.test('what is told by a view of the call is not told by another message, and after the end it is', async (t) => {
  const one = await live(t);
  t.equal(one.calls.balanceChanged(CLIENT, toMinor(700)), true);
  t.equal(one.calls.balanceChanged(MODEL, toMinor(70)), true);
  t.equal(one.calls.balanceChanged(99, toMinor(7)), false, 'somebody who is in no call');
  await one.act('client', { type: 'hang_up' });
  await one.pass(2_000);
  t.equal(one.calls.balanceChanged(CLIENT, toMinor(600)), false);
  t.equal(one.view('client').balanceMinor, null, 'what an end costs is told by the ledger');
});

t.test('what both have to see is not lost to what media has to do in the same turn', async (t) => {
  const one = await live(t);
  const legId = [...one.media.legs].find(([, leg]) => leg.side === 'client')?.[0] as number;
  one.calls.balanceChanged(CLIENT, toMinor(700));
  one.hearLeg({ type: 'flowing', atMs: one.nowMs, legId, callId: one.callId, side: 'client' });
  await one.pass(0);
  t.equal(one.view('client').balanceMinor, 700);
});

t.test('what a refusal says of the credit is shown', async (t) => {
  const one = await live(t, { creditMinor: RATE * 3 });
  one.rows.give(CLIENT, 50 - RATE * 2); // spent elsewhere, and nobody has told
  await one.pass(61_000);
  t.match(one.view('client'), { state: 'suspended', balanceMinor: 50 });
});

t.test('earnings that were known stay known where an answer does not say them', async (t) => {
  const row = callRow(7, {
    clientId: CLIENT,
    modelId: MODEL,
    rateMinor: RATE,
    minimumMin: 0,
    sharePercent: 60,
    tariff: 'per_minute',
  });
  const call = new ActiveCall(row, foundCall('live'), toMinor(1_000));
  const answer = { status: 'posted', transferId: 1, balanceMinor: toMinor(880), shareMinor: toMinor(72) } as const;
  call.posted(1, { ...answer, earningsMinor: toMinor(72) }, toMinor(RATE));
  call.notAhead(1);
  call.posted(2, { ...answer, earningsMinor: null }, toMinor(RATE));
  call.notAhead(2);
  t.equal(call.viewFor('model', null).balanceMinor, 72);
});
