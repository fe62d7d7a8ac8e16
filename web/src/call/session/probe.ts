import type { HubMessage, PageRequest } from '@contract/hub.ts';
import { PROBE_PAYLOAD_BYTES } from '@contract/limits.ts';
import { PROBE_STREAM_OVERHEAD_BYTES, PROBE_STREAM_TYPE } from '@contract/media-tracks.ts';

type ProbeOrder = Extract<HubMessage, { type: 'media.probe' }>;
type Probed = Omit<Extract<PageRequest, { type: 'media.probed' }>, 'type' | 'rttMs'>;

const WIRE_BYTES = PROBE_PAYLOAD_BYTES + PROBE_STREAM_OVERHEAD_BYTES;
/** Timers of a page come every 4 ms at best. */
const TICK_MS = 2;
/** What may be made up for after a late timer; more would be a burst of its own, and was not offered. */
const CREDIT_BYTES_MAX = 48_000;
/** Before the burst, media alone: its usual delay is what a queue is told by. */
const QUIET_MS = 250;
/** Where the way is long, the congestion window takes longer to open. */
const WARM_UP_ROUND_TRIPS = 8;
const WARM_UP_MS_MAX = 1_200;
/** Below every track: media goes first. */
const SEND_ORDER = -Number.MAX_SAFE_INTEGER;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Sends a burst over a stream of the session, paced as a data channel's is: first to warm up, then the part that
 * is measured, in numbered blocks. It holds while the stream is full.
 */
export async function sendBurst(transport: WebTransport, order: ProbeOrder, rttMs: number | null): Promise<Probed> {
  const stream = await transport.createBidirectionalStream({ sendOrder: SEND_ORDER } as WebTransportSendStreamOptions);
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => {}); // cut in the middle: the appliance counts what came
  await writer.write(new Uint8Array([PROBE_STREAM_TYPE]));
  await wait(QUIET_MS);
  const warmUpMs = Math.min(WARM_UP_MS_MAX, order.warmUpMs + WARM_UP_ROUND_TRIPS * (rttMs ?? 0));
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
  for (let nowMs = startedMs; nowMs < endsMs; nowMs = performance.now()) {
    const isMeasured = nowMs >= measuredFromMs;
    const earned = (nowMs - lastMs) * bytesPerMs;
    const isFull = (writer.desiredSize ?? 1) <= 0;
    if (isFull) heldMs += nowMs - lastMs;
    credit = Math.min(credit + earned, CREDIT_BYTES_MAX);
    if (isMeasured) {
      due += earned;
      // What a full stream does not take was offered; what a late timer cannot make up for was not.
      missed += Math.max(0, earned - CREDIT_BYTES_MAX);
    }
    lastMs = nowMs;
    const blocks = isFull ? 0 : Math.floor(credit / WIRE_BYTES);
    if (blocks > 0) {
      credit -= blocks * WIRE_BYTES;
      writer.write(makeBlocks(order.probeId, sentPackets, blocks, isMeasured)).catch(() => {});
      sentPackets += blocks;
    }
    await wait(TICK_MS);
  }
  // What still waits here is of no use to anybody.
  void writer.abort().catch(() => {});
  const offeredKbps = due === 0 ? 0 : Math.round(order.kbps * (1 - missed / due));
  return { legId: order.legId, probeId: order.probeId, sentPackets, heldMs: Math.round(heldMs), offeredKbps };
}

function makeBlocks(probeId: number, first: number, count: number, isMeasured: boolean): Uint8Array {
  const blocks = new Uint8Array(count * PROBE_PAYLOAD_BYTES);
  const view = new DataView(blocks.buffer);
  for (let i = 0; i < count; i++) {
    const at = i * PROBE_PAYLOAD_BYTES;
    blocks[at + 1] = isMeasured ? 1 : 0;
    view.setUint32(at + 4, probeId);
    view.setUint32(at + 8, first + i);
  }
  return blocks;
}
