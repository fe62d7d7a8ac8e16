// What passes through the media process and what that takes, beside werift and Janus with the same
// generator in the same run: CPU for a gigabit, packets a second of one core, added delay, the cut.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../server/clock/index.ts';
import type { Bench } from '../bench.ts';
import { measureGlass } from './glass.ts';
import { janusRelay, noRelay, parlourRelay, type Relay, SSRC, weriftRelay } from './relays.ts';

const PACKET_BYTES = 1_200;
const LOAD_PPS = 20_000;
const DELAY_PPS = 1_000;
const SECONDS = { quick: 3, full: 8 };
const CUT_ROUNDS = { quick: 5, full: 20 };
/** USER_HZ of Linux. */
const TICKS_PER_S = 100;
const STAMP_AT = 16;

interface Load {
  readonly sent: number;
  readonly received: number;
  readonly lossPct: number;
  readonly cores: number | null;
  readonly cpuSecondsPerGbit: number | null;
  /** What one core would carry at this cost a packet. */
  readonly packetsPerCore: number | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const mediaBench: Bench = {
  says: 'the media process: CPU a gigabit, packets a core, added delay, cut-off, beside werift and Janus; glass to glass over both transports',
  async run({ isQuick, say }) {
    const seconds = isQuick ? SECONDS.quick : SECONDS.full;
    const direct = await withRelay(await noRelay(), (relay) => measure(relay, DELAY_PPS, seconds));
    const figures: Record<string, unknown> = { direct };
    say(`nothing between: delay p50 ${ms(direct.p50Ms)}, p99 ${ms(direct.p99Ms)}`);
    const cost: Record<string, number | null> = {};
    const added: Record<string, number | null> = {};
    let cutMs: number | null = null;
    for (const open of [parlourRelay, weriftRelay, janusRelay]) {
      const relay = await open();
      if (typeof relay === 'string') {
        say(`${relay}: skipped`);
        continue;
      }
      const quiet = await measure(relay, DELAY_PPS, seconds);
      const load = await measure(relay, LOAD_PPS, seconds);
      figures[relay.name] = { quiet, load };
      cost[relay.name] = load.cpuSecondsPerGbit;
      added[relay.name] = quiet.p99Ms - direct.p99Ms;
      say(
        `${relay.name}: ${load.cpuSecondsPerGbit?.toFixed(2)} s of CPU a gigabit at ${Math.round(load.received / seconds)} packets/s (${load.lossPct} % lost), ` +
          `${load.packetsPerCore} packets/s a core; added delay p50 ${ms(quiet.p50Ms - direct.p50Ms)}, p99 ${ms(quiet.p99Ms - direct.p99Ms)} at ${DELAY_PPS}/s`,
      );
      if ('fixture' in relay) {
        const cuts = await measureCuts(
          relay as Awaited<ReturnType<typeof parlourRelay>>,
          isQuick ? CUT_ROUNDS.quick : CUT_ROUNDS.full,
        );
        cutMs = Math.max(...cuts);
        figures.cuts = cuts;
        say(`the last packet after the end of a lease: at most ${ms(cutMs)} of ${cuts.length} rounds`);
      }
      relay.close();
    }
    const glass = await measureGlass(isQuick, say);
    figures.glass = glass;
    const { webrtc, webtransport } = glass;
    const ratio = (a: number | null | undefined, b: number | null | undefined) => (a && b ? a / b : null);
    return {
      figures,
      goals: [
        { says: "of Janus's CPU a gigabit", measured: ratio(cost.Parlour, cost.Janus), atMost: 1.1 },
        { says: "times less CPU a gigabit than werift's", measured: ratio(cost.werift, cost.Parlour), atLeast: 2.5 },
        { says: 'ms added at p99', measured: added.Parlour ?? null, atMost: 2 },
        { says: 'ms from the end of a lease to the last packet', measured: cutMs, atMost: 250 },
        {
          says: 'ms from glass to glass over WebTransport (p50)',
          measured: webtransport.glassToGlassMs.p50,
          atMost: 150,
        },
        {
          says: "of WebRTC's glass to glass (p50)",
          measured: ratio(webtransport.glassToGlassMs.p50, webrtc.glassToGlassMs.p50),
          atMost: 1.5,
        },
        {
          says: "of WebRTC's time to the first picture (p50)",
          measured: ratio(webtransport.firstPictureMs.p50, webrtc.firstPictureMs.p50),
          atMost: 1,
        },
      ],
    };
  },
};

const ms = (value: number): string => `${value.toFixed(2)} ms`;

async function withRelay<T>(relay: Relay, act: (relay: Relay) => Promise<T>): Promise<T> {
  try {
    return await act(relay);
  } finally {
    relay.close();
  }
}

async function measure(relay: Relay, pps: number, seconds: number): Promise<Load> {
  const delays: number[] = [];
  let received = 0;
  relay.onPacket((packet) => {
    if (packet.length < PACKET_BYTES) return; // reports
    received += 1;
    delays.push(Number(process.hrtime.bigint() - packet.readBigUInt64BE(STAMP_AT)) / 1e6);
  });
  await pump(relay, pps, 0.5); // the way warms up
  await sleep(300);
  received = 0;
  delays.length = 0;
  const cpuBefore = cpuOf(relay.pid);
  const sent = await pump(relay, pps, seconds);
  await sleep(500);
  const cpuS = relay.pid === null ? null : cpuOf(relay.pid) - cpuBefore;
  const gbit = (received * PACKET_BYTES * 8) / 1e9;
  delays.sort((a, b) => a - b);
  const at = (part: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? Number.NaN;
  return {
    sent,
    received,
    lossPct: Math.round(1_000 * (1 - received / sent)) / 10,
    cores: cpuS === null ? null : cpuS / seconds,
    cpuSecondsPerGbit: cpuS === null || gbit === 0 ? null : cpuS / gbit,
    packetsPerCore: cpuS === null || cpuS === 0 ? null : Math.round(received / cpuS),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

let sequence = 1;

async function pump(relay: Relay, pps: number, seconds: number): Promise<number> {
  const packet = Buffer.alloc(PACKET_BYTES, 7);
  packet[0] = 0x80;
  packet[1] = 96;
  packet.writeUInt32BE(SSRC, 8);
  const startMs = performance.now();
  let sent = 0;
  for (let nowMs = startMs; nowMs - startMs < seconds * 1_000; nowMs = performance.now()) {
    const due = Math.floor(((nowMs - startMs) / 1_000) * pps);
    while (sent < due) {
      sequence = (sequence + 1) & 0xffff;
      packet.writeUInt16BE(sequence, 2);
      packet.writeUInt32BE(Math.floor(nowMs * 90) >>> 0, 4);
      packet.writeBigUInt64BE(process.hrtime.bigint(), STAMP_AT);
      relay.send(packet);
      sent += 1;
    }
    await sleep(1);
  }
  return sent;
}

/** From the end of the lease to the last packet that came, for each round. */
async function measureCuts(
  { fixture, ...relay }: Awaited<ReturnType<typeof parlourRelay>>,
  rounds: number,
): Promise<number[]> {
  const cuts: number[] = [];
  let lastMs = 0;
  relay.onPacket(() => {
    lastMs = monotonicMs();
  });
  for (let round = 0; round < rounds; round++) {
    const endsMs = monotonicMs() + 200;
    fixture.control.lease(1, endsMs);
    await pump({ ...relay }, DELAY_PPS, 0.5);
    await sleep(100);
    cuts.push(Math.max(0, lastMs - endsMs));
  }
  return cuts;
}

/** Of all threads of a process, in seconds. */
function cpuOf(pid: number | null): number {
  if (pid === null) return 0;
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}
