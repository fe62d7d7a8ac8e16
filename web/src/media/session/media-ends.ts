import type { HubMessage } from '@contract/hub.ts';

/** Where the appliance takes this page's session. */
export type SessionAddress = Pick<Extract<HubMessage, { type: 'media.session' }>, 'legId' | 'side' | 'hashes'> & {
  readonly url: string;
};

/** Where what comes from the other page goes. */
export type MediaEnds = {
  readonly picture: WritableStream<VideoFrame>;
  /** To the audio thread: see playout.worklet.ts. */
  readonly sound: MessagePort;
  /** From the audio thread to the ear, in ms. */
  readonly soundLatencyMs: number;
};
