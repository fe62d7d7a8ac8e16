// The doors of media under wrong input: what pages may say of their transport, and what reaches the media
// process. Every input must be answered, quickly, and the process behind must live.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Compile } from 'typebox/compile';
import { browserAnswer } from '../../server/cli/doctor/media-peer.ts';
import { ERRORS, FromMedia, type HubMessage, TransportDescription, UserError } from '../../server/contract/index.ts';
import { Hub, type MessageHandlers } from '../../server/hub/index.ts';
import { isOwnCandidate, isUsableCandidate, readAnswer } from '../../server/media/index.ts';
import { readReports } from '../../server/media/webrtc/rtcp.ts';
import { isRtp, payloadTypeOf, sendTimeMs, sequenceOf, ssrcOf } from '../../server/media/webrtc/rtp.ts';
import { pipeAnswer } from '../../server/media/webrtc/sdp.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { handlersOf } from '../support/hub-handlers.ts';
import { Random } from './core/random.ts';

export interface FuzzResult {
  readonly inputs: number;
  /** Inputs by what became of them: `ok`, an error code, or a kind of packet. */
  readonly answers: Record<string, number>;
  readonly slowestMs: number;
  readonly faults: string[];
}

const program = path.resolve(import.meta.dirname, '../../dist/server/media-webrtc.mjs');
/** An input that takes longer is a hang. */
const INPUT_MS_MAX = 200;
const PONG_MS_MAX = 1_600;
/** Legs that the fuzzed process has open at once. */
const LEGS = 8;
const FAULTS_MAX = 20;
const PIECES = [
  'a=ice-ufrag:',
  'a=ice-pwd:',
  'a=fingerprint:sha-256 ',
  'a=candidate:',
  'a=setup:active',
  'a=setup:passive',
  'm=video 9 ',
  'm=audio 0 RTP/AVP 0',
  'v=0',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '"',
  '\u2028',
  '�',
  'AB:',
  ' udp ',
  ' typ host',
  '127.0.0.1',
  '::ffff:127.0.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '169.254.169.254',
  '999.1.1.1',
  'x.local',
  '65536',
  '-1',
  '1e9',
];

const VALID = {
  ufrag: 'abcd',
  pwd: '0123456789abcdefghijkl',
  fingerprint: `sha-256 ${Array(32).fill('AB').join(':')}`,
  candidates: ['candidate:1 1 udp 2122260223 192.168.0.7 50000 typ host generation 0'],
};
const SEEDS = {
  sdp: browserAnswer(VALID),
  candidate: VALID.candidates[0] as string,
};

export async function fuzzBoundaries(options: { seed: number; inputs: number }): Promise<FuzzResult> {
  const random = new Random(options.seed);
  const result = { inputs: 0, answers: {} as Record<string, number>, slowestMs: 0, faults: [] as string[] };
  const share = Math.ceil(options.inputs / 4);
  const count = (what: string) => {
    result.inputs += 1;
    result.answers[what] = (result.answers[what] ?? 0) + 1;
  };
  const fault = (text: string) => result.faults.length < FAULTS_MAX && result.faults.push(text);
  const timed = <T>(what: string, act: () => T): T | undefined => {
    const startedMs = performance.now();
    try {
      return act();
    } catch (error) {
      fault(`${what}: ${(error as Error).stack}`);
      return undefined;
    } finally {
      const ms = performance.now() - startedMs;
      result.slowestMs = Math.max(result.slowestMs, ms);
      if (ms > INPUT_MS_MAX) fault(`${what} took ${Math.round(ms)} ms`);
    }
  };
  await fuzzHub(random, share, count, fault);
  fuzzReaders(random, share, count, fault, timed);
  fuzzPackets(random, share, count, timed);
  await fuzzProcess(random, options.inputs - result.inputs, count, fault);
  return result;
}

type Count = (what: string) => void;
type Timed = <T>(what: string, act: () => T) => T | undefined;

