import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import { SESSION_MS_MAX, SessionTimers } from '../../server/calls/session-timers.ts';
import { SESSION_CLOSE, sessionPath } from '../../server/contract/index.ts';
import { admit } from '../../server/media/webtransport/admission.ts';
import { PageWords, readCatalog, readFeedback } from '../../server/media/webtransport/catalog-feedback.ts';
import { Downlink } from '../../server/media/webtransport/downlink.ts';
import { QuietLine } from '../../server/media/webtransport/quiet-line.ts';
import { SessionKeys } from '../../server/media/webtransport/session-keys.ts';
import { TrackCounter } from '../../server/media/webtransport/track-counter.ts';
import { BurstPace } from '../../web/src/connection-tests/burst.ts';
import { Holes } from '../../web/src/media/session/holes.ts';
import { PacketOrder } from '../../web/src/media/session/packet-order.ts';
import { Playout } from '../../web/src/media/session/playout.ts';
import { Queueing } from '../../web/src/media/session/queueing.ts';
import { nextRate, PICTURE_BPS_MAX, PICTURE_BPS_MIN, startRate } from '../../web/src/media/session/rate.ts';
import { packRed, readRed } from '../../web/src/media/session/red.ts';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

t.test('a session is awaited until it has come once', async (t) => {
  const clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });
  t.teardown(() => clock.uninstall());
  const timers = new SessionTimers();
  const late: number[] = [];
  for (const legId of [1, 2, 3]) timers.expect(legId, () => late.push(legId));
  clock.tick(1_000);
  timers.forget(2);
  clock.tick(SESSION_MS_MAX - 1_001);
  t.same(late, []);
  clock.tick(1);
  t.same(late, [1, 3], 'what becomes of the second later is no lateness');
  timers.expect(4, () => late.push(4));
  timers.stop();
  clock.tick(10_000);
  t.same(late, [1, 3]);
});

t.test('the door of a session', async (t) => {
  const keys = new SessionKeys();
  const token = keys.make(7, 0);
  const asked = {
    path: sessionPath(7, token),
    authority: 'studio.example:8445',
    origin: 'https://studio.example:8443',
    remoteAddress: '192.0.2.1',
    protocols: ['moq-lite-05'],
  };
  const use = (nowMs: number) => ({ use: (legId: number, given: string) => keys.use(legId, given, nowMs) });
  const verdict = (change: Partial<typeof asked>, nowMs = 0) => admit({ ...asked, ...change }, use(nowMs));
  t.match(verdict({ path: '/' }), { verdict: 'refuse', status: 404 }, 'another path');
  t.match(verdict({ path: `${asked.path}&more` }), { verdict: 'refuse', status: 404 }, 'more in the path');
  t.match(verdict({ protocols: [] }), { verdict: 'refuse', status: 400 }, 'another protocol');
  for (const origin of [null, 'https://elsewhere.example', 'http://studio.example', 'null', 'x'])
    t.match(verdict({ origin: origin as string }), { code: SESSION_CLOSE.badOrigin }, `origin ${origin}`);
  t.match(verdict({ path: sessionPath(8, token) }), { code: SESSION_CLOSE.badToken }, "another leg's token");
  t.match(verdict({ path: sessionPath(7, 'A'.repeat(43)) }), { code: SESSION_CLOSE.badToken }, 'a wrong token');
  t.match(verdict({}), { verdict: 'accept', protocol: 'moq-lite-05' }, 'the wrong ones spoilt nothing');
  t.match(verdict({}), { code: SESSION_CLOSE.badToken }, 'once only');
  const late = keys.make(7, 0);
  t.match(verdict({ path: sessionPath(7, late) }, 20_001), { code: SESSION_CLOSE.badToken }, 'too late');
  t.match(
    admit(
      { ...asked, path: sessionPath(7, keys.make(7, 0)), origin: 'https://localhost:1', authority: '127.0.0.1:2' },
      use(0),
    ),
    { verdict: 'accept' },
    'localhost is this machine',
  );
});

t.test('a line is quiet when nothing comes, and not when we look late', async (t) => {
  const line = new QuietLine();
  t.equal(line.look(100, 50_000), 0);
  t.equal(line.look(100, 50_100), 100);
  t.equal(line.look(100, 50_200), 200);
  t.equal(line.look(100, 55_000), 450, 'what came in our own pause has not been read yet');
  t.equal(line.look(101, 55_100), 0, 'an acknowledgement is enough');
});

