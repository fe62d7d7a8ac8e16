import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { ActiveCall } from '../../server/calls/active-call.ts';
import { foundCall } from '../../server/calls/machine.ts';
import { monotonicMs } from '../../server/clock/index.ts';
import { ConnectionQuality } from '../../server/connections/connection-quality.ts';
import type { Probed, ProbedPage } from '../../server/connections/prober.ts';
import {
  type HubMessage,
  type LegCounters,
  type ProbeEvidence,
  type Side,
  toMinor,
} from '../../server/contract/index.ts';
import { CLOCK_FAKES, evidenceOf } from '../receipt/metered-call.ts';
import { callRow } from '../support/call-row.ts';

const CALL = 7;
const CLIENT_PAGE = 20;
const MODEL_PAGE = 10;
const CLIENT_LEG = 2;
const MODEL_LEG = 1;
/** Probes come every two minutes at least. */
const WAIT_S_MAX = 130;
const NOTHING = { bytes: 0, packets: 0, lost: 0 };

const NO_ANSWER = { verdict: 'inconclusive', doubt: 'no_report', kbps: 0 } as const;

const countersOf = (legId: number, { bytes, packets, lost } = NOTHING): LegCounters => ({
  legId,
  callId: CALL,
  packets,
  bytes,
  audio: { packets: 0, bytes: 0, lost: 0, lastPacketMs: null },
  video: { packets, bytes, lost, lastPacketMs: null },
  forwarded: 0,
  held: 0,
  lastPacketMs: null,
  lastForwardedMs: null,
  forwardedMs: 0,
  rttMs: null,
  deliveredKbps: null,
});

/** A live call whose two pages have begun to send, on a clock that the test moves. */
function fixture(t: Test, { slowLinkKbps = 12_000, isMeterOpen = true } = {}) {
  const clock = FakeTimers.install(CLOCK_FAKES);
  t.teardown(() => clock.uninstall());
  // All is well for 90 s from one probe to the next.
  t.intercept(Math, 'random', { value: () => 0.5 });
  const terms = { clientId: 2, modelId: 1, rateMinor: 100, minimumMin: 0, sharePercent: 60 };
  const call = new ActiveCall(callRow(CALL, { ...terms, tariff: 'per_minute' }), foundCall('live'), toMinor(1_000));
  Object.assign(call.legs, { client: CLIENT_LEG, model: MODEL_LEG });
  Object.assign(call.connections, { client: CLIENT_PAGE, model: MODEL_PAGE });
  call.silent.clear();
  const state = { isMeterOpen, model: NOTHING, client: NOTHING };
  const asked: { page: ProbedPage; startedAtMs: number; isDone: boolean; done(probed: Probed): void }[] = [];
  const metered: ProbeEvidence[] = [];
  const rows: { firstMs: number; lastMs: number }[] = [];
  const told: { connectionId: number; message: HubMessage }[] = [];
  const viewOf = (page: number) => told.findLast(({ connectionId }) => connectionId === page)?.message;
  let count = () => {};
  const links = new ConnectionQuality(
    {
      hub: { sendToConnection: (connectionId, message) => void told.push({ connectionId, message }) },
      media: {
        onCounters: (listener) => {
          count = listener;
        },
        countersOfLeg: (legId) => countersOf(legId, legId === call.legs.model ? state.model : state.client),
      },
      meter: {
        isOpen: () => state.isMeterOpen,
        probe: (_callId, evidence) => void metered.push(evidence),
        unanswered: (_callId, row) => void rows.push(row),
      },
      prober: {
        probe: (page) =>
          new Promise((resolve) => {
            const probe = {
              page,
              startedAtMs: monotonicMs(),
              isDone: false,
              done: (probed: Probed) => {
                probe.isDone = true;
                resolve(probed);
              },
            };
            asked.push(probe);
          }),
      },
    },
    { slowLinkKbps, iceServers: () => [] },
  );
  /** The media process counts once a second. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.tickAsync(1_000);
      count();
      await clock.tickAsync(0);
    }
  };
  /** Waits until a probe is under way, and answers it. */
  const answer = async (change: Partial<ProbeEvidence>) => {
    const underWay = () => asked.find(({ isDone }) => !isDone);
    for (let second = 0; !underWay() && second < WAIT_S_MAX; second++) await pass(1);
    const probe = underWay();
    if (!probe) throw new Error('no probe is asked for');
    probe.done({ startedAtMs: probe.startedAtMs, evidence: evidenceOf(change) });
    await clock.tickAsync(0);
    return probe.startedAtMs;
  };
  const report = (side: Side, isVisible?: boolean) =>
    links.reported(call, side, {
      type: 'media.report',
      id: 1,
      legId: side === 'model' ? MODEL_LEG : CLIENT_LEG,
      rttMs: null,
      sent: { width: 640, height: 360, framesPerSecond: 30 },
      received: null,
      ...(isVisible !== undefined && { isVisible }),
    });
  links.started(call);
  return { call, links, state, asked, metered, rows, viewOf, pass, answer, report };
}

