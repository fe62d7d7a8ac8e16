import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { browserAnswer, MediaPeer } from '../../server/cli/doctor/media-peer.ts';
import { monotonicMs } from '../../server/clock/index.ts';
import { UnansweredProbes } from '../../server/connections/unanswered-probes.ts';
import { Uplink } from '../../server/connections/uplink.ts';
import type { LegCounters, ProbeArrivals, ProbeEvidence } from '../../server/contract/index.ts';
import { isOwnCandidate, kindOf, readAnswer } from '../../server/media/answer.ts';
import { ForwardedTime } from '../../server/media/process/forwarded-time.ts';
import { ProbeCounter } from '../../server/media/process/probe-arrivals.ts';
import { iceServersFor, publicAddresses } from '../../server/media/reachability.ts';
import { askStun, readMappedAddress } from '../../server/media/stun.ts';
import { decide, judgeProbe, type ProbeReport } from '../../server/media/verdict.ts';
import { RoundTrip, readReports } from '../../server/media/webrtc/rtcp.ts';
import { sendTimeMs } from '../../server/media/webrtc/rtp.ts';
import { SequenceCounter } from '../../server/media/webrtc/sequence.ts';
import { createJudge, LOOKS_UP } from '../../web/src/media/picture-level.ts';
import { fuzzBoundaries, fuzzReport } from '../sim/boundaries.ts';
import { MediaFixture } from '../support/media-fixture.ts';
import { temporaryFolder } from '../support/store.ts';

const cli = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');
const TRANSPORT = {
  ufrag: 'abcd',
  pwd: '0123456789abcdefghijkl',
  fingerprint: `sha-256 ${Array(32).fill('AB').join(':')}`,
  candidates: ['candidate:1 1 udp 2122260223 192.168.0.7 50000 typ host'],
};
const ANSWER = browserAnswer(TRANSPORT);
const fixture = new MediaFixture();

t.test("a browser's answer is read, and any that is not one is refused with a sentence", async (t) => {
  t.same(readAnswer(ANSWER), TRANSPORT);
  const refused: [string, string][] = [
    ['not SDP at all', 'hello'],
    ['a section is missing', ANSWER.replace(/m=application[\s\S]*/, '')],
    ['the other side is active', ANSWER.replaceAll('setup:active', 'setup:passive')],
    ['two fingerprints', ANSWER.replace('AB:AB', 'AB:AC')],
    ['two users', ANSWER.replace('ice-ufrag:abcd', 'ice-ufrag:wxyz')],
    ['another digest', ANSWER.replaceAll('sha-256', 'sha-1')],
    ['a control character', ANSWER.replace('s=-', 's=\u0001')],
    ['too long', ANSWER + 'a=x\r\n'.repeat(20_000)],
    ['too many lines', ANSWER + 'a=x\r\n'.repeat(1_001)],
  ];
  for (const [what, sdp] of refused) t.type(readAnswer(sdp), 'string', what);
});

