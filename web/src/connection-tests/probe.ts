import type { HubMessage, PageRequest } from '@contract/hub.ts';
import {
  CHANNEL_HEARTBEAT,
  CHANNEL_PROBE,
  HEARTBEAT_MS,
  PROBE_BUFFERED_BYTES_MAX,
  PROBE_OVERHEAD_BYTES,
  PROBE_PAYLOAD_BYTES,
  REPORT_MS,
} from '@contract/limits.ts';
import type { Hub } from '~/hub';
import { BURST_QUIET_MS, BURST_TICK_MS, type Burst, BurstPace, warmUpMs } from './burst.ts';
import { withVisibility } from './visibility.ts';
import { wait } from './wait.ts';

// What a page does on a leg besides media: signs of life, bursts that it is asked for, word of its picture.

export type ProbeOrder = Extract<HubMessage, { type: 'media.probe' }>;
type Picture = Extract<PageRequest, { type: 'media.report' }>['sent'];

const WIRE_BYTES = PROBE_PAYLOAD_BYTES + PROBE_OVERHEAD_BYTES;
const OPEN_MS_MAX = 2_000;

/** The leg's channel once it is open; null when that takes too long. It is announced some time after ICE is up. */
async function openSoon(find: () => RTCDataChannel | null): Promise<RTCDataChannel | null> {
  for (let left = OPEN_MS_MAX; left > 0 && find()?.readyState !== 'open'; left -= 50) await wait(50);
  const channel = find();
  return channel?.readyState === 'open' ? channel : null;
}

/** Round trip of the leg as ICE measures it, in ms. */
export async function roundTripMs(pc: RTCPeerConnection): Promise<number | null> {
  for (const report of (await pc.getStats()).values()) {
    if (report.type === 'candidate-pair' && report.nominated && typeof report.currentRoundTripTime === 'number')
      return Math.round(report.currentRoundTripTime * 1000);
  }
  return null;
}

/** Sends a burst over the channel, each packet with its number. */
async function sendBurst(channel: RTCDataChannel, order: ProbeOrder, rttMs: number | null): Promise<Burst> {
  const packet = new Uint8Array(PROBE_PAYLOAD_BYTES);
  const head = new DataView(packet.buffer);
  packet[0] = CHANNEL_PROBE;
  head.setUint32(4, order.probeId);
  const isFull = () => channel.bufferedAmount > PROBE_BUFFERED_BYTES_MAX;
  const pace = new BurstPace(order, WIRE_BYTES, warmUpMs(order, rttMs), performance.now());
  for (; !pace.isOver; await wait(BURST_TICK_MS)) {
    pace.advance(performance.now(), isFull());
    packet[1] = pace.isMeasured ? 1 : 0;
    try {
      while (pace.ready > 0 && !isFull()) {
        head.setUint32(8, pace.sentPackets);
        channel.send(packet);
        pace.sent(1);
      }
    } catch {
      break; // closed in the middle; the appliance knows
    }
  }
  return pace.burst;
}

/** Everything that goes over a leg's data channel, and what is told about it. */
type LegChannel = {
  probe(order: ProbeOrder): Promise<void>;
  close(): void;
};

export function createLegChannel(hub: Hub, pc: RTCPeerConnection, legId: number): LegChannel {
  let channel: RTCDataChannel | null = null;
  const tell = (message: PageRequest) => {
    hub.request(withVisibility(message)).catch(() => {}); // said again by the next; a leg that is gone needs no word
  };
  pc.addEventListener('datachannel', (event) => {
    channel = event.channel;
  });
  const heartbeat = new Uint8Array([CHANNEL_HEARTBEAT]);
  const heartTimer = setInterval(() => {
    if (channel?.readyState === 'open') channel.send(heartbeat);
  }, HEARTBEAT_MS);
  const reportTimer = setInterval(async () => {
    if (pc.connectionState === 'connected') tell({ type: 'media.report', legId, ...(await readPictures(pc)) });
  }, REPORT_MS);

  return {
    async probe(order) {
      const rttMs = await roundTripMs(pc);
      const open = await openSoon(() => channel);
      if (!open) return;
      await wait(BURST_QUIET_MS);
      const done = await sendBurst(open, order, rttMs);
      tell({ type: 'media.probed', ...done, rttMs });
    },
    close() {
      clearInterval(heartTimer);
      clearInterval(reportTimer);
    },
  };
}

async function readPictures(pc: RTCPeerConnection) {
  let sent: Picture = null;
  let received: Picture = null;
  for (const report of (await pc.getStats()).values()) {
    const isVideo = report.kind === 'video' && report.frameWidth !== undefined;
    if (!isVideo || (report.type !== 'outbound-rtp' && report.type !== 'inbound-rtp')) continue;
    const picture = {
      width: report.frameWidth,
      height: report.frameHeight ?? 0,
      framesPerSecond: Math.round(report.framesPerSecond ?? 0),
    };
    if (report.type === 'outbound-rtp') sent = picture;
    else received = picture;
  }
  return { rttMs: await roundTripMs(pc), sent, received };
}
