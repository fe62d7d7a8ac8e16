import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../../server/store/index.ts';

export const DEADLINE_MS = 60_000;

/** Tries until the database answers. @throws StoreUnavailable when it has not within DEADLINE_MS */
export async function persist<T>(attempt: () => Promise<T>, retryMs: number): Promise<T> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() > giveUpAt) throw error;
      await sleep(retryMs);
    }
  }
}