t.test('a page may name only addresses where it can be', async (t) => {
  const at = (address: string, port = 50_000) => `candidate:1 1 udp 2122260223 ${address} ${port} typ host`;
  const table: [isTaken: boolean, address: string, from: string][] = [
    [true, '203.0.113.9', '203.0.113.9'],
    [false, '198.51.100.1', '203.0.113.9'],
    [false, '192.168.0.7', '203.0.113.9'],
    [true, '192.168.0.7', '192.168.0.9'],
    [true, '10.1.2.3', '192.168.0.9'],
    [false, '198.51.100.1', '192.168.0.9'],
    [false, '127.0.0.1', '192.168.0.9'],
    [true, '127.0.0.1', '127.0.0.1'],
    [false, '169.254.169.254', '127.0.0.1'],
    [false, '224.0.0.1', '192.168.0.9'],
    [false, '0.0.0.0', '0.0.0.0'],
    [true, 'fd00::5', '192.168.0.9'],
    [false, 'fe80::1', 'fd00::5'],
    [true, '2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    [true, '192.168.0.7', '0000:0000:0000:0000:0000:ffff:c0a8:0009'],
    [false, '::ffff:127.0.0.1', '192.168.0.9'],
    [false, 'abc.local', '192.168.0.9'],
  ];
  for (const [isTaken, address, from] of table)
    t.equal(isOwnCandidate(at(address), from), isTaken, `${address} from ${from}`);
  t.notOk(isOwnCandidate(at('192.168.0.7', 0), '192.168.0.9'), 'port 0');
  t.notOk(isOwnCandidate(at('192.168.0.7', 65_536), '192.168.0.9'), 'port 65536');
  t.equal(kindOf('100.64.0.1'), 'private', 'behind a provider');
});

t.test('ten thousand wrong inputs: none crashes, none hangs, each is answered with a code', async (t) => {
  const seed = Number(process.env.PARLOUR_DOORS_SEED ?? Date.now() % 100_000);
  const result = await fuzzBoundaries({ seed, inputs: 10_000 });
  t.same(result.faults, [], `seed ${seed}\n${fuzzReport(result)}`);
  t.ok((result.answers.bad_sdp ?? 0) > 500 && (result.answers['answer taken'] ?? 0) > 100, 'both ways are taken');
});

const ARRIVALS: ProbeArrivals = {
  probeId: 1,
  receivedPackets: 700,
  indexMax: 730,
  measuredMs: 300,
  probeBytes: 500_000,
  mediaBytes: 25_000,
  peakKbps: 14_100,
  queueMs: 2,
};
const REPORT: ProbeReport = { sentPackets: 730, offeredKbps: 14_000, heldMs: 0, rttMs: 12 };
const judge = (arrivals: Partial<ProbeArrivals>, report: Partial<ProbeReport> = {}) =>
  judgeProbe(new Date(), 12_000, { ...REPORT, ...report }, { ...ARRIVALS, ...arrivals });
const kbps = (rate: number) => ({ probeBytes: (rate * 300) / 8, mediaBytes: 0, peakKbps: rate });

t.test('a probe passes by what came through, and fails only when the link was full', async (t) => {
  t.match(judge({}), { verdict: 'pass', kbps: 14_000, doubt: null });
  t.match(judge(kbps(12_000)), { verdict: 'pass' }, 'at the limit');
  t.match(judge({ ...kbps(11_000), queueMs: 60 }), { verdict: 'fail', kbps: 11_000 });
  t.match(judge({ ...kbps(11_000), queueMs: 2, receivedPackets: 600 }), { verdict: 'fail' }, 'heavy loss');
  t.match(judge({ ...kbps(900), queueMs: 2, receivedPackets: 84, indexMax: 95 }, { sentPackets: 95 }), {
    verdict: 'inconclusive',
    doubt: 'no_queue',
  });
  t.match(judge({ ...kbps(1_900), queueMs: 20 }), { doubt: 'no_queue' }, 'too short a queue for so slow a link');
  t.match(judge({ ...kbps(1_900), queueMs: 90 }), { verdict: 'fail' });
  t.match(judge({ ...kbps(11_000), queueMs: 2 }), { verdict: 'inconclusive', doubt: 'no_queue' });
  t.match(judge({ ...kbps(11_000), queueMs: null }), { verdict: 'inconclusive', doubt: 'no_queue' });
  t.match(judge({ ...kbps(11_000), queueMs: 60 }, { offeredKbps: 12_499 }), {
    verdict: 'inconclusive',
    doubt: 'not_offered',
  });
  t.match(judge({}, { offeredKbps: 12_400 }), { verdict: 'pass' }, 'what came through was offered');
  t.match(judge({ measuredMs: 100 }), { verdict: 'inconclusive', doubt: 'too_few' });
  t.match(judgeProbe(new Date(), 12_000, null, null), { verdict: 'inconclusive', doubt: 'no_report' });
  const rested = judge({ ...kbps(1_000), peakKbps: 6_100, queueMs: 90 });
  t.match(rested, { verdict: 'fail', kbps: 6_100 }, 'the best stretch is what the link carried');
  const bunched = judge({ ...kbps(1_000), peakKbps: 28_000, queueMs: 90 });
  t.match(bunched, { verdict: 'inconclusive', doubt: 'uneven', kbps: 1_000 }, 'what bunched up proves nothing');
});

t.test('two of the last three conclusive probes decide', async (t) => {
  const of = (letters: string) =>
    decide(
      [...letters].map((letter) => {
        const verdict = { p: 'pass', f: 'fail', i: 'inconclusive' }[letter];
        return { verdict } as ProbeEvidence;
      }),
    );
  t.same(['p', 'pf', 'pp', 'ff', 'fip', 'fpif', 'ffpp', 'iii'].map(of), [
    null,
    null,
    'pass',
    'fail',
    null,
    'fail',
    'pass',
    null,
  ]);
});

t.test('probes come rarely, and every 5 s while the link is suspect', async (t) => {
  const at = (uplink: Uplink, startedAtMs: number, verdict: ProbeEvidence['verdict']) => {
    uplink.probed({ verdict, doubt: null }, startedAtMs, startedAtMs + 900);
    return uplink.dueAtMs - startedAtMs;
  };
  const uplink = new Uplink(0, () => 0.5);
  t.equal(uplink.dueAtMs, 1_500, 'soon after the start');
  t.equal(at(uplink, 1_500, 'pass'), 90_000);
  t.equal(at(uplink, 91_500, 'fail'), 5_000);
  t.equal(at(uplink, 96_500, 'fail'), 5_000);
  t.equal(at(uplink, 101_500, 'pass'), 5_000, 'one pass does not clear it');
  t.equal(at(uplink, 106_500, 'pass'), 90_000);
  t.equal(at(uplink, 200_000, 'inconclusive'), 5_000);
  t.equal(at(uplink, 205_000, 'inconclusive'), 5_000);
  t.equal(at(uplink, 210_000, 'inconclusive'), 90_000, 'a page that cannot tell is left alone');
  const unknown = new Uplink(0, () => 0.5);
  for (let n = 1; n < 6; n++) t.equal(at(unknown, n * 20_000, 'inconclusive'), 5_000, 'nothing is known yet');
  t.equal(at(unknown, 120_000, 'inconclusive'), 15_000);
  let last = 0;
  for (let n = 0; n < 12; n++) last = at(uplink, 300_000 + n * 5_000, 'fail');
  t.equal(last, 15_000, 'a link that stays slow is asked less often');
});

t.test('five probes without an answer count as slow, from the first to the last of them', async (t) => {
  const silent: Pick<ProbeEvidence, 'doubt' | 'verdict'> = { verdict: 'inconclusive', doubt: 'no_report' };
  const answered: typeof silent = { verdict: 'inconclusive', doubt: 'too_few' };
  const row = (list: readonly (typeof silent)[], hidden: readonly number[] = []) => {
    const count = new UnansweredProbes();
    return list.map((evidence, index) => count.probed(evidence, index * 5_000, hidden.includes(index)));
  };
  const five = Array.from({ length: 5 }, () => silent);
  t.same(row(five), [null, null, null, null, { firstMs: 0, lastMs: 20_000 }]);
  t.same(row([...five.slice(1), answered, silent]), [null, null, null, null, null, null], 'an answer ends the row');
  t.same(
    row([silent, ...five], [2]).at(-1),
    { firstMs: 0, lastMs: 25_000 },
    'a page in the background cannot answer: that one does not count',
  );
  t.same(row([...five, ...five]).filter(Boolean).length, 2, 'and the next five again');
  const uplink = new Uplink(0, () => 0.5);
  uplink.probed({ verdict: 'pass', doubt: null }, 0, 900);
  const waits = five.map((evidence, index) => {
    uplink.probed(evidence, index * 10_000, index * 10_000 + 900);
    return uplink.dueAtMs - index * 10_000;
  });
  t.same(waits, [5_000, 5_000, 5_000, 5_000, 90_000], 'a page that does not answer is asked again at once');
});

t.test('loss and a falling rate bring the next probe forward, once', async (t) => {
  const counters = (packets: number, lost: number, bytes: number) =>
    ({ packets, bytes, audio: { lost: 0 }, video: { lost } }) as LegCounters;
  const seconds = (
    uplink: Uplink,
    from: number,
    count: number,
    each: { packets: number; lost: number; bytes: number },
  ) => {
    for (let n = 0; n < count; n++) {
      total.packets += each.packets;
      total.lost += each.lost;
      total.bytes += each.bytes;
      uplink.counted(counters(total.packets, total.lost, total.bytes), (from + n) * 1_000);
    }
  };
  const total = { packets: 0, lost: 0, bytes: 0 };
  const uplink = new Uplink(0, () => 1);
  uplink.probed({ verdict: 'pass', doubt: null }, 0, 0);
  const dueAtMs = uplink.dueAtMs;
  seconds(uplink, 61, 10, { packets: 250, lost: 0, bytes: 250_000 });
  t.equal(uplink.dueAtMs, dueAtMs, 'all is well');
  seconds(uplink, 71, 4, { packets: 250, lost: 20, bytes: 250_000 });
  t.ok(uplink.dueAtMs <= 75_000, 'it loses');
  uplink.probed({ verdict: 'pass', doubt: null }, 75_000, 75_000);
  seconds(uplink, 75, 10, { packets: 250, lost: 20, bytes: 250_000 });
  t.equal(uplink.dueAtMs, 75_000 + 120_000, 'a suspicion that was not confirmed rests');
  const other = new Uplink(0, () => 1);
  other.probed({ verdict: 'pass', doubt: null }, 0, 0);
  seconds(other, 61, 20, { packets: 250, lost: 0, bytes: 250_000 });
  seconds(other, 81, 4, { packets: 80, lost: 0, bytes: 60_000 });
  t.ok(other.dueAtMs <= 85_000, 'it sends much less than it did');
});

t.test('1080p is sent once the link has shown that it carries it, and not again soon after it did not', async (t) => {
  const fine = { availableBps: 5_000_000, qualityLimitationReason: 'none', framesPerSecond: 30 };
  const looks = (judge: ReturnType<typeof createJudge>, sending: typeof fine, count: number) =>
    Array.from({ length: count }, () => judge.look(sending)).at(-1);
  const judge = createJudge(1_080);
  t.equal(looks(judge, fine, LOOKS_UP - 1), '720p');
  t.equal(looks(judge, fine, 1), '1080p');
  t.equal(looks(judge, { ...fine, qualityLimitationReason: 'cpu' }, 1), '720p');
  t.equal(looks(judge, fine, LOOKS_UP), '720p', 'once bitten');
  t.equal(looks(judge, fine, 10), '1080p');
  t.equal(looks(createJudge(720), fine, 20), '720p', 'a camera that cannot');
  t.equal(looks(createJudge(1_080), { ...fine, availableBps: 3_000_000 }, 20), '720p', 'a link that cannot');
});

t.test('lost packets are counted by their sequence numbers, late and doubled ones too', async (t) => {
  const step = fc.oneof({ weight: 8, arbitrary: fc.constant('sent') }, { weight: 1, arbitrary: fc.constant('lost') });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 2, maxLength: 400 }),
      fc.integer({ min: 0, max: 65_535 }),
      (steps, first) => {
        const counter = new SequenceCounter();
        const sent = ['sent', ...steps, 'sent'];
        sent.forEach((what, index) => what === 'sent' && counter.take(7, (first + index) & 0xffff));
        return counter.lost === sent.filter((what) => what === 'lost').length;
      },
    ),
  );
  const counter = new SequenceCounter();
  for (const sequence of [65_534, 65_535, 1, 0, 2, 2]) counter.take(7, sequence);
  t.equal(counter.lost, 0, 'out of order round the end, and one doubled');
  counter.take(7, 10);
  t.equal(counter.lost, 7);
  counter.take(8, 30_000);
  t.equal(counter.lost, 7, 'another stream begins anew');
});

