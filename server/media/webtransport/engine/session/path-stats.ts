import type { PathStats } from '../engine.ts';
import type { QuicConnection } from '../quic/connection.ts';
import type { WebTransportStats } from '../web-transport.ts';

const BITS_PER_BYTE = 8;

/** What quiche counts of each address that the peer has come from, as one. */
function totals(quic: QuicConnection) {
  const paths = quic.native.pathStats();
  const sum = (pick: (path: (typeof paths)[number]) => number) => paths.reduce((total, path) => total + pick(path), 0);
  return { active: paths.find((path) => path.active) ?? paths[0], sum };
}

export function pathStatsOf(quic: QuicConnection): PathStats {
  const { active, sum } = totals(quic);
  return {
    rttMs: active && active.recv > 0 ? active.rtt : null,
    deliveryRateKbps: Math.round(((active?.deliveryRate ?? 0) * BITS_PER_BYTE) / 1_000),
    bytesReceived: sum((path) => path.recvBytes),
    bytesSent: sum((path) => path.sentBytes),
    packetsLost: sum((path) => path.lost),
    queuedBytes: quic.streams.budget.bytes,
  };
}

export function webTransportStatsOf(quic: QuicConnection): WebTransportStats {
  const { active, sum } = totals(quic);
  return {
    smoothedRtt: active && active.recv > 0 ? active.rtt : undefined,
    estimatedSendRate: active?.deliveryRate ? active.deliveryRate * BITS_PER_BYTE : undefined,
    bytesSent: sum((path) => path.sentBytes),
    bytesReceived: sum((path) => path.recvBytes),
    bytesLost: sum((path) => path.lostBytes),
    packetsSent: sum((path) => path.sent),
    packetsReceived: sum((path) => path.recv),
    packetsLost: sum((path) => path.lost),
  };
}
