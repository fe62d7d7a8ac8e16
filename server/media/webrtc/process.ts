// The WebRTC media process. It runs apart from main, since a fault in the native library ends the
// process without a word that JavaScript could catch. It speaks the control protocol of
// contract/media.ts over the channel that main has opened, and ends when that channel does.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { Compile } from 'typebox/compile';
import { monotonicMs } from '../../clock/index.ts';
import {
  type FromMedia,
  MEDIA_EXIT_BAD_ADDRESS,
  MEDIA_EXIT_PORT_IN_USE,
  type Side,
  ToMedia,
} from '../../contract/index.ts';
import { CallPipe } from './call-pipe.ts';
import { Leg } from './leg.ts';
import { ProbeCounter } from './probe-arrivals.ts';
import { type Carried, processCounters } from './process-counters.ts';
import { withAddress } from './sdp.ts';

/** How often silence is looked for and counters are told. */
const WATCH_MS = 100;
const COUNTERS_MS = 1_000;
/** Main pings every 400 ms; nothing for so long, and it stands still or is gone. */
const MAIN_SILENT_MS = 1_600;
/** Kept of a message that is logged: the rest of a malformed one helps nobody. */
const LOG_TEXT_MAX = 2_000;

const settings = {
  udpPort: Number(process.env.PARLOUR_MEDIA_UDP_PORT),
  bindAddress: process.env.PARLOUR_MEDIA_BIND || undefined,
};

const protocol = Compile(ToMedia);
const pipes = new Map<number, CallPipe>();
const legs = new Map<number, { leg: Leg; pipe: CallPipe }>();
const carried: Carried = { packets: 0, bytes: 0, held: 0 };
let legsOpened = 0;
let publicAddresses: readonly string[] = [];
let lastWordMs = monotonicMs();
let isMainSilent = false;

const tell = (message: FromMedia) => {
  if (process.connected) process.send?.(message);
};
const log = (level: 'info' | 'warn' | 'error', text: string) =>
  tell({ type: 'log', level, text: text.slice(0, LOG_TEXT_MAX) });

/** libdatachannel aborts the process when its port is taken, so the port is tried first. */
async function freeUdpPort(): Promise<number> {
  const socket = dgram.createSocket('udp4');
  try {
    socket.bind(settings.udpPort, settings.bindAddress);
    await once(socket, 'listening');
    return socket.address().port;
  } catch (error) {
    process.stderr.write(`UDP port ${settings.udpPort}: ${(error as Error).message}\n`);
    process.exit(
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? MEDIA_EXIT_PORT_IN_USE : MEDIA_EXIT_BAD_ADDRESS,
    );
  } finally {
    socket.close();
  }
}

const udpPort = await freeUdpPort();
const config = {
  iceServers: [],
  enableIceUdpMux: true,
  portRangeBegin: udpPort,
  portRangeEnd: udpPort,
  ...(settings.bindAddress && { bindAddress: settings.bindAddress }),
};

function addresses(candidates: readonly string[]): string[] {
  const isIpv4Host = (candidate: string) => / typ host/.test(candidate) && !candidate.split(' ')[4]?.includes(':');
  const host = candidates.find(isIpv4Host);
  return host ? [...candidates, ...publicAddresses.map((address) => withAddress(host, address))] : [...candidates];
}

/** @param callId 0: a test of a link, in a pipe of its own that no lease ever opens */
function open(callId: number, legId: number, side: Side): void {
  if (legs.has(legId)) return;
  const pipe = pipes.get(callId) ?? new CallPipe(callId);
  if (callId !== 0) pipes.set(callId, pipe);
  const leg = new Leg(legId, side, pipe, { config, addresses, tell: (news) => tell({ ...news, legId }) });
  const before = pipe.place(leg);
  if (before) closeLeg(before.legId);
  legs.set(legId, { leg, pipe });
  legsOpened += 1;
}

function closeLeg(legId: number): void {
  const entry = legs.get(legId);
  if (!entry) return;
  const { packets, bytes, held } = entry.leg.counters;
  carried.packets += packets;
  carried.bytes += bytes;
  carried.held += held;
  legs.delete(legId);
  entry.pipe.remove(entry.leg);
  if (entry.pipe.isEmpty) pipes.delete(entry.pipe.callId);
  entry.leg.close();
}

function probe({ legId, probeId, measureMs, besideLegId }: Extract<ToMedia, { type: 'probe' }>): void {
  const counter = new ProbeCounter(probeId, measureMs);
  legs.get(legId)?.leg.probe(counter);
  if (besideLegId !== null) legs.get(besideLegId)?.leg.countBeside(counter);
}

function handle(message: ToMedia): void {
  switch (message.type) {
    case 'open':
      return open(message.callId, message.legId, message.side);
    case 'openTest':
      return open(0, message.legId, 'model');
    case 'answer':
      return legs.get(message.legId)?.leg.answer(message.transport);
    case 'candidate':
      return legs.get(message.legId)?.leg.addCandidate(message.candidate);
    case 'lease':
      return pipes.get(message.callId)?.lease(message.untilMs, monotonicMs());
    case 'gate':
      return pipes.get(message.callId)?.gate(message.side, message.isOpen);
    case 'willing':
      return legs.get(message.legId)?.leg.silentByWill(message.isSilentByWill);
    case 'probe':
      return probe(message);
    case 'probeEnd':
      return legs.get(message.legId)?.leg.probeEnd(message.probeId);
    case 'addresses':
      publicAddresses = message.addresses;
      return;
    case 'close':
      return closeLeg(message.legId);
    case 'ping':
      return void tell({ type: 'pong', n: message.n });
  }
}

process.on('message', (message) => {
  heardMain();
  if (!protocol.Check(message)) {
    return log('error', `a message from main does not fit the control protocol: ${JSON.stringify(message)}`);
  }
  try {
    handle(message);
  } catch (error) {
    log('error', `${message.type}: ${(error as Error).message}`);
    if ('legId' in message) tell({ type: 'down', legId: message.legId, why: (error as Error).message });
  }
});

/** A main that stands still changes nothing here: the leases end on time without it. It is only worth a line. */
function watchMain(nowMs: number): void {
  if (isMainSilent || nowMs - lastWordMs <= MAIN_SILENT_MS) return;
  isMainSilent = true;
  process.stderr.write(`main has been silent for ${Math.round(nowMs - lastWordMs)} ms; leases end by themselves\n`);
}

function heardMain(): void {
  const nowMs = monotonicMs();
  if (isMainSilent) log('warn', `main is back after ${Math.round(nowMs - lastWordMs)} ms of silence`);
  isMainSilent = false;
  lastWordMs = nowMs;
}

// Without main there is nobody to ask for: media of the leases that still run goes on until they end.
process.on('disconnect', () => {
  const isAnyOpen = () => [...pipes.values()].some((pipe) => pipe.isOpen(monotonicMs()));
  const timer = setInterval(() => {
    if (isAnyOpen()) return;
    clearInterval(timer);
    process.exit(0);
  }, WATCH_MS);
});
// Ctrl-C in a terminal reaches every process of the group; main ends us in order.
process.on('SIGINT', () => {});

setInterval(() => {
  const nowMs = monotonicMs();
  for (const { leg } of legs.values()) leg.watch(nowMs);
  watchMain(nowMs);
}, WATCH_MS);
setInterval(() => {
  const counters = [...legs.values()].map(({ leg }) => leg.counters);
  tell({ type: 'counters', process: processCounters(counters, legsOpened, carried), legs: counters });
}, COUNTERS_MS);

tell({ type: 'ready', udpPort });
