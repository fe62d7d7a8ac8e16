import { createSignal } from 'solid-js';

// Which camera, microphone and speaker this device uses: remembered here, for the next call too.

export type DeviceKind = 'videoinput' | 'audioinput' | 'audiooutput';

const KEY = 'parlour.devices';

function read(): Partial<Record<DeviceKind, string>> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<DeviceKind, string>>;
  } catch {
    return {}; // forbidden, or not ours
  }
}

const [chosen, setChosen] = createSignal(read());

export { chosen };

export function choose(kind: DeviceKind, deviceId: string): void {
  setChosen({ ...chosen(), [kind]: deviceId });
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen()));
  } catch {
    // a private window: it holds for this page
  }
}

/** The chosen device where it is there, any other where it is not. */
export function preferring(kind: DeviceKind, constraints: MediaTrackConstraints): MediaTrackConstraints {
  const deviceId = chosen()[kind];
  return deviceId ? { ...constraints, deviceId: { ideal: deviceId } } : constraints;
}

/** Speakers can be chosen where the browser lets sound be sent to one. */
export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;

export async function listDevices(): Promise<MediaDeviceInfo[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  // Without leave they have no names and no ids.
  return all.filter((device) => device.deviceId !== '');
}
