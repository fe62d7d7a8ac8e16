import { createResource, createUniqueId, For, onCleanup, Show } from 'solid-js';
import { t } from '~/i18n';
import { canChooseSpeaker, choose, chosen, type DeviceKind, listDevices } from '~/media';
import { kept, onChange } from '~/state';
import { Rows, toast } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';
import { useCall } from './context.ts';

const KINDS: DeviceKind[] = ['videoinput', 'audioinput', 'audiooutput'];

/** Camera, microphone and speaker, changed while the call goes on. */
export function DevicesDialog(props: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('device.chooseTitle')} lead={t('device.chooseWhy')}>
      <DeviceChoices />
    </Dialog>
  );
}

/** A choice for each kind of device that there is. */
export function DeviceChoices() {
  const call = useCall();
  const [read, { refetch }] = createResource(listDevices);
  const devices = kept(read);
  const readAgain = () => void refetch();
  navigator.mediaDevices?.addEventListener('devicechange', readAgain);
  onCleanup(() => navigator.mediaDevices?.removeEventListener('devicechange', readAgain));
  // With leave given, the devices have names.
  onChange(call.devices.stream, readAgain, { defer: true });
  const ofKind = (kind: DeviceKind) => (devices() ?? []).filter((device) => device.kind === kind);
  const current = (kind: DeviceKind) => {
    const inUse = call.devices
      .stream()
      ?.getTracks()
      .find((track) => track.kind === (kind === 'videoinput' ? 'video' : 'audio'));
    return (kind === 'audiooutput' ? undefined : inUse?.getSettings().deviceId) ?? chosen()[kind] ?? '';
  };

  async function pick(kind: DeviceKind, deviceId: string) {
    if (kind === 'audiooutput') return choose(kind, deviceId);
    if (!call.devices.stream()) return choose(kind, deviceId);
    if (!(await call.devices.switchTo(kind, deviceId))) toast(t('device.notSwitched'), 'bad');
    readAgain();
  }

  return (
    <div class="grid gap-4">
      <For each={KINDS.filter((kind) => kind !== 'audiooutput' || canChooseSpeaker())}>
        {(kind) => (
          <Choice
            kind={kind}
            devices={ofKind(kind)}
            value={current(kind)}
            onPick={(deviceId) => void pick(kind, deviceId)}
          />
        )}
      </For>
    </div>
  );
}

function Choice(props: {
  kind: DeviceKind;
  devices: MediaDeviceInfo[];
  value: string;
  onPick: (deviceId: string) => void;
}) {
  const id = createUniqueId();
  return (
    <div class="grid gap-1.5">
      <label for={id} class="font-medium">
        {t(`device.kind.${props.kind}`)}
      </label>
      <Show
        when={props.devices.length > 0}
        fallback={
          <p class="text-ink-soft">{t(props.kind === 'audiooutput' ? 'device.defaultSpeaker' : 'device.none')}</p>
        }
      >
        <select
          id={id}
          class="min-h-12 w-full rounded-xl border border-line-strong bg-card px-3.5 text-ink"
          onChange={(event) => props.onPick(event.currentTarget.value)}
        >
          <Rows each={props.devices} idOf={(device) => device.deviceId}>
            {(device, index) => (
              <option value={device().deviceId} selected={device().deviceId === props.value}>
                {device().label || t('device.unnamed', { number: index() + 1 })}
              </option>
            )}
          </Rows>
        </select>
      </Show>
    </div>
  );
}
