import { PROBE_PAYLOAD_BYTES } from '@contract/limits.ts';
import { PROBE_STREAM_OVERHEAD_BYTES, PROBE_STREAM_TYPE } from '@contract/media-tracks.ts';
import {
  BURST_QUIET_MS,
  BURST_TICK_MS,
  type Burst,
  BurstPace,
  type ProbeOrder,
  wait,
  warmUpMs,
} from '~/connection-tests';

const WIRE_BYTES = PROBE_PAYLOAD_BYTES + PROBE_STREAM_OVERHEAD_BYTES;
/** Below every track: media goes first. */
const SEND_ORDER = -Number.MAX_SAFE_INTEGER;

/** Sends a burst over a stream of the session, in numbered blocks. */
export async function sendBurst(transport: WebTransport, order: ProbeOrder, rttMs: number | null): Promise<Burst> {
  const stream = await transport.createBidirectionalStream({ sendOrder: SEND_ORDER } as WebTransportSendStreamOptions);
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => {}); // cut in the middle: the appliance counts what came
  await writer.write(new Uint8Array([PROBE_STREAM_TYPE]));
  await wait(BURST_QUIET_MS);
  const pace = new BurstPace(order, WIRE_BYTES, warmUpMs(order, rttMs), performance.now());
  for (; !pace.isOver; await wait(BURST_TICK_MS)) {
    const isFull = (writer.desiredSize ?? 1) <= 0;
    pace.advance(performance.now(), isFull);
    const blocks = isFull ? 0 : pace.ready;
    if (blocks === 0) continue;
    writer.write(makeBlocks(order.probeId, pace.sentPackets, blocks, pace.isMeasured)).catch(() => {});
    pace.sent(blocks);
  }
  // What still waits here is of no use to anybody.
  void writer.abort().catch(() => {});
  return pace.burst;
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
