import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../clock/index.ts';
import type { Side } from '../../contract/index.ts';
import { type LegEvent, MediaControl, readAnswer } from '../../media/index.ts';
import { createLog, createMetrics } from '../../telemetry/index.ts';
import { MediaPeer } from './media-peer.ts';

export interface Throughput {
  readonly sentMbps: number;
  readonly receivedMbps: number;
  readonly lossPct: number;
  /** CPU of the media process for a billion bits that passed. */
  readonly cpuSecondsPerGbit: number;
  /** Calls of a picture of 2.5 Mbps each way that one core of this machine carries. */
  readonly callsPerCore: number;
}

const WAIT_MS_MAX = 10_000;
const PACKET_BYTES = 1_200;
const CALL_ID = 1;
const CALL_GBIT_PER_S = (2 * 2.5) / 1_000;
const MARGIN_MS = 1_200;

/** What a media process of this machine passes from one page to another: a real one, with two peers on loopback. */
export async function measureThroughput(
  program: string,
  options: { mbps: number; seconds: number },
): Promise<Throughput> {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-doctor-'));
  const events: LegEvent[] = [];
  const control = new MediaControl(
    { transport: 'webrtc', program, dataDir: data, udpPort: 0, bindAddress: '127.0.0.1' },
    createLog('silent'),
    createMetrics(),
  );
  control.onLeg((event) => events.push(event));
  const event = async <T extends LegEvent['type']>(legId: number, type: T) => {
    for (const giveUpAtMs = performance.now() + WAIT_MS_MAX; performance.now() < giveUpAtMs; await sleep(5)) {
      const found = events.find((one) => one.legId === legId && one.type === type);
      if (found) return found as Extract<LegEvent, { type: T }>;
    }
    throw new Error(`the media process did not say "${type}"`);
  };
  const join = async (side: Side) => {
    const legId = control.openLeg(CALL_ID, side);
    const { sdp } = await event(legId, 'offer');
    const peer = await MediaPeer.open(side === 'model' ? 1 : 2);
    await peer.take({
      sdp,
      answer: (text) => {
        const transport = readAnswer(text);
        if (typeof transport === 'string') throw new Error(transport);
        control.answer(legId, transport);
      },
    });
    peer.addCandidates((await event(legId, 'candidates')).candidates);
    await peer.connected();
    return peer;
  };
  try {
    await control.start();
    const [from, to] = await Promise.all([join('model'), join('client')]);
    control.lease(CALL_ID, monotonicMs() + options.seconds * 1_000 + WAIT_MS_MAX);
    const before = await cpuOf(control);
    const sent = await pump(from, options);
    const after = await cpuOf(control);
    const gbit = (to.receivedBytes * 8) / 1e9;
    const cpuSecondsPerGbit = gbit > 0 ? (after - before) / gbit : Number.POSITIVE_INFINITY;
    const mbps = (packets: number) => Math.round((packets * PACKET_BYTES * 8) / options.seconds / 1e4) / 100;
    return {
      sentMbps: mbps(sent),
      receivedMbps: mbps(to.received),
      lossPct: sent === 0 ? 100 : Math.round(1_000 * (1 - to.received / sent)) / 10,
      cpuSecondsPerGbit: Math.round(cpuSecondsPerGbit * 100) / 100,
      callsPerCore: Math.floor(1 / (cpuSecondsPerGbit * CALL_GBIT_PER_S)),
    };
  } finally {
    control.stop();
    fs.rmSync(data, { recursive: true, force: true });
  }
}

/** The process tells of itself once a second: what it says after that is new. */
async function cpuOf(control: MediaControl): Promise<number> {
  await sleep(MARGIN_MS);
  return control.processCounters?.cpuS ?? 0;
}

async function pump(peer: MediaPeer, { mbps, seconds }: { mbps: number; seconds: number }): Promise<number> {
  const packetsPerMs = (mbps * 1_000) / 8 / PACKET_BYTES;
  const startMs = performance.now();
  let sent = 0;
  for (let nowMs = startMs; nowMs - startMs < seconds * 1_000; nowMs = performance.now()) {
    const due = Math.floor((nowMs - startMs) * packetsPerMs);
    while (sent < due) {
      peer.send(PACKET_BYTES);
      sent += 1;
    }
    await sleep(1);
  }
  return sent;
}
