import { type Accessor, batch, createEffect, createSignal } from 'solid-js';
import type { Hub } from '~/hub';
import type { Devices, Leg } from '~/media';
import type { Send } from './requests.ts';
import type { CallState } from './state.ts';
import { isActive } from './types.ts';

/** How often a page says that both its switches are off (charging rules: switches). */
const SWITCHES_MS = 500;

/** Microphone and camera, on or off. */
export type Switches = {
  isMuted: Accessor<boolean>;
  isCameraOff: Accessor<boolean>;
  setMuted(isMuted: boolean): void;
  setCameraOff(isCameraOff: boolean): void;
  /** Says how they stand. */
  send(): void;
  reset(): void;
};

export function createSwitches(hub: Hub, state: CallState, devices: Devices, leg: Leg, send: Send): Switches {
  const [isMuted, setMuted] = createSignal(false);
  const [isCameraOff, setCameraOff] = createSignal(false);

  createEffect(() => {
    const stream = devices.stream();
    for (const track of stream?.getAudioTracks() ?? []) track.enabled = !isMuted();
    for (const track of stream?.getVideoTracks() ?? []) track.enabled = !isCameraOff();
    leg.setLocal(stream);
  });

  function sendSwitches() {
    const current = state.view();
    if (!isActive(current)) return;
    void send({ type: 'call.mute', callId: current.callId, isMuted: isMuted(), isCameraOff: isCameraOff() });
  }

  // What is said of the switches holds for a moment only: while both are off it is said twice a second.
  setInterval(() => {
    const current = state.view();
    const isOff = isMuted() && isCameraOff() && state.attachment() === 'attached';
    if (!isOff || !isActive(current) || hub.state() !== 'open') return;
    const message = { type: 'call.mute', callId: current.callId, isMuted: true, isCameraOff: true } as const;
    hub.request(message).catch(() => {}); // said again by the next
  }, SWITCHES_MS);

  return {
    isMuted,
    isCameraOff,
    setMuted(next) {
      setMuted(next);
      sendSwitches();
    },
    setCameraOff(next) {
      setCameraOff(next);
      sendSwitches();
    },
    send: sendSwitches,
    reset: () =>
      batch(() => {
        setMuted(false);
        setCameraOff(false);
      }),
  };
}