t.test('a round trip is the time of an answered report less the time the page kept it', async (t) => {
  const report = Buffer.alloc(28);
  report.set([0x80, 200, 0, 6]);
  report.writeUInt32BE(0xaabbccdd, 10);
  t.same(readReports(report).sent, [0xaabbccdd]);
  const answer = Buffer.alloc(32);
  answer.set([0x81, 201, 0, 7]);
  answer.writeUInt32BE(0xaabbccdd, 24);
  answer.writeUInt32BE(65_536, 28);
  const trip = new RoundTrip();
  trip.passedOn(readReports(report).sent, 5_000);
  trip.answered(readReports(answer).blocks, 6_040);
  t.equal(trip.ms, 40);
  trip.answered([{ lastReport: 1, delayMs: 0 }], 9_000);
  t.equal(trip.ms, 40, 'an answer to what was never sent says nothing');
});

t.test('a queue shows in how long media is under way, on clocks that share no zero', async (t) => {
  const counter = new ProbeCounter(5, 300);
  const packet = (index: number, isMeasured: boolean) => {
    const bytes = Buffer.alloc(1_100);
    bytes[0] = 1;
    bytes[1] = isMeasured ? 1 : 0;
    bytes.writeUInt32BE(5, 4);
    bytes.writeUInt32BE(index, 8);
    return bytes;
  };
  // The page's clock comes round in the middle.
  for (let ms = 0; ms < 600; ms++) {
    const delayMs = ms > 300 ? 50 : 0;
    if ((ms - delayMs) % 20 === 0) counter.takeMedia(100, 1_000 + ms, (63_800 + ms - delayMs) % 64_000);
    if (ms >= 150 && ms < 550) counter.takeProbe(packet(ms - 150, ms >= 250), 1_000 + ms);
  }
  const arrivals = counter.finish();
  t.match(arrivals, { receivedPackets: 400, indexMax: 400, measuredMs: 300 });
  t.ok(Math.abs((arrivals.queueMs ?? 0) - 50) < 1, `${arrivals.queueMs} ms`);
  t.ok(Math.abs((arrivals.probeBytes * 8) / arrivals.measuredMs - 9_656) < 100, 'a packet a millisecond');
  t.ok(Math.abs(arrivals.peakKbps - 9_700) < 200, `${arrivals.peakKbps} at best`);
  const rtp = Buffer.from('9060000100000000000000070bede0000'.padEnd(33, '0').slice(1), 'hex');
  t.equal(sendTimeMs(rtp, 2), null, 'a packet without the extension, or a broken one, says nothing');
});

