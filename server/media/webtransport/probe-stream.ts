import { PROBE_PAYLOAD_BYTES, PROBE_STREAM_TYPE } from '../../contract/index.ts';
import type {
  WebTransport,
  WebTransportBidirectionalStream,
  WebTransportReceiveStream,
} from './engine/web-transport.ts';

/**
 * The session without the streams that carry bursts: those go to `onBurst`, everything else is moq-lite's. A
 * stream is told by its first byte.
 */
export function withoutBursts(
  transport: WebTransport,
  onBurst: (stream: WebTransportBidirectionalStream, first: Uint8Array) => void,
): WebTransport {
  const incoming = transport.incomingBidirectionalStreams.getReader();
  const others = new ReadableStream<WebTransportBidirectionalStream>({
    start(controller) {
      const sort = async (stream: WebTransportBidirectionalStream) => {
        const reader = stream.readable.getReader();
        const { value, done } = await reader.read();
        if (value?.[0] === PROBE_STREAM_TYPE) {
          reader.releaseLock();
          return onBurst(stream, value.subarray(1));
        }
        controller.enqueue({ writable: stream.writable, readable: putBack(reader, done ? null : value) });
      };
      const run = async () => {
        for (;;) {
          const { value, done } = await incoming.read();
          if (done) return controller.close();
          sort(value).catch(() => {}); // a stream that was reset before it said anything
        }
      };
      run().catch((error) => controller.error(error));
    },
  });
  return {
    ready: transport.ready,
    closed: transport.closed,
    draining: transport.draining,
    reliability: transport.reliability,
    congestionControl: transport.congestionControl,
    protocol: transport.protocol,
    datagrams: transport.datagrams,
    incomingUnidirectionalStreams: transport.incomingUnidirectionalStreams,
    incomingBidirectionalStreams: others as WebTransport['incomingBidirectionalStreams'],
    createUnidirectionalStream: (options) => transport.createUnidirectionalStream(options),
    createBidirectionalStream: (options) => transport.createBidirectionalStream(options),
    getStats: () => transport.getStats(),
    close: (info) => transport.close(info),
  };
}

/** The stream again as it was before its first chunk was read. */
function putBack(reader: ReadableStreamDefaultReader<Uint8Array>, first: Uint8Array | null): WebTransportReceiveStream {
  let held = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (held) {
        controller.enqueue(held);
        held = null;
        return;
      }
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }) as WebTransportReceiveStream;
}

/** Reads a burst in blocks of the size in which the page writes it, until it ends. */
export async function readBurst(
  stream: WebTransportBidirectionalStream,
  first: Uint8Array,
  onBlock: (block: Uint8Array) => void,
): Promise<void> {
  const reader = stream.readable.getReader();
  let rest = first;
  for (;;) {
    while (rest.length >= PROBE_PAYLOAD_BYTES) {
      onBlock(rest.subarray(0, PROBE_PAYLOAD_BYTES));
      rest = rest.subarray(PROBE_PAYLOAD_BYTES);
    }
    const { value, done } = await reader.read();
    if (done) return;
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
  }
}
