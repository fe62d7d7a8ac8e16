import type { HubMessage } from '@contract/hub.ts';
import { MOQ_PROTOCOL } from '@contract/media-tracks.ts';
import { createSignal } from 'solid-js';
import type { Hub } from '~/hub';
import type { LegState, TransportLeg } from '../leg.ts';
import { NO_MEDIA } from '../measure.ts';
import { type Exchange, openExchange } from './exchange.ts';

export type SessionLeg = TransportLeg;
type Door = Extract<HubMessage, { type: 'media.session' }>;

/** A page that cannot open its session in this time says so; the appliance waits no longer either. */
const OPEN_MS_MAX = 2_500;
const WHY_LENGTH_MAX = 200;

/** Chromium tries one address of a name only, and of localhost that of IPv6, where nobody may listen. */
const sessionHost = (host: string) => (host === 'localhost' ? '127.0.0.1' : host);
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Media over one WebTransport session at a time, at the door that the appliance names. */
export function createSessionLeg(hub: Hub): SessionLeg {
  const [remote, setRemote] = createSignal<MediaStream | null>(null);
  const [state, setState] = createSignal<LegState>('none');
  let transport: WebTransport | null = null;
  let exchange: Exchange | null = null;
  let legId = 0;
  let local: MediaStream | null = null;

  function closeSession() {
    if (transport) setState('closed');
    exchange?.close();
    transport?.close({ closeCode: 0, reason: 'left' });
    transport = null;
    exchange = null;
    legId = 0;
  }
  // A page that goes says so: else the appliance would take it for a broken line.
  addEventListener('pagehide', closeSession);

  function fail(mine: WebTransport, why: string) {
    if (transport !== mine) return;
    const message = { type: 'media.failed', legId, why: why.slice(0, WHY_LENGTH_MAX) || 'failed' } as const;
    closeSession();
    hub.request(message).catch(() => {}); // the leg is gone already, or the socket is and everything is made anew
  }

  async function open(door: Door) {
    closeSession();
    setState('connecting');
    const url = new URL(`https://${sessionHost(location.hostname)}:${door.port}${door.path}`);
    const mine = new WebTransport(url.href, {
      serverCertificateHashes: door.hashes.map((hash) => ({ algorithm: 'sha-256', value: bytesOf(hash) })),
      protocols: [MOQ_PROTOCOL],
      congestionControl: 'low-latency',
    });
    transport = mine;
    legId = door.legId;
    const timer = setTimeout(() => fail(mine, 'no session in time'), OPEN_MS_MAX);
    mine.closed.then(
      ({ closeCode, reason }) => fail(mine, `closed ${closeCode}: ${reason}`),
      (error: Error) => fail(mine, error.message),
    );
    try {
      await mine.ready;
      if (transport !== mine) return;
      const opened = await openExchange(hub, mine, url, door, (error) => fail(mine, error.message));
      if (transport !== mine) return opened.close();
      exchange = opened;
      setRemote(opened.remote);
      setState('up');
      // The appliance passes it on as soon as the other page is there: nobody waits for the start.
      opened.send(local);
    } catch (error) {
      fail(mine, (error as Error).message);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    remote,
    state,
    receive(message) {
      if (message.type === 'media.session') return void open(message);
      if (!('legId' in message) || message.legId !== legId) return;
      if (message.type === 'media.probe') void exchange?.probe(message);
      if (message.type === 'media.closed') closeSession();
    },
    setLocal(stream) {
      local = stream;
      exchange?.send(local);
    },
    stats: async () =>
      (await exchange?.stats()) ?? { ...NO_MEDIA, connectionState: state(), transport: 'webtransport' },
    close() {
      closeSession();
      setRemote(null);
      setState('none');
    },
  };
}
