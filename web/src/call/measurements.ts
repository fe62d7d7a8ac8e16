import type { CallView } from '@contract/calls.ts';
import { type RelayTest, testRelay, testUplink, type UplinkTest } from '~/connection-tests';
import type { Hub } from '~/hub';
import type { MediaStats } from '~/media';

// What tests, the demo and benches read of a page: `window.parlour`. It changes nothing, and nothing in the page
// depends on it.

declare global {
  interface Window {
    parlour?: {
      stats(): Promise<MediaStats>;
      callView(): CallView | null;
      testUplink(): Promise<UplinkTest>;
      testRelay(): Promise<RelayTest>;
    };
  }
}

export function offerMeasurements(hub: Hub, stats: () => Promise<MediaStats>, callView: () => CallView | null): void {
  window.parlour = { stats, callView, testUplink: () => testUplink(hub), testRelay: () => testRelay(hub) };
}
