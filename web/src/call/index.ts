// Room: call. One call as this page sees it: its state (store), its media (leg, devices), what its figures
// and reasons are in words, and its screens. In: hub messages. Out: hub requests, and the screens.
// The screens are loaded by the shell and the router; others use this door.
export { type RelayTest, testRelay, testUplink, type UplinkTest } from './linkTest.ts';
export type { Call } from './store.ts';
export { createCall } from './store.ts';
export { outcomeTone, outcomeWords } from './words.ts';
