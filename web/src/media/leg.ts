import type { MediaTransport } from '@contract/media.ts';
import { type Accessor, createMemo, createSignal } from 'solid-js';
import type { Hub } from '~/hub';
import { createRtcLeg } from './rtc-leg.ts';
import { NO_MEDIA } from './stats.ts';
import type { SessionLeg, TransportLeg } from './transport-leg.ts';

export type Leg = TransportLeg & {
  /** How media goes; null while there is no leg. */
  transport: Accessor<MediaTransport | null>;
  /** Gets ready what a call may take: it is about to begin. */
  prepare(): Promise<void>;
};

/** A call's media in this page, over the transport that the appliance says. */
export function createLeg(hub: Hub): Leg {
  const [transport, setTransport] = createSignal<MediaTransport | null>(null);
  const [session, setSession] = createSignal<SessionLeg | null>(null);
  const rtc = createRtcLeg(hub);
  let local: MediaStream | null = null;
  /** The appliance has said that calls may take one. */
  let isSessionUsual = false;
  /** What is told of a session waits until its code is there. */
  let loading: Promise<SessionLeg> | null = null;

  const active = () => (transport() === 'webtransport' ? session() : transport() === 'webrtc' ? rtc : null);

  function load(): Promise<SessionLeg> {
    loading ??= import('./session/index.ts').then(({ createSessionLeg }) => {
      const leg = createSessionLeg(hub);
      leg.setLocal(local);
      setSession(leg);
      return leg;
    });
    return loading;
  }

  return {
    transport,
    async prepare() {
      if (isSessionUsual) (await load()).prepare();
    },
    // From one leg to the next the last picture stays, whatever each of them came over.
    remote: createMemo<MediaStream | null>((last) => (transport() ? (active()?.remote() ?? last) : null), null),
    legId: () => active()?.legId() ?? 0,
    state: () => active()?.state() ?? (transport() ? 'connecting' : 'none'),
    receive(message) {
      if (message.type === 'media.prepare') isSessionUsual = true;
      if (message.type === 'media.session') {
        setTransport('webtransport');
        rtc.close();
      }
      if (message.type === 'media.offer') {
        setTransport('webrtc');
        session()?.close();
      }
      if (message.type === 'media.session' || loading) void load().then((leg) => leg.receive(message));
      rtc.receive(message);
    },
    setLocal(stream) {
      local = stream;
      rtc.setLocal(stream);
      session()?.setLocal(stream);
    },
    stats: async () => (await active()?.stats()) ?? NO_MEDIA,
    close() {
      setTransport(null);
      rtc.close();
      session()?.close();
    },
  };
}
