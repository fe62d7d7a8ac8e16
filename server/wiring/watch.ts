import { type Readiness, startWatchPort } from '../front/index.ts';
import type { MediaControl } from '../media/index.ts';
import type { Bookkeeper } from '../payments/index.ts';
import type { Store } from '../store/index.ts';
import type { Base } from './base.ts';

export type { Readiness };

/** Without these no call can be made or charged. */
const NEEDED = ['database', 'media'];

export interface Watched {
  readonly bookkeeper: Pick<Bookkeeper, 'alarms'>;
  readonly media: Pick<MediaControl, 'isTransportUp' | 'udpPortOf'>;
}

/** How the appliance is, as those who watch it are told. */
export async function readinessOf(
  { store }: { readonly store: Pick<Store, 'health'> },
  { bookkeeper, media }: Watched,
): Promise<Readiness> {
  const health = await store.health();
  const faults: Record<string, string> = {};
  for (const { code, message } of await bookkeeper.alarms(health)) {
    const part = code.startsWith('database_') ? 'database' : 'money';
    faults[part] = faults[part] ? `${faults[part]} ${message}` : message;
  }
  if (!media.isTransportUp('webrtc')) faults.media = 'The media process of WebRTC is down; it is being restarted.';
  if (media.udpPortOf('webtransport') > 0 && !media.isTransportUp('webtransport'))
    faults.webtransport = 'The media process of WebTransport is down; calls go over WebRTC meanwhile.';
  const isReady = !NEEDED.some((part) => faults[part]);
  if (!isReady) return { status: 'not_ready', faults };
  return { status: Object.keys(faults).length > 0 ? 'degraded' : 'ready', faults };
}

/** Opens the port for the machine's own programs, where one is set. @returns the question that it answers */
export async function openWatch(base: Base, watched: Watched): Promise<() => Promise<Readiness>> {
  const { settings, parts, metrics, stops, log } = base;
  const readiness = () => readinessOf(base, watched);
  if (settings.watch.port > 0) {
    const watch = await startWatchPort(settings.watch.port, { version: parts.version, metrics, readiness });
    stops.push(() => watch.close());
    log.info({ port: watch.port }, 'health and metrics for programs of this machine');
  }
  return readiness;
}
