import http from 'node:http';
import t, { type Test } from 'tap';
import { reportTo, type ServiceManager } from '../../server/cli/service-manager.ts';
import { startWatchPort } from '../../server/front/watch-port.ts';
import type { Readiness } from '../../server/main.ts';
import type { StoreHealth } from '../../server/store/index.ts';
import { createMetrics } from '../../server/telemetry/index.ts';
import { readinessOf, type Watched } from '../../server/wiring/watch.ts';

type Alarms = Awaited<ReturnType<Watched['bookkeeper']['alarms']>>;
const WELL: StoreHealth = { isUp: true, trouble: null };

/** How an appliance says it is, of which so much is up. */
function asked(is: { alarms?: Alarms; up?: readonly string[]; hasWebTransport?: boolean; health?: StoreHealth } = {}) {
  const { alarms = [], up = ['webrtc', 'webtransport'], hasWebTransport = true, health = WELL } = is;
  const store = { health: async () => health };
  const media = {
    isTransportUp: (transport: string) => up.includes(transport),
    udpPortOf: (transport: string) => (transport === 'webrtc' || hasWebTransport ? 8_444 : 0),
  };
  return readinessOf({ store }, { bookkeeper: { alarms: async () => alarms }, media });
}

t.test('an appliance of which everything is up is ready', async (t) => {
  t.same(await asked(), { status: 'ready', faults: {} });
  t.same(await asked({ up: ['webrtc'], hasWebTransport: false }), { status: 'ready', faults: {} });
});

t.test('without database or WebRTC there are no calls: not ready', async (t) => {
  const away: Alarms = [{ code: 'database_down', message: 'The database does not answer.' }];
  t.same(await asked({ alarms: away }), { status: 'not_ready', faults: { database: 'The database does not answer.' } });
  t.match(await asked({ up: ['webtransport'] }), { status: 'not_ready', faults: { media: /WebRTC is down/ } });
});

t.test('what is wrong and keeps no call from being made is said: degraded', async (t) => {
  t.match(await asked({ up: ['webrtc'] }), { status: 'degraded', faults: { webtransport: /go over WebRTC/ } });
  const broken: Alarms = [
    { code: 'ledger_unbalanced', message: 'One.' },
    { code: 'chain_broken', message: 'Two.' },
  ];
  t.same(await asked({ alarms: broken }), { status: 'degraded', faults: { money: 'One. Two.' } });
});

// ---- the port -----------------------------------------------------------------------------------------------------

async function openPort(t: Test, readiness: () => Promise<Readiness>) {
  const port = await startWatchPort(0, { version: '1.2.3', metrics: createMetrics(), readiness });
  t.teardown(() => port.close());
  return async (path: string, host = '127.0.0.1') => {
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) =>
      http.get({ port: port.port, host: '127.0.0.1', path, headers: { host } }, resolve).on('error', reject),
    );
    const body = (await answer.setEncoding('utf8').toArray()).join('');
    return { status: answer.statusCode, body };
  };
}

t.test('the port answers programs of this machine: alive, ready, metrics', async (t) => {
  let status: Readiness['status'] = 'ready';
  const get = await openPort(t, async () => ({ status, faults: {} }));
  t.same(await get('/healthz'), { status: 200, body: '{"status":"alive","version":"1.2.3"}' });
  t.same(await get('/readyz'), { status: 200, body: '{"status":"ready","faults":{}}' });
  status = 'degraded';
  t.match(await get('/readyz'), { status: 200, body: /degraded/ });
  status = 'not_ready';
  t.match(await get('/readyz'), { status: 503, body: /not_ready/ });
  t.match(await get('/metrics'), { status: 200, body: /^parlour_calls_open 0$/m });
  t.match(await get('/api/session'), { status: 404 });
});

t.test('a page whose name was made to lead to this machine reads nothing', async (t) => {
  const get = await openPort(t, async () => ({ status: 'ready', faults: {} }));
  for (const path of ['/healthz', '/readyz', '/metrics'])
    t.match(await get(path, 'rebound.example'), { status: 403, body: '{"status":"not_allowed"}' });
  t.match(await get('/healthz', 'localhost:9464'), { status: 200 });
});

// ---- the service manager ------------------------------------------------------------------------------------------

/** A service manager that writes down what it is told, and a clock that is moved by hand. */
function watchedService(watchdogMs: number | null) {
  const told: string[][] = [];
  const manager: ServiceManager = { watchdogMs, notify: (...words) => void told.push(words) };
  const state = { nowMs: 0, found: { status: 'ready', faults: {} } as Readiness };
  const timers: (() => void)[] = [];
  const stop = reportTo(manager, async () => state.found, {
    now: () => state.nowMs,
    every: (_ms, act) => {
      timers.push(act);
      return () => void timers.splice(0);
    },
  });
  const pass = async (ms: number) => {
    state.nowMs += ms;
    for (const act of timers) act();
    await new Promise(setImmediate);
  };
  return { told, state, pass, stop };
}

t.test('the service manager hears that it is open, that it lives, how it is, and that it stops', async (t) => {
  const { told, state, pass, stop } = watchedService(30_000);
  await pass(0);
  t.same(told.shift(), ['READY=1', 'WATCHDOG=1', 'STATUS=Open']);
  told.splice(0);
  state.found = { status: 'not_ready', faults: { database: 'It is away.' } };
  await pass(600_000);
  t.same(told.splice(0), [['WATCHDOG=1', 'STATUS=No calls now: It is away.']], 'a database comes back without us');
  stop();
  t.same(told, [['STOPPING=1']]);
});

t.test('media that does not come back within a minute ends the signs of life', async (t) => {
  const { told, state, pass, stop } = watchedService(30_000);
  await pass(0);
  told.splice(0);
  state.found = { status: 'not_ready', faults: { media: 'Down.' } };
  await pass(59_999);
  t.match(told.splice(0), [['WATCHDOG=1']]);
  await pass(1);
  t.same(told.splice(0), [['STATUS=No calls now: Down.']]);
  state.found = { status: 'ready', faults: {} };
  await pass(10_000);
  t.match(told, [['WATCHDOG=1']]);
  stop();
});

t.test('who asks for no signs of life gets none', async (t) => {
  const { told, pass, stop } = watchedService(null);
  await pass(0);
  t.same(told[0], ['READY=1', 'STATUS=Open']);
  stop();
});
