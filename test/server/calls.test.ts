import t from 'tap';
import type { Figures } from '../../core-wasm/index.ts';
import { type CallEvent, type CallFacts, newCall, type Step, step, whoseDoing } from '../../server/calls/machine.ts';
import { BEYOND_MS_MAX, mediaBudget } from '../../server/calls/media-budget.ts';
import { mediaGate } from '../../server/calls/media-gate.ts';
import { releaseUnits } from '../../server/calls/settlement.ts';
import { toMinor } from '../../server/contract/index.ts';
import type { MeterLogEntry, MeterLogKind } from '../../server/meter/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { LIFE_SIM_DEFAULTS, simulateLife } from '../sim/life.ts';
import { COVERING_SEEDS } from '../sim/people/coverage.ts';
import { Rows } from '../sim/people/rows.ts';
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
  t.same(outcome(ringing, { type: 'hang_up', by: 'model' }), ['rejected', 'model']);
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
  const clientGone: CallEvent = { type: 'detached', by: 'client' };
  t.same(
    outcome(confirming, clientGone, { type: 'hang_up', by: 'model' }),
    ['canceled', 'client'],
    'his page has gone',
  );
  t.same(outcome(confirming, clientGone, { type: 'timed_out', timer: 'confirm' }), ['canceled', 'client']);
  t.same(
    outcome(confirming, { type: 'detached', by: 'model' }, { type: 'hang_up', by: 'client' }),
    ['canceled', 'model'],
    'he waits for nobody',
  );
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
  t.same(back.effects, ['open_media'], 'both legs are made anew, and the wait is still of the one who was lost');
  t.equal(back.call.lostBy, 'client');
  const oneUp = play(back.call, { type: 'media_up', by: 'client' });
  t.same(
    oneUp.effects,
    ['pause_meter', 'start_timer lost_model', 'resume_meter', 'stop_timer lost_client'],
    'from now on the other is waited for',
  );
  const bothUp = play(oneUp.call, { type: 'media_up', by: 'model' });
  t.same(bothUp.effects, ['start_media', 'resume_meter', 'stop_timer lost_model']);
  t.equal(bothUp.call.state, 'live');
});

t.test('who is lost first is the one whom the call waits for, whatever legs it costs the other', async (t) => {
  const lost = play(live, { type: 'attached', by: 'client' }).call;
  t.equal(lost.lostBy, 'client', 'a page that attaches anew');
  t.equal(play(live, { type: 'stalled', by: 'model' }).call.lostBy, 'model', 'a page that decodes nothing');
  const died: CallEvent = { type: 'media_down', by: 'client', applianceLostAtMs: 7 };
  t.equal(play(live, died).call.lostBy, 'appliance', 'the media process has ended');
  t.equal(play(live, died, { type: 'detached', by: 'client' }).call.lostBy, 'client', 'and his page has gone, too');
  const ended = play(live, { type: 'detached', by: 'model' }, { type: 'detached', by: 'client' });
  t.same(play(ended.call, { type: 'timed_out', timer: 'lost_model' }).call.endedBy, 'model');
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
  const alone = play(suspended, { type: 'detached', by: 'model' }).call;
  t.equal(refusalOf(step(alone, { type: 'restart', by: 'client' })), 'wrong_state', 'and only with both there');
});

t.test("steps cannot be skipped, and an ended call takes no event but the model's own end", async (t) => {
  const types = ['accept', 'reject', 'connect', 'hang_up', 'restart', 'waive', 'mute', 'attached'] as const;
  const taken: Record<string, readonly (typeof types)[number][]> = {
    ringing: ['accept', 'reject', 'hang_up', 'attached'],
    confirming: ['connect', 'hang_up', 'mute', 'attached'],
    live: ['hang_up', 'waive', 'mute', 'attached'],
    suspended: ['hang_up', 'restart', 'mute', 'attached'],
    ended: ['hang_up'],
  };
  const ended = play(live, { type: 'hang_up', by: 'client' }).call;
  for (const [name, call] of Object.entries({ ringing, confirming, live, suspended, ended })) {
    for (const type of types) {
      const events = (['client', 'model'] as const).map((by) => ({ type, by, isMuted: false, isCameraOff: false }));
      const refusals = events.map((event) => refusalOf(step(call, event)));
      const isTaken = refusals.some((refusal) => refusal !== 'wrong_state');
      t.equal(isTaken, taken[name]?.includes(type), `${type} in ${name}: ${refusals}`);
    }
  }
});