t.test('what gets through to a page is known while a queue stands', async (t) => {
  const downlink = new Downlink();
  const look = (queuedBytes: number, atMs: number) => downlink.look({ queuedBytes, deliveryRateKbps: 900 }, atMs);
  for (const [queued, atMs] of [
    [10, 0],
    [10, 100],
    [0, 200],
    [10, 300],
    [10, 400],
  ] as const)
    look(queued, atMs);
  t.equal(downlink.kbps(400), null, 'one big picture is no queue');
  look(10, 500);
  t.equal(downlink.kbps(2_500), 900);
  t.equal(downlink.kbps(2_501), null, 'what was is not what is');
});

t.test('what pages say beside media is read and written anew', async (t) => {
  const catalog = { audio: { codec: 'opus/red', sampleRate: 48_000, numberOfChannels: 1 }, video: { codec: 'vp8' } };
  t.same(readCatalog(bytes(catalog)), bytes(catalog));
  t.equal(readCatalog(bytes({ ...catalog, extra: 1 })), null, 'nothing more passes');
  t.equal(readCatalog(bytes({ ...catalog, video: { codec: 'picture of a cat' } })), null);
  t.equal(readCatalog(bytes('{')), null);
  t.equal(readCatalog(new Uint8Array([0xff, 0xfe])), null, 'no UTF-8');
  t.equal(readCatalog(bytes(`${JSON.stringify(catalog)}${' '.repeat(1_000)}`)), null, 'too long');
  const feedback = { wantsPicture: true, queueMs: null, holes: 0, kbps: 12 };
  t.same(readFeedback(bytes(feedback)), bytes(feedback));
  t.equal(readFeedback(bytes({ ...feedback, kbps: -1 })), null);
  const words = new PageWords();
  const says = (name: 'catalog' | 'feedback', nowMs: number) =>
    words.read(name, bytes(name === 'catalog' ? catalog : feedback), nowMs) !== null;
  for (let n = 0; n < 40; n++) if (!says('feedback', 500)) t.fail(`word ${n + 1} of a second`);
  t.notOk(says('feedback', 500), 'more than forty a second');
  t.ok(says('feedback', 1_501), 'a second later');
  t.ok(says('catalog', 0) && words.catalog);
  for (let n = 1; n < 200; n++) says('catalog', 0);
  t.notOk(says('catalog', 0), 'two hundred catalogs in a call are enough');
});

t.test('what a track has carried: a group of which nothing came is lost until it comes', async (t) => {
  const counter = new TrackCounter();
  for (const sequence of [10, 11, 13]) counter.take(sequence);
  counter.takeFrame(100, 5);
  t.match(counter.counters, { packets: 1, bytes: 100, lost: 1, lastPacketMs: 5 });
  counter.take(12);
  t.equal(counter.counters.lost, 0, 'it was late');
  counter.take(1_000_000);
  t.equal(counter.counters.lost, 0, 'a sender that begins anew has lost nothing');
});

t.test('a queue is what holds up every frame', async (t) => {
  const queueing = new Queueing();
  t.equal(queueing.read(), null, 'nothing came');
  for (const [sent, came] of [
    [0, 1_000],
    [33, 1_033],
  ] as const)
    queueing.take(sent, came);
  t.equal(queueing.read(), 0);
  queueing.take(66, 1_466);
  queueing.take(100, 1_102);
  t.equal(queueing.read(), 2, 'one late frame is a busy machine');
  queueing.take(133, 1_333);
  queueing.take(166, 1_376);
  t.equal(queueing.read(), 200, 'all late are a queue');
});

t.test('the bitrate goes down on a queue, up without, and keeps its bounds', async (t) => {
  let rate = startRate(0);
  const down = nextRate(rate, { queueMs: 400, kbps: 600 }, 1_000);
  t.ok(down.bps < rate.bps && down.bps >= rate.bps / 2);
  t.equal(nextRate(down, { queueMs: 400, kbps: 600 }, 1_250).bps, down.bps, 'the queue gets time to empty');
  t.equal(nextRate(down, { queueMs: null, kbps: 0 }, 5_000), down, 'silence says nothing');
  for (let ms = 1_000; ms < 60_000; ms += 250) rate = nextRate(rate, { queueMs: 0, kbps: 2_000 }, ms);
  t.equal(rate.bps, PICTURE_BPS_MAX);
  for (let ms = 60_000; ms < 120_000; ms += 250) rate = nextRate(rate, { queueMs: 900, kbps: 0 }, ms);
  t.equal(rate.bps, PICTURE_BPS_MIN);
});

t.test('packets are put in order; what is missing is waited for while there is something to play', async (t) => {
  const order = new PacketOrder<string>();
  t.same(order.take(5, 'e', 0, 100), ['e']);
  t.same(order.take(7, 'g', 20, 100), [], 'six is missing');
  t.same(order.take(6, 'f', 40, 100), ['f', 'g']);
  t.same(order.take(6, 'f', 41, 100), [], 'twice');
  t.same(order.take(9, 'i', 60, 100), []);
  t.same(order.take(10, 'j', 200, 100), ['i', 'j'], 'eight is given up');
  t.same(order.take(8, 'h', 201, 100), [], 'and too late then');
  t.same(order.take(90_000, 'z', 210, 100), ['z'], 'a sender that begins anew');
});

