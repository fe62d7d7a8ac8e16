// Module: call. One call as this page sees it: its state, whether this page takes part in it, and its devices. In:
// messages of the hub. Out: requests to the hub. The screens are in call-screens/.

export { CallProvider, useCall } from './context.ts';
export { DeviceProblemNotice } from './device-problem-notice.tsx';
export { DeviceChoices, DevicesDialog } from './devices-dialog.tsx';
export { createCall } from './store.ts';
export type { Call } from './types.ts';