t.test('slow link: the meter hears of each probe, one at a time', async (t) => {
  const { asked, metered, pass, answer } = fixture(t);
  await pass(1);
  t.equal(asked.length, 0, 'the first comes when both have begun to send');
  await pass(60);
  t.equal(asked.length, 1, 'none beside one that is under way');
  t.match(asked[0]?.page, { connectionId: MODEL_PAGE, besideLegId: MODEL_LEG });
  asked[0]?.done({ startedAtMs: asked[0].startedAtMs, evidence: evidenceOf({ kbps: 4_000, verdict: 'fail' }) });
  await pass(1);
  t.match(metered, [{ kbps: 4_000 }]);
  await pass(6);
  t.equal(asked.length, 2, 'a failed probe makes the link suspect');
  asked[1]?.done({ startedAtMs: asked[1].startedAtMs, evidence: evidenceOf({}) });
  await answer({});
  await pass(59);
  t.equal(asked.length, 3, 'and when all is well they come rarely');
  t.equal(metered.length, 3);
});

t.test('slow link: 0 as the limit probes nothing', async (t) => {
  const { asked, pass } = fixture(t, { slowLinkKbps: 0 });
  await pass(100);
  t.equal(asked.length, 0);
});

t.test('slow link: loss on the way from the model brings the next probe forward', async (t) => {
  const { asked, state, pass, answer } = fixture(t);
  await answer({});
  await pass(62);
  const before = asked.length;
  for (let second = 1; second <= 8; second++) {
    state.model = { bytes: second * 100_000, packets: second * 100, lost: second * 20 };
    await pass(1);
  }
  t.equal(asked.length, before + 1);
});

t.test('slow link: a new leg is probed soon, whatever was seen of the old one', async (t) => {
  const { call, links, asked, pass, answer } = fixture(t);
  await answer({});
  await pass(10);
  t.equal(asked.length, 1);
  call.legs.model = 9;
  links.started(call);
  await pass(6);
  t.equal(asked.length, 2);
});

t.test('slow link: what an old leg has counted makes no new one suspect', async (t) => {
  const { call, links, state, asked, pass, answer } = fixture(t);
  const send = async (seconds: number) => {
    for (let second = 1; second <= seconds; second++) {
      state.model = { bytes: second * 125_000, packets: second * 100, lost: 0 };
      await pass(1);
    }
  };
  await answer({});
  await send(62);
  call.legs.model = 9;
  links.started(call);
  await send(3);
  t.equal(asked.length, 1);
});

t.test('slow link: the first second of a new leg is not held against the last of the old one', async (t) => {
  const { call, links, state, asked, pass, answer } = fixture(t);
  await answer({});
  await pass(62);
  call.legs.model = 9;
  links.started(call);
  state.model = { bytes: 125_000, packets: 100, lost: 20 };
  await pass(3);
  t.equal(asked.length, 1);
});

t.test('slow link: what was measured in the confirmation counts from the first moment of the meter', async (t) => {
  const { call, links, state, metered, answer } = fixture(t, { isMeterOpen: false });
  for (const kbps of [1_000, 2_000, 3_000, 4_000]) await answer({ kbps, verdict: 'fail' });
  t.same(metered, []);
  state.isMeterOpen = true;
  links.meterStarted(call);
  t.same(
    metered.map(({ kbps }) => kbps),
    [2_000, 3_000, 4_000],
    'the last three',
  );
  links.meterStarted(call);
  t.equal(metered.length, 3, 'once');
});