t.test('a STUN server tells our address; forged answers and silence tell nothing', async (t) => {
  const server = dgram.createSocket('udp4');
  const seen = (request: Buffer, type: number) => {
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0);
    answer.writeUInt16BE(12, 2);
    request.copy(answer, 4, 4, 20);
    answer.writeUInt16BE(type, 20);
    answer.writeUInt16BE(8, 22);
    answer[25] = 1;
    const mask = type === 0x20 ? 0x2112a442 : 0;
    answer.writeUInt16BE(8_444 ^ (mask >>> 16), 26);
    answer.writeUInt32BE((0xcb007109 ^ mask) >>> 0, 28);
    return answer;
  };
  server.on('message', (request, from) => {
    const forged = seen(request, 0x20);
    forged[10] = (forged[10] as number) ^ 1;
    server.send(forged, from.port, from.address);
    server.send(seen(request, 0x20), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  t.same(await askStun(`127.0.0.1:${server.address().port}`), { address: '203.0.113.9', port: 8_444 });
  const { port } = server.address();
  const settings = {
    publicAddress: '',
    stunServer: `127.0.0.1:${port}`,
    turnUrls: [],
    turnSecret: '',
    turnMinutes: 240,
  };
  t.same(await publicAddresses(settings), ['203.0.113.9']);
  t.same(
    await publicAddresses({ ...settings, publicAddress: '198.51.100.4' }),
    ['198.51.100.4'],
    'what is set comes first',
  );
  t.same(await publicAddresses({ ...settings, publicAddress: 'localhost' }), ['127.0.0.1'], 'a name');
  t.same(await publicAddresses({ ...settings, stunServer: '' }), []);
  server.close();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      readMappedAddress(Buffer.from(bytes), Buffer.alloc(12));
      return true;
    }),
  );
  t.same(
    readMappedAddress(
      seen(Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12)]), 1),
      Buffer.alloc(12),
    ),
    {
      address: '203.0.113.9',
      port: 8_444,
    },
  );
});

