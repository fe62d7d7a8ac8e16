import type { HubMessage } from '@contract/hub.ts';
import type { Accessor } from 'solid-js';
import type { MediaStats } from './stats.ts';

/** `none` before the first leg, `closed` between two. */
export type LegState = 'none' | 'connecting' | 'up' | 'closed';

/** Media between this page and the appliance over one transport. */
export type TransportLeg = {
  /** Their picture and sound; the last one stays until a new leg has another. */
  remote: Accessor<MediaStream | null>;
  state: Accessor<LegState>;
  /** The leg's number; 0 while there is none. */
  legId(): number;
  receive(message: HubMessage): void;
  /** What to send, as soon as the appliance has said start. */
  setLocal(stream: MediaStream | null): void;
  stats(): Promise<MediaStats>;
  close(): void;
};

/** A leg over WebTransport, which lives in threads of its own. */
export type SessionLeg = TransportLeg & {
  /** Starts the threads that a session takes: a call is about to begin. */
  prepare(): void;
};
