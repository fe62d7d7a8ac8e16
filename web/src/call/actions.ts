import type { Hub } from '~/hub';
import { t } from '~/i18n';
import type { Devices } from '~/media';
import { toast } from '~/ui';
import type { Participation } from './participation.ts';
import type { Send } from './requests.ts';
import type { CallState } from './state.ts';
import { type Call, isActive } from './types.ts';

/** A ring that was taken shows its first view within this time; it usually comes with the answer. */
const RING_VIEW_MS = 5_000;

export type Actions = Pick<
  Call,
  'ring' | 'accept' | 'reject' | 'tip' | 'connect' | 'hangUp' | 'restart' | 'waive' | 'checkDevices' | 'dismiss'
>;

type Parts = { hub: Hub; state: CallState; devices: Devices; participation: Participation; send: Send };

/** What a person does in a call. */
export function createActions({ hub, state, devices, participation, send }: Parts): Actions {
  const { view, setRingingId } = state;

  async function sendOfCall(type: 'call.connect' | 'call.hangUp' | 'call.restart' | 'call.waive'): Promise<void> {
    const current = view();
    if (current) await send({ type, callId: current.callId });
  }

  return {
    async ring(modelId) {
      setRingingId(modelId);
      // Where nobody needs to be asked, the ring need not wait for the camera.
      const ready = devices.open();
      if ((await devices.isGranted()) || (await ready)) {
        if (await send({ type: 'call.ring', modelId })) {
          // The call's first view ends the ringing of the button, whichever of the two comes first.
          setTimeout(() => setRingingId((id) => (id === modelId ? null : id)), RING_VIEW_MS);
          return;
        }
        participation.letGo();
      }
      setRingingId(null);
    },
    async accept() {
      const current = view();
      if (!current) return;
      participation.take(current.callId);
      void devices.open();
      const isAccepted = await send({ type: 'call.accept', callId: current.callId });
      if (!isAccepted && view()?.state === 'ringing') participation.letGo();
    },
    async reject(reason) {
      const current = view();
      if (current) await send({ type: 'call.reject', callId: current.callId, ...(reason && { reason }) });
    },
    async tip(amountMinor, key) {
      const current = view();
      if (current) await hub.request({ type: 'call.tip', callId: current.callId, amountMinor, key });
    },
    connect: () => sendOfCall('call.connect'),
    async hangUp() {
      if (hub.state() === 'open') return sendOfCall('call.hangUp');
      // Nobody hears it now: camera and microphone stop at once, and it is said as soon as it can be.
      state.leavingId = view()?.callId ?? null;
      participation.letGo();
      toast(t('call.leaving'), 'bad');
    },
    restart: () => sendOfCall('call.restart'),
    waive: () => sendOfCall('call.waive'),
    async checkDevices() {
      const isReady = await devices.open();
      if (isReady && !isActive(view())) devices.close();
      return isReady;
    },
    dismiss() {
      if (isActive(view())) state.setAttachment('elsewhere');
      else state.setReceived(null);
    },
  };
}