t.test('pages get TURN servers with credentials of their own that end', async (t) => {
  const settings = {
    publicAddress: '',
    stunServer: '',
    turnUrls: ['turn:turn.example:3478', 'turns:turn.example:5349'],
    turnSecret: 'north',
    turnMinutes: 60,
  };
  const [server] = iceServersFor(settings, 7, 1_700_000_000_000);
  t.same(server?.urls, settings.turnUrls);
  t.equal(server?.username, '1700003600:7');
  t.equal(server?.credential, createHmac('sha1', 'north').update('1700003600:7').digest('base64'));
  t.same(iceServersFor({ ...settings, turnUrls: [] }, 7), []);
});

t.test('the doctor says what is wrong, and its exit code says whether anything is', async (t) => {
  const taken = dgram.createSocket('udp4');
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const data = temporaryFolder('doctor');
  t.teardown(() => fs.rmSync(data, { recursive: true, force: true }));
  const doctor = (environment: Record<string, string>, ...args: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, [cli, 'doctor', 'media', '--json', ...args], {
      env: {
        PATH: process.env.PATH ?? '',
        PARLOUR_DATA: data,
        PARLOUR_FRONT_HOST: '127.0.0.1',
        PARLOUR_FRONT_PORT: '0',
        PARLOUR_MEDIA_UDP_PORT: '0',
        ...environment,
      },
      encoding: 'utf8',
      cwd: data,
    });
    const report = stdout === '' ? null : (JSON.parse(stdout) as { checks: { name: string; verdict: string }[] });
    return {
      status,
      verdictOf: (name: string) => report?.checks.find((check) => check.name.startsWith(name))?.verdict,
    };
  };
  const well = doctor({}, '--seconds', '1', '--mbps', '5');
  t.match([well.status, well.verdictOf('throughput'), well.verdictOf('certificate')], [0, /ok|warn/, 'warn']);
  const port = String(taken.address().port);
  const blocked = doctor({ PARLOUR_MEDIA_UDP_PORT: port, PARLOUR_MEDIA_ADDRESS: '127.0.0.1' }, '--seconds', '0');
  t.match([blocked.status, blocked.verdictOf('UDP port')], [1, 'fail']);
  const turn = { PARLOUR_MEDIA_TURN_URLS: `turn:127.0.0.1:${port}`, PARLOUR_MEDIA_TURN_SECRET: 'x' };
  const mute = doctor(turn, '--seconds', '0');
  t.match([mute.status, mute.verdictOf('TURN')], [1, 'fail'], 'a server that does not answer');
  t.equal(doctor({}, '--mbps', '5000').status, 1, 'a flag out of its range');
  taken.close();
});

