import type { PushState, SetPush } from '@contract/push.ts';
import { ask } from './ask.ts';

/** Notifications of this browser, as the contract's push.ts has them. */
export const pushApi = {
  push: () => ask<PushState>('GET', '/push'),
  setPush: (body: SetPush) => ask<PushState>('PUT', '/push', body),
  unsetPush: () => ask<PushState>('DELETE', '/push'),
  testPush: () => ask<void>('POST', '/push/test'),
};
