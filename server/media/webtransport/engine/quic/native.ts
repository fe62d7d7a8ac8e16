// quiche (QUIC in Rust) through the native layer of @matrixai/quic; its JavaScript layer is not used.
import type { Quiche } from '@matrixai/quic/native/quiche.js';
import type { Config, Connection, Host, PathStats } from '@matrixai/quic/native/types.js';
import type { EngineLimits } from '../limits.ts';

export type { Config as QuicheConfig, Connection as QuicheConnection, Host, PathStats as QuichePath, Quiche };

/** Bytes of a UDP payload that we send: with IP and UDP headers it fits PPPoE, VPNs and mobile networks. */
export const UDP_PAYLOAD_BYTES = 1_350;
const UDP_PAYLOAD_RECEIVED_BYTES_MAX = 1_500;
/** Addresses that one connection may come from in its life (NAT rebinding); quiche never lets go of one. */
const PATHS_MAX = 32;

/** @throws when there is no native part for this platform, or when it does not load */
export async function loadQuiche(): Promise<Quiche> {
  return (await import('@matrixai/quic/native/quiche.js')).default;
}

/** @throws when certificate and key do not fit or are none */
export function quicheConfig(
  quiche: Quiche,
  pem: { readonly certificatePem: string; readonly keyPem: string },
  limits: EngineLimits,
): Config {
  const key = Buffer.from(pem.keyPem);
  const certificate = Buffer.from(pem.certificatePem);
  const config = quiche.Config.withBoringSslCtx(false, false, null, [key], [certificate], null);
  config.grease(false);
  config.setApplicationProtos(['h3']);
  config.setMaxIdleTimeout(limits.idleMs);
  config.setMaxRecvUdpPayloadSize(UDP_PAYLOAD_RECEIVED_BYTES_MAX);
  config.setMaxSendUdpPayloadSize(UDP_PAYLOAD_BYTES);
  config.setInitialMaxData(limits.connectionWindowFirstBytes);
  config.setInitialMaxStreamDataBidiLocal(limits.streamWindowFirstBytes);
  config.setInitialMaxStreamDataBidiRemote(limits.streamWindowFirstBytes);
  config.setInitialMaxStreamDataUni(limits.streamWindowFirstBytes);
  config.setMaxConnectionWindow(limits.connectionWindowBytes);
  config.setMaxStreamWindow(limits.streamWindowBytes);
  config.setInitialMaxStreamsBidi(limits.streamsBidiMax);
  config.setInitialMaxStreamsUni(limits.streamsUniMax);
  config.setActiveConnectionIdLimit(PATHS_MAX);
  // Active migration would need more connection ids than the one that we give; another address of the
  // same path, as NATs cause it, is no migration in this sense (RFC 9000 section 9).
  config.setDisableActiveMigration(true);
  // At the same rate bbr queues 20 ms where cubic queues 60 ms.
  config.setCcAlgorithmName('bbr');
  config.enablePacing(false);
  config.enableDgram(true, limits.datagramsQueuedMax, limits.datagramsQueuedMax);
  return config;
}

/** The code in `StreamReset(17)` or `StreamStopped(17)`; null for any other error of quiche's. */
export function codeIn(error: unknown, kind: 'StreamReset' | 'StreamStopped'): number | null {
  const found = new RegExp(`^${kind}\\((\\d+)\\)$`).exec((error as Error).message);
  return found ? Number(found[1]) : null;
}