// From here on the real process, with peers that are no browsers.
await fixture.control.start();
t.teardown(() => {
  fixture.control.stop();
  // The library's threads would keep this process.
  setTimeout(() => process.exit(), 500);
  fs.rmSync(fixture.data, { recursive: true, force: true });
});

const LAG_STEP_MS = 10;

/** How long this process had to wait for a core: what it supervises is noticed so much later. */
class Lag {
  #lastMs = performance.now();
  #sumMs = 0;
  readonly #timer = setInterval(() => {
    const nowMs = performance.now();
    this.#sumMs += Math.max(0, nowMs - this.#lastMs - LAG_STEP_MS);
    this.#lastMs = nowMs;
  }, LAG_STEP_MS);

  end(): number {
    clearInterval(this.#timer);
    return this.#sumMs;
  }
}

t.test(
  'packets pass while the lease runs and not after, by either direction, and through open gates only',
  async (t) => {
    const { control } = fixture;
    const { model, client } = await fixture.call(1);
    const pump = setInterval(() => {
      model.peer.send(600);
      client.peer.send(600);
    }, 5);
    t.teardown(() => clearInterval(pump));
    await fixture.until(() => control.countersOf(1).every((leg) => leg.held > 10), 'packets that wait for a lease');
    t.equal(client.peer.received + model.peer.received, 0, 'nothing passes without a lease');

    const endsMs = monotonicMs() + 600;
    control.lease(1, endsMs);
    await fixture.until(() => client.peer.received > 20 && model.peer.received > 20, 'packets on the lease');
    const heldOf = () => control.countersOf(1).map(({ held }) => held);
    await fixture.until(() => monotonicMs() > endsMs, 'the end of the lease');
    const before = heldOf();
    await fixture.until(
      () => heldOf().every((held, leg) => held > (before[leg] ?? 0) + 20),
      'packets that are held again',
    );
    // By the clock of the process that forwards: what is late in this one says nothing of it.
    for (const { lastForwardedMs } of control.countersOf(1)) {
      const afterMs = (lastForwardedMs ?? 0) - endsMs;
      t.ok(afterMs <= 1 && afterMs > -600, `the last packet passed ${afterMs.toFixed(1)} ms after the end`);
    }

    control.lease(1, monotonicMs() + 60_000);
    control.gate(1, 'client', false);
    await fixture.until(() => control.countersOf(1).some((leg) => leg.forwarded > 0), 'packets again');
    await sleep(100);
    const shut = { model: model.peer.received, client: client.peer.received };
    await fixture.until(() => client.peer.received > shut.client + 20, "the model's packets");
    t.ok(model.peer.received - shut.model <= 2, "the client's gate is shut");
    control.gate(1, 'client', true);
    await fixture.until(() => model.peer.received > shut.model + 20, "the client's packets");
    control.closeCall(1);
  },
);

