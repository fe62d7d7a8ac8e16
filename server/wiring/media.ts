import { MediaControl, publicAddresses, startWebTransport } from '../media/index.ts';
import type { Base } from './base.ts';

/** How often the public address is looked up anew. */
const ADDRESS_MS = 300_000;

/** Starts the media processes of both transports. */
export async function openMedia(base: Base) {
  const { settings, parts, log, metrics, stops } = base;
  const media = new MediaControl(
    {
      transport: 'webrtc',
      program: parts.mediaProgram,
      dataDir: settings.data,
      udpPort: settings.media.udpPort,
      bindAddress: settings.media.address,
    },
    log,
    metrics,
  );
  await media.start();
  stops.push(() => media.stop());
  stops.push(announceAddresses(media, base));
  const webTransport = await startWebTransport(media, settings, parts.webTransportProgram, log);
  stops.push(() => webTransport.stop());
  return { media, webTransport };
}

/** Announces to the media process where pages outside reach it, again and again: such addresses change. */
function announceAddresses(media: MediaControl, { settings, log }: Base): () => void {
  let known = '';
  const look = async () => {
    const addresses = await publicAddresses(settings.media);
    const { publicAddress, stunServer } = settings.media;
    if (addresses.length === 0 && (publicAddress || stunServer)) {
      return log.warn({ publicAddress, stunServer }, 'the public address of media could not be found');
    }
    if (addresses.join() === known) return;
    known = addresses.join();
    log.info({ addresses }, 'public address of media');
    media.announce(addresses);
  };
  const lookAndLog = () => void look().catch((error: unknown) => log.warn({ err: error }, 'public address of media'));
  lookAndLog();
  const timer = setInterval(lookAndLog, ADDRESS_MS);
  return () => clearInterval(timer);
}
