// The WebRTC media process. It runs apart from main, since a fault in the native library ends the
// process without a word that JavaScript could catch. It speaks the control protocol of
// contract/media.ts over the channel that main has opened, and ends when that channel does.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { Compile } from 'typebox/compile';
import { monotonicMs } from '../../clock/index.ts';
import { type FromMedia, MEDIA_EXIT_PORT_IN_USE, ToMedia } from '../../contract/index.ts';
import { CallPipe } from './call-pipe.ts';
import { Leg } from './leg.ts';
import { withAddress } from './sdp.ts';

/** How often silence is looked for and counters are told. */
const WATCH_MS = 100;
const COUNTERS_MS = 1_000;

const settings = {
  udpPort: Number(process.env.PARLOUR_MEDIA_UDP_PORT),
  bindAddress: process.env.PARLOUR_MEDIA_BIND || undefined,
  publicAddress: process.env.PARLOUR_MEDIA_PUBLIC || undefined,
};

const protocol = Compile(ToMedia);
const pipes = new Map<number, CallPipe>();
const legs = new Map<number, { leg: Leg; pipe: CallPipe }>();
const tell = (message: FromMedia) => process.send?.(message);

/** libdatachannel aborts the process when its port is taken, so the port is tried first. */
async function freeUdpPort(): Promise<number> {
  const socket = dgram.createSocket('udp4');
  try {
    socket.bind(settings.udpPort, settings.bindAddress);
    await once(socket, 'listening');
    return socket.address().port;
  } catch (error) {
    process.stderr.write(`UDP port ${settings.udpPort}: ${(error as Error).message}\n`);
    process.exit(MEDIA_EXIT_PORT_IN_USE);
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
  const { publicAddress } = settings;
  const isIpv4Host = (candidate: string) => / typ host/.test(candidate) && !candidate.split(' ')[4]?.includes(':');
  const outside = publicAddress ? candidates.filter(isIpv4Host).slice(0, 1) : [];
  return [...candidates, ...outside.map((candidate) => withAddress(candidate, publicAddress as string))];
}

function open(callId: number, legId: number, side: string): void {
  if (legs.has(legId)) return;
  const pipe = pipes.get(callId) ?? new CallPipe(callId);
  pipes.set(callId, pipe);
  const leg = new Leg(legId, side, pipe, { config, addresses, tell: (news) => tell({ ...news, legId }) });
  const before = pipe.place(leg);
  if (before) closeLeg(before.legId);
  legs.set(legId, { leg, pipe });
}

function closeLeg(legId: number): void {
  const entry = legs.get(legId);
  if (!entry) return;
  legs.delete(legId);
  entry.pipe.remove(entry.leg);
  if (entry.pipe.isEmpty) pipes.delete(entry.pipe.callId);
  entry.leg.close();
}

function handle(message: ToMedia): void {
  switch (message.type) {
    case 'open':
      return open(message.callId, message.legId, message.side);
    case 'answer':
      return legs.get(message.legId)?.leg.answer(message.sdp);
    case 'candidate':
      return legs.get(message.legId)?.leg.addCandidate(message.candidate);
    case 'lease':
      return pipes.get(message.callId)?.lease(message.untilMs, monotonicMs());
    case 'close':
      return closeLeg(message.legId);
    case 'ping':
      return void tell({ type: 'pong', n: message.n });
  }
}

process.on('message', (message) => {
  if (!protocol.Check(message)) {
    process.stderr.write('a message from main does not fit the control protocol\n');
    return;
  }
  try {
    handle(message);
  } catch (error) {
    process.stderr.write(`${message.type}: ${(error as Error).message}\n`);
    if ('legId' in message) tell({ type: 'down', legId: message.legId, why: (error as Error).message });
  }
});

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
}, WATCH_MS);
setInterval(() => {
  if (process.connected) tell({ type: 'counters', legs: [...legs.values()].map(({ leg }) => leg.counters) });
}, COUNTERS_MS);

tell({ type: 'ready', udpPort });
