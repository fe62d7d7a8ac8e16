import type { CallView } from '@contract/calls.ts';
import type { Hub } from '~/hub';
import type { Devices, Leg } from '~/media';
import { isRemembered, rememberCall } from './membership.ts';
import type { Send } from './requests.ts';
import type { CallState } from './state.ts';
import type { Switches } from './switches.ts';
import { isActive } from './types.ts';

const isPastRing = (view: CallView) => view.state !== 'ringing' && view.state !== 'ended';

/** Whether this page takes part in the call, and what it holds for it. */
export type Participation = {
  /** This page is the one in the call. */
  take(callId: number): void;
  /** Takes part from this page, asking for camera and microphone. */
  attach(): Promise<void>;
  /** Decides whether this page should take part in a call that it sees. */
  consider(current: CallView, isNew: boolean): Promise<void>;
  /** Lets camera, microphone and leg go. */
  letGo(): void;
};

type Parts = { hub: Hub; state: CallState; devices: Devices; leg: Leg; switches: Switches; send: Send };

export function createParticipation({ hub, state, devices, leg, switches, send }: Parts): Participation {
  const { view, attachment, setAttachment } = state;

  function take(callId: number) {
    rememberCall(callId);
    setAttachment('attached');
  }

  async function attach() {
    const current = view();
    if (!isActive(current)) return;
    setAttachment('attaching');
    if (!(await devices.open())) return void setAttachment('asking');
    const answer = await send({ type: 'call.attach', callId: current.callId });
    if (view()?.callId !== current.callId) return;
    if (answer) {
      take(current.callId);
      // What was pressed while nobody heard it, or what was forgotten by an appliance that started again.
      const { me } = view() ?? current;
      if (me.isMuted !== switches.isMuted() || me.isCameraOff !== switches.isCameraOff()) switches.send();
      return;
    }
    // Lost again on the way back: the next connection tries again. Only a refusal needs a person.
    setAttachment(hub.state() === 'open' ? 'asking' : 'none');
  }

  /** A page that was in it, or one that has just been opened while no other is in it; never one that only heard the ring. */
  async function consider(current: CallView, isNew: boolean) {
    if (attachment() === 'attached' && isPastRing(current) && !devices.problem()) void devices.open();
    if (attachment() !== 'none') return;
    // After a lost connection the caller's page says that it is still there; else the ring would end.
    if (current.state === 'ringing' && current.mySide === 'client' && isRemembered(current.callId)) return attach();
    if (!isPastRing(current)) return;
    const isMine = isRemembered(current.callId) || (isNew && !current.me.isPresent);
    if (!isMine) return void setAttachment('elsewhere');
    setAttachment('attaching');
    if (devices.stream() || (await devices.isGranted())) await attach();
    else setAttachment('asking');
  }

  function letGo() {
    devices.close();
    leg.close();
    switches.reset();
  }

  return { take, attach, consider, letGo };
}
