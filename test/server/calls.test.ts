import t from 'tap';
import type { Figures } from '../../core-wasm/index.ts';
import { leaseUntil } from '../../server/calls/lease.ts';
import {
  type CallEvent,
  type CallFacts,
  newCall,
  pairs,
  type Step,
  step,
  whoseDoing,
} from '../../server/calls/machine.ts';
import { LIFE_SIM_DEFAULTS, simulateLife } from '../sim/life.ts';
import { PEOPLE_SIM_DEFAULTS, simulatePeople, sweepLostRow } from '../sim/people.ts';

/** Takes a call through events; each has to be allowed. */
function play(call: CallFacts, ...events: CallEvent[]): { call: CallFacts; effects: string[] } {
  let facts = call;
  let effects: string[] = [];
  for (const event of events) {
    const next = step(facts, event);
    if ('refusal' in next) throw new Error(`${event.type} in ${facts.state}: ${next.refusal}`);
    facts = next.call;
    effects = next.effects.map((effect) => ('timer' in effect ? `${effect.do} ${effect.timer}` : effect.do));
  }
  return { call: facts, effects };
}

const accept: CallEvent = { type: 'accept', by: 'model' };
const mediaUp: CallEvent[] = [
  { type: 'media_up', by: 'client' },
  { type: 'media_up', by: 'model' },
];
const bothConnect: CallEvent[] = [
  { type: 'connect', by: 'model' },
  { type: 'connect', by: 'client' },
];
const ringing = newCall();
const confirming = play(ringing, accept).call;
const live = play(confirming, ...mediaUp, ...bothConnect).call;
const suspended = play(live, { type: 'suspended' }).call;
const refusalOf = (result: Step) => ('refusal' in result ? result.refusal : null);

t.test('how a call can end: every outcome of the table', async (t) => {
  const outcome = (from: CallFacts, ...events: CallEvent[]) => {
    const { call } = play(from, ...events);
    t.equal(call.state, 'ended');
    return [call.outcome, call.endedBy];
  };
  t.same(outcome(ringing, { type: 'reject', by: 'model' }), ['rejected', 'model']);
  t.same(outcome(ringing, { type: 'timed_out', timer: 'ring' }), ['missed', null]);
  t.same(outcome(ringing, { type: 'hang_up', by: 'client' }), ['withdrawn', 'client']);
  t.same(outcome(ringing, { type: 'detached', by: 'client' }, { type: 'timed_out', timer: 'caller_gone' }), [
    'withdrawn',
    'client',
  ]);
  t.same(outcome(confirming, { type: 'timed_out', timer: 'confirm' }), ['canceled', null]);
  t.same(outcome(confirming, { type: 'connect', by: 'model' }, { type: 'timed_out', timer: 'confirm' }), [
    'canceled',
    'client',
  ]);
  t.same(outcome(confirming, { type: 'hang_up', by: 'model' }), ['canceled', 'model']);
  t.same(outcome(live, { type: 'hang_up', by: 'client' }), ['client_ended', 'client']);
  t.same(outcome(suspended, { type: 'hang_up', by: 'model' }), ['model_ended', 'model']);
  t.same(outcome(suspended, { type: 'grace_over' }), ['out_of_funds', null]);
  t.same(outcome(live, { type: 'detached', by: 'model' }, { type: 'timed_out', timer: 'lost_model' }), [
    'network_lost',
    'model',
  ]);
  t.same(outcome(live, { type: 'operator_ended' }), ['operator_ended', null]);
  t.same(outcome(live, { type: 'failed' }), ['failed', null]);
});

t.test('rule 1: a call is live when both have pressed Connect and both legs are up, in any order', async (t) => {
  const connectedFirst = play(confirming, ...bothConnect);
  t.equal(connectedFirst.call.state, 'confirming');
  const ready = play(connectedFirst.call, ...mediaUp);
  t.equal(ready.call.state, 'live');
  t.same(ready.effects, ['start_media', 'stop_timer confirm', 'start_meter']);
  t.equal(play(confirming, ...mediaUp, ...bothConnect).call.state, 'live');
});

t.test('the model connects first, then the client (seed A)', async (t) => {
  t.equal(refusalOf(step(confirming, { type: 'connect', by: 'client' })), 'model_connects_first');
});

t.test('rule 5: who pays the rest of the minimum follows from the outcome', async (t) => {
  t.equal(whoseDoing('client_ended', 'client'), 'client');
  t.equal(whoseDoing('out_of_funds', null), 'client');
  t.equal(whoseDoing('network_lost', 'client'), 'client');
  t.equal(whoseDoing('network_lost', 'model'), 'model');
  t.equal(whoseDoing('network_lost', null), 'appliance', 'not found again after a restart');
  t.equal(whoseDoing('model_ended', 'model'), 'model');
  t.equal(whoseDoing('operator_ended', null), 'appliance');
  t.equal(whoseDoing('failed', null), 'appliance');
});

