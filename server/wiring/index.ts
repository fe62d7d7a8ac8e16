// Module: wiring. Builds the other modules in groups and connects them: whose event is whose input. In: settings, the
// store, where the built parts lie. Out: modules that know each other, each with what stops it. Nothing is decided here.
export { type Base, type Parts, Stops } from './base.ts';
export { openCalls } from './calls.ts';
export { openFront } from './front.ts';
export { connectHub } from './hub-handlers.ts';
export { openMedia } from './media.ts';
export { openMoney } from './money.ts';
export { connectNotifications } from './notifications.ts';
export { openPeople } from './people.ts';
export { startSweeps } from './sweeps.ts';
export { connectThreads } from './threads.ts';
export { openWatch, type Readiness } from './watch.ts';