/** Messages as a page may send them, through the hub's door to the readers of media. */
async function fuzzHub(random: Random, inputs: number, count: Count, fault: (text: string) => unknown): Promise<void> {
  const codes = new Set(Object.keys(ERRORS));
  const answer = { take: (_: string) => {} };
  const open = () => {
    const hub = new Hub(createLog('silent'), createMetrics());
    const handlers: MessageHandlers = {
      ...handlersOf(async () => undefined),
      'media.answer': async (_, { sdp }) => {
        const read = readAnswer(sdp);
        if (typeof read === 'string') throw new UserError('bad_sdp', read);
        return undefined;
      },
      'media.candidate': async (_, { candidate }) => {
        if (!isOwnCandidate(candidate, '192.168.0.9')) throw new UserError('bad_candidate');
        return undefined;
      },
    };
    hub.handle(handlers);
    const socket = { send: (text: string) => answer.take(text), close: () => {} };
    return {
      hub,
      connection: hub.connect(socket, { personId: 1, role: 'model', session: 's', address: '192.168.0.9' }),
    };
  };
  let { hub, connection } = open();
  for (let n = 0; n < inputs; n++) {
    // A page of its own now and then: the hub limits how much one may send.
    if (n % 100 === 0) ({ hub, connection } = open());
    const messages = [
      { id: 1, type: 'media.answer', legId: 7, sdp: mutate(random, SEEDS.sdp) },
      { id: 1, type: 'media.candidate', legId: 7, candidate: mutate(random, SEEDS.candidate) },
      {
        id: 1,
        type: 'media.probed',
        legId: odd(random),
        probeId: odd(random),
        sentPackets: 1,
        offeredKbps: odd(random),
        heldMs: 0,
        rttMs: null,
      },
      { id: 1, type: 'media.report', legId: 7, rttMs: odd(random), sent: odd(random), received: null },
      { id: 1, type: mutate(random, 'connection.test'), isRelayOnly: odd(random) },
    ];
    const text = JSON.stringify(random.pick(...messages));
    let answered: HubMessage | null = null;
    answer.take = (line) => {
      answered = JSON.parse(line);
    };
    await hub.receive(connection, random.chance(0.2) ? mutate(random, text) : text);
    const got = answered as HubMessage | null;
    if (got?.type === 'ok') count('ok');
    else if (got?.type === 'error' && codes.has(got.error.code)) count(got.error.code);
    else fault(`no answer with a code to ${text}`);
    if (got?.type === 'error' && got.error.code === 'internal') fault(`internal: ${text}`);
  }
}

function fuzzReaders(
  random: Random,
  inputs: number,
  count: Count,
  fault: (text: string) => unknown,
  timed: Timed,
): void {
  const schema = Compile(TransportDescription);
  for (let n = 0; n < inputs; n++) {
    const sdp = mutate(random, SEEDS.sdp);
    const read = timed('readAnswer', () => readAnswer(sdp));
    if (typeof read === 'string') count('bad_sdp');
    else if (read) {
      count('answer taken');
      if (!schema.Check(read)) fault(`an answer was read that the protocol does not take: ${JSON.stringify(read)}`);
      const written = pipeAnswer(read, { video: '0', data: '1' });
      const lines = written.split('\r\n').filter(Boolean);
      if (!lines.every((line) => /^[a-z]=[^\p{Cc}]+$/u.test(line)))
        fault(`a line was let through: ${JSON.stringify(written)}`);
    }
    const candidate = mutate(random, SEEDS.candidate);
    const isOwn = timed('isOwnCandidate', () => isOwnCandidate(candidate, '192.168.0.9'));
    if (isOwn && !isUsableCandidate(candidate)) fault(`taken and not usable: ${candidate}`);
    if (isOwn && !/ (?:10\.|172\.|192\.168\.|100\.|f[cd])/i.test(candidate))
      fault(`a foreign address was taken: ${candidate}`);
  }
}

/** Packets as anybody with a DTLS session may send them. */
function fuzzPackets(random: Random, inputs: number, count: Count, timed: Timed): void {
  for (let n = 0; n < inputs; n++) {
    const packet = Buffer.from(Array.from({ length: random.whole(0, 120) }, () => random.whole(0, 255)));
    if (packet.length > 2 && random.chance(0.8)) packet[0] = random.pick(0x80, 0x81, 0x90, 0x9f, 0xbf);
    if (packet.length > 4 && random.chance(0.5)) packet[1] = random.pick(96, 111, 200, 201, 206);
    timed('packet', () => {
      if (isRtp(packet)) {
        payloadTypeOf(packet);
        sequenceOf(packet);
        ssrcOf(packet);
        sendTimeMs(packet, 2);
      } else readReports(packet);
    });
    count(isRtp(packet) ? 'RTP' : 'RTCP or neither');
  }
}

