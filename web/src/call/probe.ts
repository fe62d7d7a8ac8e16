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

// What a page does on a leg besides media: signs of life, bursts that it is asked for, word of its picture.

export type ProbeOrder = Extract<HubMessage, { type: 'media.probe' }>;
type Probed = Extract<PageRequest, { type: 'media.probed' }>;
type Picture = Extract<PageRequest, { type: 'media.report' }>['sent'];

const WIRE_BYTES = PROBE_PAYLOAD_BYTES + PROBE_OVERHEAD_BYTES;
/** Timers of a page come every 4 ms at best. */
const TICK_MS = 2;
/** What may be made up for after a late timer; more would be a burst of its own, and was not offered. */
const CREDIT_BYTES_MAX = 48_000;
/** Before the burst, media alone: its usual delay is what a queue is told by. */
const QUIET_MS = 250;
/** Where the way is long, the channel's window takes longer to open. */
const WARM_UP_ROUND_TRIPS = 8;
const WARM_UP_MS_MAX = 1_200;
const OPEN_MS_MAX = 2_000;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

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

/**
 * Sends a burst: first to warm up, then the part that is measured, each packet with its number. It holds
 * while the channel is full. `offeredKbps` is what it sent or had ready while the channel was full; time in
 * which this page itself was late counts as not offered.
 */
export function sendBurst(
  channel: RTCDataChannel,
  order: ProbeOrder,
  warmUpMs: number,
): Promise<Omit<Probed, 'type' | 'rttMs'>> {
  const packet = new Uint8Array(PROBE_PAYLOAD_BYTES);
  const head = new DataView(packet.buffer);
  packet[0] = CHANNEL_PROBE;
  head.setUint32(4, order.probeId);
  const bytesPerMs = order.kbps / 8;
  const startedMs = performance.now();
  const measuredFromMs = startedMs + warmUpMs;
  const endsMs = measuredFromMs + order.measureMs;
  let sentPackets = 0;
  let heldMs = 0;
  let credit = 0;
  /** Of the measured part: what should have been ready to go, and what was not. */
  let due = 0;
  let missed = 0;
  let lastMs = startedMs;

  return new Promise((resolve) => {
    const finish = () =>
      resolve({
        legId: order.legId,
        probeId: order.probeId,
        sentPackets,
        heldMs: Math.round(heldMs),
        offeredKbps: due === 0 ? 0 : Math.round(order.kbps * (1 - missed / due)),
      });
    const tick = () => {
      const nowMs = performance.now();
      const isMeasured = nowMs >= measuredFromMs;
      const earned = (nowMs - lastMs) * bytesPerMs;
      const isFull = channel.bufferedAmount > PROBE_BUFFERED_BYTES_MAX;
      if (isFull) heldMs += nowMs - lastMs;
      credit += earned;
      credit = Math.min(credit, CREDIT_BYTES_MAX);
      if (isMeasured) {
        due += earned;
        // What a full channel does not take was offered; what a late timer cannot make up for was not.
        missed += Math.max(0, earned - CREDIT_BYTES_MAX);
      }
      lastMs = nowMs;
      packet[1] = isMeasured ? 1 : 0;
      try {
        while (credit >= WIRE_BYTES && channel.bufferedAmount <= PROBE_BUFFERED_BYTES_MAX) {
          head.setUint32(8, sentPackets);
          channel.send(packet);
          sentPackets += 1;
          credit -= WIRE_BYTES;
        }
      } catch {
        return finish(); // closed in the middle; the appliance knows
      }
      if (nowMs < endsMs) setTimeout(tick, TICK_MS);
      else finish();
    };
    tick();
  });
}

/** Everything that goes over a leg's data channel, and what is told about it. */
export type LegChannel = {
  probe(order: ProbeOrder): Promise<void>;
  close(): void;
};

export function createLegChannel(hub: Hub, pc: RTCPeerConnection, legId: number): LegChannel {
  let channel: RTCDataChannel | null = null;
  const tell = (message: PageRequest) => {
    hub.request(message).catch(() => {}); // said again by the next; a leg that is gone needs no word
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
      await wait(QUIET_MS);
      const warmUpMs = Math.min(WARM_UP_MS_MAX, order.warmUpMs + WARM_UP_ROUND_TRIPS * (rttMs ?? 0));
      const done = await sendBurst(open, order, warmUpMs);
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