t.test('a burst is paced, and says what it offered', async (t) => {
  const order = { legId: 1, probeId: 2, kbps: 8_000, warmUpMs: 100, measureMs: 300 };
  const run = (stepsMs: readonly number[], isFull = false) => {
    const pace = new BurstPace(order, 1_000, 100, 0);
    let nowMs = 0;
    for (let i = 0; !pace.isOver; i++) {
      nowMs += stepsMs[i % stepsMs.length] as number;
      pace.advance(nowMs, isFull);
      if (!isFull) pace.sent(pace.ready);
    }
    return pace.burst;
  };
  // 8 Mbps are a packet of 1 000 bytes each ms.
  t.same(run([4]), { legId: 1, probeId: 2, sentPackets: 400, heldMs: 0, offeredKbps: 8_000 });
  t.same(run([40]).offeredKbps, 8_000, 'a late timer is made up for');
  t.same(run([100, 100, 100, 100]).offeredKbps, 3_840, 'but not a very late one: 48 kB in 100 ms');
  t.same(run([4], true), { legId: 1, probeId: 2, sentPackets: 0, heldMs: 400, offeredKbps: 8_000 }, 'held by the link');
});

t.test('sound carries what went before it once more (RFC 2198)', async (t) => {
  const packet = (capturedMs: number, ...payload: number[]) => ({
    capturedUs: capturedMs * 1_000,
    payload: new Uint8Array(payload),
  });
  const [a, b, c] = [packet(100, 1), packet(120, 2, 2), packet(140, 3, 3, 3)];
  // F and type, 14 bits of time (1 920 and 960 samples), 10 bits of length; then the newest's type.
  const wire = [0xef, 0x1e, 0x00, 0x01, 0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2, 2, 3, 3, 3];
  t.same([...packRed(c, [a, b], 1_000)], wire);
  t.same(readRed(new Uint8Array(wire), 140_000), [a, b, c]);
  t.same(readRed(packRed(c, [], 1_000), 140_000), [c], 'alone');
  t.same(readRed(packRed(c, [packet(-9_000, 9), b], 1_000), 140_000), [b, c], 'what is too old stays out');
  t.same(readRed(packRed(c, [a, b], 14), 140_000), [b, c], 'no more than there is room for');
  t.same(readRed(packRed(c, [a, b], 0), 140_000), [c], 'the newest in any case');
  const long = { ...b, payload: new Uint8Array(1_024) };
  t.same(
    readRed(packRed(c, [a, long], 2_000), 140_000),
    [c],
    'what is too long, and what was before it: no gap is made',
  );
  for (let length = 0; length < wire.length - 3; length++)
    t.same(readRed(new Uint8Array(wire.slice(0, length)), 140_000), [], `cut after ${length} bytes`);
  let seed = 20_261_122;
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from({ length: round % 40 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 24;
    });
    const read = readRed(bytes, 0);
    const total = read.reduce((sum, { payload }) => sum + payload.length, 0);
    if (total > bytes.length) t.fail(`more than there is in ${bytes}`);
  }
});

t.test('holes are what was not there in its turn', async (t) => {
  const holes = new Holes();
  for (const sequence of [7, 8, 11, 10, 12]) holes.take(sequence);
  t.equal(holes.read(), 2, 'nine is missing, and ten came late');
  t.equal(holes.read(), 0);
  for (const sequence of [90_000, 90_001, 3, 4]) holes.take(sequence);
  t.equal(holes.read(), 0, 'a sender that begins anew has lost nothing');
});

t.test('sound is kept back as long as the line needs, and no longer', async (t) => {
  const playout = new Playout();
  t.equal(playout.next(20, 10).speed, 0, 'it begins when there is enough');
  t.equal(playout.next(60, 10).speed, 1);
  for (let ms = 0; ms < 6_000; ms += 10) playout.next(60, 10);
  t.equal(playout.targetMs < 60, true, 'what was never needed is given back');
  const before = playout.targetMs;
  for (let i = 0; i < 10; i++) t.equal(playout.next(0, 10).speed, 0, 'a gap');
  t.equal(playout.gapMs, 100);
  playout.next(50, 10);
  t.ok(playout.targetMs > before && playout.targetMs >= 100, 'the next one like it is bridged');
  t.ok(playout.next(400, 10).speed > 1 || playout.next(400, 10).dropMs > 0, 'a heap is worked off');
  for (let ms = 0; ms < 6_000; ms += 10) playout.next(130, 10);
  t.equal(playout.gapMs, 0, 'gaps are told of for five seconds');
});