t.test('silence is a fault after 2 s, unless the page says twice a second that both are switched off', async (t) => {
  const { control } = fixture;
  const { model, client } = await fixture.call(2);
  const first = setInterval(() => model.peer.send(200), 20);
  await fixture.event(model.legId, 'flowing');
  clearInterval(first);
  const lag = new Lag();
  const silent = await fixture.event(model.legId, 'silent');
  const silentMs = monotonicMs() - silent.sinceMs;
  t.ok(silentMs >= 1_700 && silentMs < 2_600 + lag.end(), `${silentMs} ms`);

  const heart = setInterval(() => control.switches(client.legId, monotonicMs()), 500);
  await fixture.event(client.legId, 'flowing');
  await sleep(2_600);
  t.notOk(
    fixture.events.some((event) => event.legId === client.legId && event.type === 'silent'),
    'as long as it says so',
  );
  clearInterval(heart);
  await fixture.event(client.legId, 'silent');
  control.closeCall(2);
});

t.test('what reached the client is counted to the last packet, however often legs are made anew', async (t) => {
  const { control } = fixture;
  const received: ForwardedTime[] = [];
  for (let time = 0; time < 4; time++) {
    const { model, client } = await fixture.call(5);
    control.lease(5, monotonicMs() + 60_000);
    const ofThis = new ForwardedTime();
    received.push(ofThis);
    client.peer.onPacket = () => ofThis.take(monotonicMs());
    const sending = setInterval(() => model.peer.send(200), 20);
    await fixture.until(() => ofThis.ms > 300, 'packets at the client');
    clearInterval(sending);
  }
  control.openLeg(5, 'model');
  const receivedMs = received.reduce((sum, { ms }) => sum + ms, 0);
  const isNear = () => Math.abs(control.forwardedMs(5, 'model') - receivedMs) < 200;
  await fixture.until(isNear, `${receivedMs} ms to be counted`);
  control.closeCall(5);
  t.equal(control.forwardedMs(5, 'model'), 0);
});

t.test('a page with another certificate than its answer names never gets in', async (t) => {
  const other = Array(32).fill('0F').join(':');
  const { legId, peer } = await fixture.leg(3, 'model', (answer) => answer.replace(/sha-256 \S+/g, `sha-256 ${other}`));
  await sleep(1_500);
  t.notOk(fixture.events.some((event) => event.legId === legId && event.type === 'up'));
  peer.close();
  fixture.control.closeCall(3);
});

