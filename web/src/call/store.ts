import type { HubMessage } from '@contract/hub.ts';
import { createEffect, createMemo } from 'solid-js';
import type { Hub } from '~/hub';
import { createDevices, createLeg, isAbleToSession } from '~/media';
import { createLiveMeter, leftAt } from '~/meter';
import { createActions } from './actions.ts';
import { offerMeasurements } from './measurements.ts';
import { forgetCall } from './membership.ts';
import { createParticipation } from './participation.ts';
import { createSend } from './requests.ts';
import { watchStalls } from './stall-watch.ts';
import { createCallState } from './state.ts';
import { createSwitches } from './switches.ts';
import type { Call } from './types.ts';
import { createViews } from './views.ts';

/** The call of this page: its parts, and what the hub's messages mean to each. */
export function createCall(hub: Hub): Call {
  const state = createCallState();
  const { view, attachment, connections } = state;
  const send = createSend(hub);
  const devices = createDevices();
  const leg = createLeg(hub);
  const meter = createLiveMeter();
  const switches = createSwitches(hub, state, devices, leg, send);
  const participation = createParticipation({ hub, state, devices, leg, switches, send });
  const views = createViews({ state, devices, leg, meter, participation, send });
  /** Since when nothing can be known of the meter: its figures stand still until the hub is back. */
  let lostAtMs = Number.POSITIVE_INFINITY;

  createEffect(() => {
    lostAtMs = hub.state() === 'open' ? Number.POSITIVE_INFINITY : performance.now();
  });

  function receive(message: HubMessage) {
    if (message.type === 'call') return views.receive(message.call);
    if (message.type === 'call.connections') return void state.setConnections(message);
    if (message.type === 'hello') {
      void isAbleToSession().then((webTransport) => hub.request({ type: 'media.able', webTransport }).catch(() => {}));
      views.restart();
    } else if (message.type === 'call.detached') {
      if (message.callId !== view()?.callId) return;
      forgetCall();
      participation.letGo();
      state.setAttachment('taken');
    } else if (message.type === 'media.prepare' || 'legId' in message) {
      if (message.type === 'media.offer' || message.type === 'media.session') {
        if (message.callId !== view()?.callId) return;
        participation.take(message.callId);
      }
      leg.receive(message);
    }
  }
  hub.listen(receive);
  watchStalls(hub, state, leg);
  offerMeasurements(hub, leg.stats, view);

  return {
    view,
    endedSeq: createMemo(() => (view()?.state === 'ended' ? (view()?.seq ?? null) : null)),
    attachment,
    devices,
    leg,
    connections: createMemo(() => (connections()?.callId === view()?.callId ? connections() : null)),
    ringingId: state.ringingId,
    isOnScreen: createMemo(() => view() !== null && attachment() !== 'elsewhere'),
    figures(nowMs) {
      state.received(); // a new view is a new figure
      return meter.figures(Math.min(nowMs, lostAtMs));
    },
    msLeft(nowMs) {
      const current = state.received();
      if (!current || current.view.msLeft === null) return null;
      return leftAt(current.view.msLeft, current.atMs, nowMs);
    },
    ...createActions({ hub, state, devices, participation, send }),
    attach: participation.attach,
    isMuted: switches.isMuted,
    isCameraOff: switches.isCameraOff,
    setMuted: switches.setMuted,
    setCameraOff: switches.setCameraOff,
    forget: views.forget,
  };
}
