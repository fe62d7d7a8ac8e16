import type { HubMessage } from '@contract/hub.ts';
import { createSignal } from 'solid-js';
import type { Hub } from '~/hub';
import { openRtcConnection, type RtcConnection } from './rtc-connection.ts';
import { NO_MEDIA } from './stats.ts';
import type { LegState, TransportLeg } from './transport-leg.ts';

/** Media over WebRTC: one connection at a time, offered by the appliance. */
export function createRtcLeg(hub: Hub): TransportLeg {
  const [remote, setRemote] = createSignal<MediaStream | null>(null);
  const [state, setState] = createSignal<LegState>('none');
  let connection: RtcConnection | null = null;
  let local: MediaStream | null = null;

  function closeConnection() {
    // Said first: the last picture can be kept only while the connection still has it.
    if (connection) setState('closed');
    connection?.close();
    connection = null;
  }

  function open(offer: Extract<HubMessage, { type: 'media.offer' }>) {
    closeConnection();
    setState('connecting');
    connection = openRtcConnection(hub, offer, local, { state: setState, remote: setRemote });
  }

  return {
    remote,
    state,
    legId: () => connection?.legId ?? 0,
    stats: async () => (await connection?.stats()) ?? NO_MEDIA,
    receive(message) {
      if (message.type === 'media.offer') return open(message);
      const isClosed = message.type === 'media.closed' && message.legId === connection?.legId;
      connection?.receive(message);
      if (isClosed) closeConnection();
    },
    setLocal(stream) {
      local = stream;
      connection?.setLocal(stream);
    },
    close() {
      closeConnection();
      setRemote(null);
      setState('none');
    },
  };
}
