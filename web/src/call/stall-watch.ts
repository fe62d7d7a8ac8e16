import type { Hub } from '~/hub';
import { createStallWatch, type Leg } from '~/media';
import type { CallState } from './state.ts';

const STALL_LOOK_MS = 1_000;

/** Asks for new legs when their picture stands although its packets come. */
export function watchStalls(hub: Hub, state: CallState, leg: Leg): void {
  const stalls = createStallWatch();
  let watchedLegId = 0;
  setInterval(async () => {
    const current = state.view();
    const legId = leg.legId();
    const isWatched =
      current?.state === 'live' &&
      !current.them.isCameraOff &&
      leg.state() === 'up' &&
      document.visibilityState === 'visible';
    if (!isWatched || legId !== watchedLegId) stalls.reset();
    watchedLegId = legId;
    if (!isWatched) return;
    const stats = await leg.stats();
    if (leg.legId() !== legId || !stalls.look(stats, performance.now())) return;
    hub.request({ type: 'media.stalled', legId }).catch(() => {}); // the leg is gone already
  }, STALL_LOOK_MS);
}
