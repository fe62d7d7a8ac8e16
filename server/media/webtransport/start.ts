import type { Log } from '../../telemetry/index.ts';
import type { MediaControl } from '../control.ts';
import { MediaPortInUse } from '../supervisor.ts';
import { TransportCertificates } from './certificates.ts';

/** Settings that WebTransport heeds. */
interface HostSettings {
  readonly data: string;
  readonly media: { readonly transport: string; readonly webTransportPort: number; readonly address: string };
}

/** What main keeps of WebTransport: which certificates pages may meet. */
export interface WebTransportHost {
  /** SHA-256 of the certificates in use now or next, in base64; none when it is off. */
  readonly hashes: () => string[];
  stop(): void;
}

const OFF: WebTransportHost = { hashes: () => [], stop() {} };

/**
 * Starts media over WebTransport when the setting `media.transport` asks for it. What keeps it from starting is said
 * in one line, and calls go over WebRTC.
 */
export async function startWebTransport(
  media: MediaControl,
  { data, media: { transport, webTransportPort, address } }: HostSettings,
  program: string,
  log: Log,
): Promise<WebTransportHost> {
  if (transport !== 'webtransport') return OFF;
  const certificates = await TransportCertificates.open(data, log);
  try {
    await media.useWebTransport({
      transport: 'webtransport',
      program,
      dataDir: data,
      udpPort: webTransportPort,
      bindAddress: address,
      environment() {
        const { certificatePem, keyPem } = certificates.current;
        return { PARLOUR_MEDIA_CERTIFICATE: certificatePem, PARLOUR_MEDIA_KEY: keyPem };
      },
    });
  } catch (error) {
    certificates.stop();
    if (!(error instanceof MediaPortInUse)) throw error;
    log.warn({ why: error.message }, 'WebTransport is off: calls go over WebRTC');
    return OFF;
  }
  certificates.onServe(({ certificatePem, keyPem }) => media.replaceCertificate(certificatePem, keyPem));
  certificates.start();
  return { hashes: () => certificates.hashes(), stop: () => certificates.stop() };
}