/** A socket's buffer holds what comes while its process waits for a core of a busy machine. */
const GARBAGE = 10_000;
const GARBAGE_AT_ONCE = 20;

t.test('a flood of garbage and of foreign RTP on the UDP port disturbs no call', async (t) => {
  const { control } = fixture;
  const { model, client } = await fixture.call(4);
  control.lease(4, monotonicMs() + 60_000);
  let sent = 0;
  const pump = setInterval(() => {
    sent += model.peer.send(1_000) ? 1 : 0;
  }, 5);
  await fixture.until(() => client.peer.received > 50, 'the call');
  const attacker = dgram.createSocket('udp4');
  const shapes = [
    Buffer.alloc(1_200, 0xff),
    Buffer.from([0x80, 96, ...Array(100).fill(7)]),
    Buffer.from([0x16, 0xfe, 0xfd, ...Array(60).fill(0)]),
    Buffer.from([0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, ...Array(20).fill(1)]),
    Buffer.alloc(0),
  ];
  const sentBefore = sent;
  const receivedBefore = client.peer.received;
  for (let floods = 0; floods < GARBAGE; ) {
    for (let n = 0; n < GARBAGE_AT_ONCE; n++)
      attacker.send(shapes[floods++ % shapes.length] as Buffer, control.udpPort, '127.0.0.1');
    await sleep(5);
  }
  attacker.close();
  clearInterval(pump);
  await sleep(1_200); // what is under way, and the counters, which are told once a second
  const received = client.peer.received - receivedBefore;
  t.ok(received > 200 && received >= (sent - sentBefore) * 0.97, `${received} of ${sent - sentBefore} packets passed`);
  t.equal(control.countersOfLeg(client.legId)?.packets, 0, 'none of it was taken for media of the other side');
  control.closeCall(4);
});

t.test(
  'a process that hangs is ended, one that dies is replaced, and its legs are told lost in under 2 s',
  async (t) => {
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      const callId = signal === 'SIGSTOP' ? 5 : 6;
      const { model, client } = await fixture.call(callId);
      const before = fixture.control.pid as number;
      const lag = new Lag();
      const atMs = performance.now();
      process.kill(before, signal);
      await Promise.all([fixture.event(model.legId, 'down'), fixture.event(client.legId, 'down')]);
      const ms = Math.round(performance.now() - atMs);
      t.ok(ms < 2_300 + lag.end(), `${signal}: ${ms} ms`);
      await fixture.until(() => fixture.control.isUp && fixture.control.pid !== before, 'a new process');
      model.peer.close();
      client.peer.close();
      fixture.control.closeCall(callId);
      const again = await fixture.call(callId + 10);
      fixture.control.closeCall(callId + 10);
      again.model.peer.close();
    }
  },
);

t.test('an idle process is replaced when it is used up, and never with a leg in it', async (t) => {
  const worn = new MediaFixture({ legs: 2 });
  await worn.control.start();
  t.teardown(() => worn.control.stop());
  const first = worn.control.pid;
  const { model } = await worn.call(1);
  await sleep(2_500);
  t.equal(worn.control.pid, first, 'not in a call');
  t.match(worn.control.processCounters, { legsOpen: 2, legsOpened: 2 });
  t.ok((worn.control.processCounters?.rssBytes ?? 0) > 1e7);
  worn.control.closeCall(1);
  model.peer.close();
  await worn.until(() => worn.control.isUp && worn.control.pid !== first, 'a fresh process');
  t.equal(worn.control.restartCount, 0, 'it is no fault');
  await worn.call(2);
  worn.control.closeCall(2);
});

t.test('a port that is taken and an address that is not ours are said in a sentence', async (t) => {
  const taken = dgram.createSocket('udp4');
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const blocked = new MediaFixture({}, { udpPort: taken.address().port });
  await t.rejects(blocked.control.start(), { name: 'MediaPortInUse', message: /in use.*media\.udpPort/ });
  taken.close();
  t.ok((await MediaPeer.open(1)).connection, 'the library lives');
});