t.test('slow link: in a suspension, beside a silent model and after the end nothing is probed', async (t) => {
  const { call, links, asked, metered, pass } = fixture(t);
  call.silent.add('model');
  await pass(10);
  call.silent.clear();
  call.facts = foundCall('suspended');
  await pass(10);
  t.equal(asked.length, 0);
  call.facts = foundCall('live');
  await pass(1);
  t.equal(asked.length, 1);
  links.closed(call);
  asked[0]?.done({ startedAtMs: asked[0].startedAtMs, evidence: evidenceOf({}) });
  await pass(200);
  t.same(metered, [], 'one that was under way counts for nothing');
  t.equal(asked.length, 1);
});

t.test('five probes in a row that the page does not answer count as slow, from the first to the last', async (t) => {
  const { rows, metered, answer } = fixture(t);
  const startedAtMs: number[] = [];
  for (let count = 0; count < 4; count++) startedAtMs.push(await answer(NO_ANSWER));
  t.same(rows, []);
  startedAtMs.push(await answer(NO_ANSWER));
  t.same(rows, [{ firstMs: startedAtMs[0], lastMs: startedAtMs[4] }]);
  t.equal(metered.length, 5, 'each is a line of the log as well');
  for (let count = 0; count < 4; count++) await answer(NO_ANSWER);
  t.equal(rows.length, 1, 'the next row begins anew');
  await answer({});
  for (let count = 0; count < 4; count++) await answer(NO_ANSWER);
  t.equal(rows.length, 1, 'an answer ends the row');
});

t.test('a page that says that it is in the background is not held to answer, while it says so', async (t) => {
  const { rows, report, pass, answer } = fixture(t);
  for (let count = 0; count < 5; count++) {
    report('model', false);
    await answer(NO_ANSWER);
  }
  t.same(rows, [], 'in the background');
  await pass(16);
  for (let count = 0; count < 5; count++) await answer(NO_ANSWER);
  t.equal(rows.length, 1, 'what it said a while ago is not believed any more');
});

t.test("a page that says nothing of it, and the client's page in the background, change nothing", async (t) => {
  const { rows, report, answer } = fixture(t);
  for (let count = 0; count < 5; count++) {
    report('model');
    report('client', false);
    await answer(NO_ANSWER);
  }
  t.equal(rows.length, 1);
});

t.test('both read what both connections are like, and no more of an old leg or an old word', async (t) => {
  const { call, links, state, viewOf, report, pass, answer } = fixture(t);
  await answer({ kbps: 14_000 });
  report('model');
  state.client = { bytes: 50_000, packets: 50, lost: 0 };
  for (let second = 1; second <= 4; second++) {
    state.model = { bytes: second * 125_000, packets: second * 90, lost: second * 10 };
    await pass(1);
  }
  const hers = { sendingKbps: 1_000, lossPct: 10, uplinkKbps: 14_000, uplinkVerdict: 'pass', width: 640 };
  t.match(viewOf(CLIENT_PAGE), { type: 'call.connections', them: hers, me: { uplinkKbps: null } });
  t.match(viewOf(MODEL_PAGE), { type: 'call.connections', me: hers });
  await pass(20);
  t.match(viewOf(CLIENT_PAGE), { them: { width: null } }, 'a page that has not spoken for long');
  call.legs.model = 9;
  links.started(call);
  state.model = NOTHING;
  await pass(1);
  state.model = { bytes: 250_000, packets: 200, lost: 0 };
  await pass(4);
  t.match(viewOf(CLIENT_PAGE), { them: { lossPct: null } }, 'nothing came in the last second');
});

t.test('a new leg that begins to count at nothing is no fall of what the old one had counted', async (t) => {
  const { call, state, viewOf, pass } = fixture(t, { slowLinkKbps: 0 });
  state.model = { bytes: 1_000_000, packets: 1_000, lost: 0 };
  await pass(5);
  const before = viewOf(CLIENT_PAGE);
  call.legs.model = 9;
  state.model = NOTHING;
  await pass(1);
  t.same(viewOf(CLIENT_PAGE), before);
});
