import FakeTimers from '@sinonjs/fake-timers';
import t, { type Test } from 'tap';
import { ConnectionTests } from '../../server/connections/connection-tests.ts';
import { Prober } from '../../server/connections/prober.ts';
import type { HubMessage } from '../../server/contract/index.ts';
import type { Connection } from '../../server/hub/index.ts';
import type { LegNotice } from '../../server/media/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { CLOCK_FAKES } from '../receipt/metered-call.ts';

const THRESHOLD_KBPS = 12_000;
/** A page that does not connect is given up after this. */
const CONNECT_MS_MAX = 8_000;
const TESTS_PER_MINUTE_MAX = 30;

/** A prober whose legs the test leads, and the tests of connections beside it. */
function fixture(t: Test) {
  const clock = FakeTimers.install(CLOCK_FAKES);
  t.teardown(() => clock.uninstall());
  const legs = new Map<number, (notice: LegNotice) => void>();
  const bursts: number[] = [];
  const sent: { connectionId: number; message: HubMessage }[] = [];
  let nextLegId = 1;
  const prober = new Prober(
    {
      openTest: (send) => {
        legs.set(nextLegId, send);
        return nextLegId++;
      },
      closeTest: (legId) => void legs.delete(legId),
      probe: (legId) => void bursts.push(legId),
      probeEnd: () => {},
      countersOfLeg: () => null,
    },
    createMetrics(),
    createLog('silent'),
    THRESHOLD_KBPS,
  );
  const hub = {
    sendToConnection: (connectionId: number, message: HubMessage) => void sent.push({ connectionId, message }),
  };
  const tests = new ConnectionTests({ hub, prober }, () => []);
  const page = (personId: number): Connection => ({
    connectionId: personId * 10,
    personId,
    role: 'model',
    session: 's',
    address: '192.168.0.9',
  });
  /** A call's page, by the number of its leg. */
  const callPage = (besideLegId: number) => ({
    connectionId: 7,
    iceServers: [],
    besideLegId,
    send: (message: HubMessage) => void sent.push({ connectionId: 7, message }),
  });
  return { clock, prober, tests, legs, bursts, sent, page, callPage };
}

t.test('tests that a page asks for again and again leave one leg, and no queue behind them', async (t) => {
  const { clock, tests, legs, page } = fixture(t);
  for (let n = 0; n < TESTS_PER_MINUTE_MAX; n++) tests.start(page(1), false);
  await clock.tickAsync(0);
  t.equal(legs.size, 1);
  tests.pageClosed(page(1));
  await clock.tickAsync(0);
  t.equal(legs.size, 0, 'and none when the page is gone');
});

t.test('a person may ask for so many tests in a minute', async (t) => {
  const { clock, tests, page } = fixture(t);
  for (let n = 0; n < TESTS_PER_MINUTE_MAX; n++) tests.start(page(1), false);
  t.throws(() => tests.start(page(1), false), { code: 'too_many_requests' });
  tests.start(page(2), false);
  await clock.tickAsync(60_000);
  tests.start(page(1), false);
});

t.test('a burst of a call never waits for the tests of others', async (t) => {
  const { clock, prober, tests, legs, bursts, page, callPage } = fixture(t);
  for (const personId of [1, 2, 3, 4]) tests.start(page(personId), false);
  await clock.tickAsync(0);
  t.equal(legs.size, 1, 'tests take turns');
  void prober.probe(callPage(90));
  await clock.tickAsync(0);
  const [, callLeg = 0] = [...legs.keys()];
  legs.get(callLeg)?.({ type: 'up', legId: callLeg });
  t.same(bursts, [callLeg]);
});

t.test('a call that waits is asked before a test that waits', async (t) => {
  const { clock, prober, tests, sent, legs, page, callPage } = fixture(t);
  void prober.probe(callPage(90));
  void prober.probe(callPage(91));
  tests.start(page(1), false);
  void prober.probe(callPage(92));
  t.equal(legs.size, 2);
  await clock.tickAsync(CONNECT_MS_MAX);
  for (const [legId, send] of legs) send({ type: 'offer', legId, sdp: `leg ${legId}` });
  const beside = sent.flatMap(({ message }) => (message.type === 'connection.offer' ? [message.besideLegId] : []));
  t.same(beside, [92, null]);
});

t.test('what waits for a leg that is gone is asked no more, and its probe is inconclusive', async (t) => {
  const { prober, legs, callPage } = fixture(t);
  void prober.probe(callPage(90));
  void prober.probe(callPage(91));
  const waiting = prober.probe(callPage(92));
  prober.drop(({ besideLegId }) => besideLegId === 92);
  t.match((await waiting).evidence, { verdict: 'inconclusive', doubt: 'no_report' });
  t.equal(legs.size, 2);
});
