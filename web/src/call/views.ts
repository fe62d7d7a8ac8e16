import type { CallView } from '@contract/calls.ts';
import { batch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import type { Devices, Leg } from '~/media';
import type { LiveMeter } from '~/meter';
import { forgetCall } from './membership.ts';
import type { Participation } from './participation.ts';
import type { Send } from './requests.ts';
import type { CallState } from './state.ts';
import { isActive } from './types.ts';

/** After a reconnect the appliance sends the view of a call that goes on within this time; else it has ended. */
const VIEW_AFTER_HELLO_MS = 3_000;
const RECENT_CALLS = 20;

/** The views of calls as the appliance sends them, in order. */
type Views = {
  receive(next: CallView): void;
  /** A new socket: views are counted anew, and a call without one has ended. */
  restart(): void;
  forget(): void;
};

type Parts = {
  state: CallState;
  devices: Devices;
  leg: Leg;
  meter: LiveMeter;
  participation: Participation;
  send: Send;
};

export function createViews({ state, devices, leg, meter, participation, send }: Parts): Views {
  const { view, setReceived, attachment, setAttachment } = state;
  let lastSeq = -1;
  const ends = createEndCheck(state, end);

  /** Another call than the one that was shown. */
  function begin(next: CallView) {
    const isMyRing = next.mySide === 'client' && state.ringingId() === next.peer.personId;
    leg.close();
    if (!isMyRing) devices.close();
    setAttachment('none');
    leg.prepare().catch(() => {}); // tried again when the call needs it
    if (!isMyRing) return;
    state.setRingingId(null);
    participation.take(next.callId);
  }

  function end(last: CallView) {
    state.leavingId = null;
    const wasHere = attachment() !== 'elsewhere' && attachment() !== 'taken';
    forgetCall();
    participation.letGo();
    batch(() => {
      setReceived(wasHere ? { view: last, atMs: performance.now() } : null);
      setAttachment('none');
    });
  }

  return {
    receive(next) {
      const before = view();
      if (before?.callId === next.callId && next.seq <= lastSeq) return;
      const isNew = before?.callId !== next.callId;
      // The end of an older call does not matter while another goes on or when it was never here.
      if (isNew && next.state === 'ended') return;
      if (isNew) begin(next);
      lastSeq = next.seq;
      ends.cancel();
      meter.show(next, performance.now());
      if (next.state === 'ended') return end(next);
      setReceived({ view: next, atMs: performance.now() });
      if (next.callId === state.leavingId) return void send({ type: 'call.hangUp', callId: next.callId });
      void participation.consider(next, isNew);
    },
    restart() {
      lastSeq = -1;
      if (attachment() === 'attached' || attachment() === 'attaching') setAttachment('none');
      ends.checkSoon();
    },
    forget() {
      ends.cancel();
      participation.letGo();
      setReceived(null);
      setAttachment('none');
    },
  };
}

/** Finds out, when no view comes after a reconnect, that the call ended meanwhile, and how. */
function createEndCheck({ view }: CallState, end: (last: CallView) => void) {
  let timer = 0;
  function checkSoon() {
    clearTimeout(timer);
    if (isActive(view())) timer = window.setTimeout(check, VIEW_AFTER_HELLO_MS);
  }
  /** The call's line says how it ended, once that is written. */
  async function check() {
    const current = view();
    if (!isActive(current)) return;
    try {
      const { calls } = await api.calls({ limit: RECENT_CALLS });
      const line = calls.find((one) => one.callId === current.callId);
      if (view() !== current) return;
      if (!line?.outcome) return checkSoon();
      const { billableMs, chargedMinor } = line;
      const meter = current.meter && { ...current.meter, billableMs, chargedMinor };
      end({ ...current, state: 'ended', outcome: line.outcome, meter });
    } catch (thrown) {
      toUserFacing(thrown);
      if (view() === current) checkSoon();
    }
  }
  return { checkSoon, cancel: () => clearTimeout(timer) };
}
