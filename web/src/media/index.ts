// Module: media. Camera, microphone, speaker and ring; and the leg that carries a call's media, over WebRTC or over a
// WebTransport session (session/). Knows nothing of a call's state or money.
export { isAbleToSession } from './able-to-session.ts';
export { canChooseSpeaker, choose, chosen, type DeviceKind, listDevices } from './chosen-devices.ts';
export { createDevices, type DeviceProblem, type Devices } from './devices.ts';
export { createLeg, type Leg } from './leg.ts';
export { canPictureInPicture, isInPicture, offerVideo, togglePictureInPicture } from './picture-in-picture.ts';
export { chime, isSoundBlocked, startRing, unlockSound } from './ring-sound.ts';
export { createStallWatch } from './stall.ts';
export type { MediaStats } from './stats.ts';