t.test('a lost side pauses the meter and has a minute; its return needs its page and its media', async (t) => {
  const lost = play(live, { type: 'detached', by: 'client' });
  t.same(lost.effects, ['pause_meter', 'start_timer lost_client']);
  const back = play(lost.call, { type: 'attached', by: 'client' });
  t.same(back.effects, ['open_media', 'start_timer lost_model'], 'both legs are made anew');
  const oneUp = play(back.call, { type: 'media_up', by: 'client' });
  t.same(oneUp.effects, ['stop_timer lost_client']);
  const bothUp = play(oneUp.call, { type: 'media_up', by: 'model' });
  t.same(bothUp.effects, ['start_media', 'resume_meter', 'stop_timer recovery', 'stop_timer lost_model']);
  t.equal(bothUp.call.state, 'live');
});

t.test('media is made once both pages are there', async (t) => {
  const gone = play(confirming, { type: 'detached', by: 'client' }, { type: 'detached', by: 'model' });
  t.same(play(gone.call, { type: 'attached', by: 'model' }).effects, []);
  t.same(play(gone.call, { type: 'attached', by: 'model' }, { type: 'attached', by: 'client' }).effects, [
    'open_media',
  ]);
});

t.test('a late timer of a side that is back ends nothing', async (t) => {
  t.equal(play(live, { type: 'timed_out', timer: 'lost_client' }).call.state, 'live');
});

t.test('only the model waives and accepts, only the client restarts', async (t) => {
  t.equal(refusalOf(step(live, { type: 'waive', by: 'client' })), 'not_allowed');
  t.equal(refusalOf(step(ringing, { type: 'accept', by: 'client' })), 'not_allowed');
  t.equal(refusalOf(step(suspended, { type: 'restart', by: 'model' })), 'not_allowed');
});

t.test('steps cannot be skipped, and an ended call takes no event at all', async (t) => {
  const known = new Set(pairs().map(([state, type]) => `${state} ${type}`));
  const types: CallEvent['type'][] = ['accept', 'reject', 'connect', 'hang_up', 'restart', 'waive', 'mute', 'attached'];
  const ended = play(live, { type: 'hang_up', by: 'client' }).call;
  for (const [name, call] of Object.entries({ ringing, confirming, live, suspended, ended })) {
    for (const type of types) {
      if (known.has(`${call.state} ${type}`)) continue;
      const event = { type, by: 'client', isMuted: false, isCameraOff: false } as CallEvent;
      t.equal(refusalOf(step(call, event)), 'wrong_state', `${type} in ${name}`);
    }
  }
  t.notOk(pairs().some(([state]) => state === 'ended'));
});

t.test('media flows on paid time only', async (t) => {
  const figures = (change: Partial<Figures>): Figures => ({
    state: 'charging',
    reasons: [],
    billableMs: 50_000,
    unitsCharged: 1,
    chargedMinor: 200,
    balanceMinor: 0,
    paidUntilBillableMs: 60_000,
    paidLeftMs: 10_000,
    timeLeftMs: 10_000,
    isLow: true,
    graceLeftMs: null,
    pendingUnit: null,
    pendingAmountMinor: 0,
    ...change,
  });
  const now = 1_000_000;
  t.equal(leaseUntil(figures({}), now), now + 10_200, 'to the end of the paid time, and the ledger may take 200 ms');
  t.equal(leaseUntil(figures({ billableMs: 60_150 }), now), now + 50, 'which are not given twice');
  t.equal(leaseUntil(figures({ state: 'suspended' }), now), 0);
  t.equal(leaseUntil(figures({ state: 'not_charging', reasons: ['slow_link'] }), now), now + 3_000);
  t.equal(leaseUntil(figures({ state: 'not_charging', reasons: ['no_media', 'reconnecting'] }), now), 0);
  t.equal(leaseUntil(figures({ state: 'not_charging', reasons: ['ledger_wait'] }), now), 0, 'never a free call');
});

t.test('whoever vanishes, whenever: exactly one outcome, and every rule of the table is met', async (t) => {
  const seed = Number(process.env.PARLOUR_LIFE_SEED ?? LIFE_SIM_DEFAULTS.seed);
  const { faults, unvisited, outcomes, calls } = simulateLife({ ...LIFE_SIM_DEFAULTS, seed });
  t.same(faults, [], `npm run sim -- life --seed ${seed}`);
  t.same(unvisited, []);
  t.notOk(outcomes.has('none'));
  t.equal(
    [...outcomes.values()].reduce((sum, count) => sum + count, 0),
    calls,
  );
  t.equal(outcomes.size, 10, 'each outcome of the charging rules');
});

t.test(
  'several people, devices, crashes and clocks: nobody in two calls, nothing sticks, every cent there',
  async (t) => {
    const result = await simulatePeople({ ...PEOPLE_SIM_DEFAULTS, seeds: 60, steps: 300 });
    t.same(result.faults, []);
    t.ok(result.calls > 300 && result.crashes > 50, `${result.calls} calls, ${result.crashes} crashes`);
    for (const outcome of [
      'rejected',
      'missed',
      'withdrawn',
      'canceled',
      'client_ended',
      'model_ended',
      'network_lost',
    ]) {
      t.ok((result.outcomes.get(outcome) ?? 0) > 0, `${outcome} was met`);
    }
  },
);

t.test('a row that nothing would ever move on is found by the sweep, and ends', async (t) => {
  const { found, outcome } = await sweepLostRow();
  t.match(found, [/call 1 stood as ringing and nobody carried it/]);
  t.equal(outcome, 'missed');
});