/** The control protocol of a real media process: wrong messages are refused, odd ones must not end it. */
async function fuzzProcess(
  random: Random,
  inputs: number,
  count: Count,
  fault: (text: string) => unknown,
): Promise<void> {
  const child = fork(program, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, PARLOUR_MEDIA_UDP_PORT: '0', PARLOUR_MEDIA_BIND: '127.0.0.1' },
  });
  const protocol = Compile(FromMedia);
  let ended: string | null = null;
  let ready = false;
  let lastPong = 0;
  let refused = 0;
  child.once('exit', (code, signal) => {
    ended = `${code ?? signal}`;
  });
  child.on('message', (message) => {
    if (!protocol.Check(message))
      return void fault(`it said what the protocol does not know: ${JSON.stringify(message)}`);
    if (message.type === 'ready') ready = true;
    if (message.type === 'pong') lastPong = message.n;
    if (message.type === 'refused' || (message.type === 'log' && message.level === 'error')) refused += 1;
  });
  while (!ready && !ended) await sleep(10);
  const send = (message: unknown) => ended === null && child.connected && child.send(message as object);
  for (let n = 0; n < inputs && ended === null; n++) {
    const legId = random.whole(1, LEGS);
    const transport = {
      ...VALID,
      ufrag: random.chance(0.5) ? VALID.ufrag : mutate(random, VALID.ufrag),
      pwd: random.chance(0.5) ? VALID.pwd : mutate(random, VALID.pwd),
      candidates: [mutate(random, SEEDS.candidate)],
    };
    const messages: unknown[] = [
      { type: 'open', callId: random.whole(1, 4), legId, side: random.pick('client', 'model') },
      { type: 'openTest', legId },
      { type: 'answer', legId, transport: random.chance(0.3) ? VALID : transport },
      { type: 'candidate', legId, candidate: mutate(random, SEEDS.candidate) },
      { type: 'lease', callId: odd(random), untilMs: odd(random) },
      { type: 'gate', callId: 1, side: odd(random), isOpen: odd(random) },
      { type: 'probe', legId, probeId: odd(random), measureMs: odd(random), besideLegId: odd(random) },
      { type: 'probeEnd', legId, probeId: 1 },
      { type: 'addresses', addresses: [mutate(random, '192.0.2.1')] },
      { type: mutate(random, 'close'), legId },
      { type: 'close', legId },
      odd(random),
    ];
    // Opening costs a socket and threads each: rarer than all else.
    const opens = random.chance(0.02);
    send(opens ? random.pick(...messages.slice(0, 2)) : random.pick(...messages.slice(2)));
    count('to the process');
    if (n % 500 !== 499) continue;
    send({ type: 'ping', n });
    const giveUpAtMs = performance.now() + PONG_MS_MAX;
    while (lastPong !== n && ended === null && performance.now() < giveUpAtMs) await sleep(2);
    if (lastPong !== n) fault(`after ${n + 1} messages it does not answer any more`);
  }
  if (ended !== null) fault(`the media process ended: ${ended}`);
  else {
    if (inputs > 500 && refused === 0) fault('it refused nothing');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Something that is not, or may not be, what was asked for. */
function odd(random: Random): unknown {
  return random.pick<unknown>(
    0,
    -1,
    1,
    1.5,
    2 ** 53,
    Number.MAX_VALUE,
    null,
    true,
    '',
    'x',
    [],
    {},
    7,
    'model',
    { legId: 1 },
    [[]],
  );
}

/** A text with some of it cut, doubled, swapped or replaced; sometimes long, seldom whole. */
function mutate(random: Random, text: string): string {
  let out = text;
  for (let left = random.whole(0, 4); left > 0; left--) {
    const at = random.whole(0, out.length);
    const length = random.whole(0, Math.min(40, out.length));
    const kind = random.whole(0, 5);
    if (kind === 0) out = out.slice(0, at) + out.slice(at + length);
    else if (kind === 1) out = out.slice(0, at) + random.pick(...PIECES) + out.slice(at);
    else if (kind === 2) out = out.slice(0, at) + out.slice(at, at + length) + out.slice(at);
    else if (kind === 3) out = out.slice(0, at) + String.fromCharCode(random.whole(0, 0xffff)) + out.slice(at + 1);
    else if (kind === 4) out = out.replace(/\d+/, String(random.pick(0, 65_536, 2 ** 31, 99_999_999_999)));
    else if (random.chance(0.05)) out += random.pick(...PIECES).repeat(random.whole(1, 3_000));
  }
  return out;
}

export function fuzzReport({ inputs, answers, slowestMs, faults }: FuzzResult): string {
  const lines = Object.entries(answers).map(([what, times]) => `  ${what}: ${times}`);
  const verdict = faults.length === 0 ? 'none crashed, none hung, each answered' : `FAULTS:\n${faults.join('\n')}`;
  return [`${inputs} inputs, slowest ${slowestMs.toFixed(1)} ms; ${verdict}`, ...lines].join('\n');
}