t.test('rule 5: both end it within a second, and the model ended it', async (t) => {
  const ended = play(live, { type: 'hang_up', by: 'client' }).call;
  const both = play(ended, { type: 'hang_up', by: 'model' });
  t.same([both.call.outcome, both.call.endedBy, both.effects], ['model_ended', 'model', []]);
  t.equal(refusalOf(step(ended, { type: 'hang_up', by: 'client' })), 'wrong_state');
  t.equal(refusalOf(step(both.call, { type: 'hang_up', by: 'model' })), 'wrong_state', 'once');
  const other = play(live, { type: 'operator_ended' }).call;
  t.equal(refusalOf(step(other, { type: 'hang_up', by: 'model' })), 'wrong_state');
});

const figures = (change: Partial<Figures>): Figures => ({
  state: 'charging',
  reasons: [],
  billableMs: 50_000,
  unitsCharged: 1,
  chargedMinor: 200,
  unitsPosted: 1,
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

t.test('what media may do: a function of the state and the table "When the meter does not run"', async (t) => {
  const now = 1_000_000;
  const gate = (state: CallFacts['state'], change: Partial<Figures> | null, isClientSilent = false) => {
    const { leaseUntilMs, isOpen } = mediaGate(
      { state, isClientSilent, confirmLeftMs: 7_000 },
      change && figures(change),
      now,
    );
    return [leaseUntilMs === 0 ? 0 : leaseUntilMs - now, isOpen.client ? 'client' : '-', isOpen.model ? 'model' : '-'];
  };
  const shut = [0, '-', '-'];
  const paused = (...reasons: Figures['reasons']) => ({ state: 'not_charging' as const, reasons });
  // State, figures, whether the client sends nothing; how long media may pass, and whose.
  t.same(gate('ringing', null), shut);
  t.same(gate('confirming', null), [7_000, 'client', 'model']);
  t.same(gate('confirming', null, true), [7_000, 'client', '-'], 'nobody looks without showing that the line works');
  t.same(gate('live', null), shut, 'live without a meter');
  t.same(gate('live', {}), [10_000, 'client', 'model'], 'to the end of the paid time');
  t.same(gate('live', { paidLeftMs: 0 }), [0, 'client', 'model'], 'and no longer: nothing is given for nothing');
  t.same(gate('live', paused('slow_link')), [3_000, 'client', 'model']);
  t.same(gate('live', paused('no_media')), [3_000, 'client', 'model']);
  t.same(gate('live', paused('client_no_media'), true), [3_000, 'client', '-'], 'nothing passes to the client');
  t.same(gate('live', paused('model_waived')), [3_000, 'client', 'model']);
  t.same(gate('live', paused('model_waived', 'client_no_media'), true), [3_000, 'client', '-']);
  t.same(gate('live', paused('no_media', 'reconnecting')), shut);
  t.same(gate('live', paused('client_reconnecting')), shut);
  t.same(gate('live', paused('appliance_reconnecting')), shut);
  t.same(gate('live', paused('ledger_wait')), shut, 'never a free call');
  t.same(gate('suspended', { state: 'suspended' }), shut);
  t.same(gate('ended', { state: 'closing' }), shut);
  t.same(gate('ended', { state: 'closed' }), shut);
});

let seq = 0;
const meterLine = (
  kind: MeterLogKind,
  monoMs: number,
  billableMs: number,
  detail: MeterLogEntry['detail'] = {},
): MeterLogEntry => ({ callId: 1, seq: ++seq, kind, at: new Date(monoMs), monoMs, billableMs, detail });

t.test('the budget of what is unpaid: forwarded time against what is paid and what is free by the law', async (t) => {
  const log = [
    meterLine('started', 0, 0),
    meterLine('paused', 12_000, 10_000, { reason: 'slow_link' }),
    meterLine('paused', 15_000, 10_000, { reason: 'client_no_media' }),
    meterLine('resumed', 18_000, 10_000, { reason: 'client_no_media' }),
    meterLine('resumed', 20_000, 10_000, { reason: 'slow_link' }),
    meterLine('suspended', 30_000, 20_000, { unit: 2 }),
    meterLine('paused', 31_000, 20_000, { reason: 'no_media' }),
    meterLine('closed', 40_000, 20_000),
  ];
  // Free are 10 to 15 and 18 to 20 seconds; the 2 s that were cut back had been forwarded.
  const lawful = (forwardedMs: number) => mediaBudget(forwardedMs, 20_000, log);
  t.match(lawful(27_000), { lawfulMs: 27_000, beyondMs: 0 });
  t.match(lawful(27_000 + BEYOND_MS_MAX), { beyondMs: 0 });
  t.match(lawful(27_001 + BEYOND_MS_MAX), { beyondMs: 5_001 });
});

t.test('the budget: what is cut back for the client’s fault had not been free', async (t) => {
  const log = [
    meterLine('started', 0, 0),
    meterLine('paused', 12_000, 10_000, { reason: 'client_no_media' }),
    meterLine('closed', 20_000, 10_000),
  ];
  t.match(mediaBudget(0, 10_000, log), { lawfulMs: 10_000 });
});

t.test('the budget: after a restart of the call a slow link is free again', async (t) => {
  const log = [
    meterLine('started', 0, 0),
    meterLine('suspended', 10_000, 10_000),
    meterLine('restarted', 15_000, 10_000),
    meterLine('paused', 20_000, 15_000, { reason: 'slow_link' }),
    meterLine('closed', 30_000, 15_000),
  ];
  t.match(mediaBudget(0, 15_000, log), { lawfulMs: 25_000 });
});

t.test(
  'the budget: a slow link outlives a restart of the appliance, and nothing is free while that is down',
  async (t) => {
    const log = [
      meterLine('started', 0, 0),
      meterLine('paused', 10_000, 10_000, { reason: 'slow_link' }),
      meterLine('recovered', 20_000, 10_000),
      meterLine('started', 20_000, 10_000),
      meterLine('paused', 20_000, 10_000, { reason: 'appliance_reconnecting' }),
      meterLine('resumed', 25_000, 10_000, { reason: 'appliance_reconnecting' }),
      meterLine('closed', 30_000, 10_000),
    ];
    t.match(mediaBudget(0, 10_000, log), { lawfulMs: 15_000 });
  },
);

t.test(
  'the budget: a slow link that began before a waiver makes free what had been billable until the waiver',
  async (t) => {
    const log = [
      meterLine('started', 0, 0),
      meterLine('paused', 30_000, 30_000, { reason: 'model_waived' }),
      meterLine('paused', 35_000, 1_000, { reason: 'slow_link' }),
      meterLine('closed', 40_000, 1_000),
    ];
    t.match(mediaBudget(40_000, 1_000, log), { lawfulMs: 40_000, beyondMs: 0 });
  },
);

t.test('rule 4: a unit that was given back and whose line a crash has kept from the log gets it, once', async (t) => {
  const rows = new Rows();
  rows.give(2, 1_000);
  const record = await rows.records.insert({
    clientId: 2,
    modelId: 1,
    rateMinor: 120,
    minimumMin: 0,
    tariff: 'per_minute',
    sharePercent: 60,
  });
  const { callId } = record;
  const charge = { callId, clientId: 2, modelId: 1, sharePercent: 60, amountMinor: toMinor(120) };
  for (const unit of [1, 2]) {
    await rows.postCharges([{ ...charge, unit, chargedBeforeMinor: toMinor((unit - 1) * 120) }]);
  }
  await rows.ledger.release({ callId, unit: 2 });
  const meterLog = rows.meterLog();
  const meter: Parameters<typeof releaseUnits>[3]['meter'] = {
    writeLine: (id, kind, billableMs, detail) =>
      meterLog.append({ callId: id, kind, at: new Date(), monoMs: 0, billableMs, detail }),
  };
  const deps = { ledger: rows.ledger, meter, meterLog, log: createLog('silent') };
  for (let tries = 0; tries < 2; tries++) await releaseUnits(record, 2, 2, deps);
  const lines = await meterLog.read(callId);
  t.match(lines, [{ kind: 'released', detail: { unit: 2, amountMinor: 120, transferId: 2, releaseId: 3 } }]);
  t.equal(lines.length, 1);
  t.equal(rows.credit.get(2), 880);
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
    const result = await simulatePeople({ ...PEOPLE_SIM_DEFAULTS, seeds: COVERING_SEEDS, steps: 300 });
    t.same(result.faults, []);
    t.same(result.unmet, [], 'every state, reason, outcome and refusal is met');
    t.ok(result.calls > 300 && result.crashes > 50, `${result.calls} calls, ${result.crashes} crashes`);
  },
);

t.test('a row that nothing would ever move on is found by the sweep, and ends', async (t) => {
  const { found, outcome } = await sweepLostRow();
  t.match(found, [/call 1 stood as ringing and nobody carried it/]);
  t.equal(outcome, 'missed');
});
