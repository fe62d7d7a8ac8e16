import type { CallId, CallState, MediaTransport, PersonId, Side } from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import type { MediaControl } from '../media/index.ts';

// What this module uses of the modules around it, and no more: a double in a test that lacks something does not compile.

export type PageSender = Pick<Hub, 'sendToConnection'>;

export type ProbeMedia = Pick<MediaControl, 'openTest' | 'closeTest' | 'probe' | 'probeEnd' | 'countersOfLeg'>;

/** What of a call its connections are judged by. */
export interface ConnectedCall {
  readonly callId: CallId;
  readonly facts: { readonly state: CallState };
  readonly transport: MediaTransport | null;
  readonly legs: Readonly<Record<Side, number | null>>;
  /** The page of each side that takes part. */
  readonly connections: Readonly<Record<Side, number | null>>;
  /** Sides whose packets do not flow. */
  readonly silent: ReadonlySet<Side>;
  personOf(side: Side): PersonId;
}
