import type { CallView } from '@contract/calls.ts';
import type { HubMessage, PageRequest } from '@contract/hub.ts';
import { type Accessor, batch, createEffect, createMemo, createSignal } from 'solid-js';
import { api, toUserFacing } from '~/api';
import type { Hub } from '~/hub';
import { errorWords, t } from '~/i18n';
import { toast } from '~/ui';
import { isAbleToSession } from './ableToSession.ts';
import { createDevices, type Devices } from './devices.ts';
import { createLeg, type Leg } from './leg.ts';
import { testRelay, testUplink } from './linkTest.ts';
import './measure.ts';
import { forgetCall, isRemembered, rememberCall } from './membership.ts';
import { createLiveMeter, leftAt, type MeterFigures } from './meterFigures.ts';
import { createStallWatch } from './stall.ts';

/**
 * Whether this page is the one in the call. `asking`: it may rejoin, but camera and microphone need a
 * press of a button first. `elsewhere`: another page of this person has it; `taken`: it took it from here.
 */
export type Attachment = 'none' | 'attached' | 'attaching' | 'asking' | 'elsewhere' | 'taken';

export type Call = {
  view: Accessor<CallView | null>;
  /** Changes with each news of a call that has ended, the last being that its money is settled: lists are read anew. */
  endedNews: Accessor<number | null>;
  attachment: Accessor<Attachment>;
  devices: Devices;
  leg: Leg;
  /** What both connections are like, as the appliance last said; null outside of calls. */
  links: Accessor<Links | null>;
  /** Whether the call covers the page. */
  isOnScreen: Accessor<boolean>;
  /** The model that is being rung, until the appliance has answered. */
  ringingId: Accessor<number | null>;
  isMuted: Accessor<boolean>;
  isCameraOff: Accessor<boolean>;
  /** Figures of the meter at a moment of performance.now(); null before live. */
  figures(nowMs: number): MeterFigures | null;
  msLeft(nowMs: number): number | null;
  ring(modelId: number): Promise<void>;
  accept(): Promise<void>;
  /** @param reason what the client reads */
  reject(reason?: string): Promise<void>;
  /** Gives a tip from the credit; rejects with UserFacing. */
  tip(amountMinor: number, key: string): Promise<void>;
  connect(): Promise<void>;
  hangUp(): Promise<void>;
  restart(): Promise<void>;
  waive(): Promise<void>;
  /** Takes part from this page, asking for camera and microphone. */
  attach(): Promise<void>;
  /** Asks for camera and microphone ahead of a call, and lets them go again. Answers whether there is a microphone. */
  checkDevices(): Promise<boolean>;
  setMuted(isMuted: boolean): void;
  setCameraOff(isCameraOff: boolean): void;
  /** Closes the screen of a call that has ended, or that goes on elsewhere. */
  dismiss(): void;
  /** Lets go of everything: the person has changed. */
  forget(): void;
};

/** A ring that was taken shows its first view within this time; it usually comes with the answer. */
const RING_VIEW_MS = 5_000;
/** After a reconnect the appliance tells of a call that goes on within this time; else it has ended. */
const VIEW_AFTER_HELLO_MS = 3_000;

/** How often a page says that both its switches are off (charging rules: switches). */
const SWITCHES_MS = 500;
const STALL_LOOK_MS = 1_000;

type Links = Extract<HubMessage, { type: 'call.links' }>;

type Received = { view: CallView; atMs: number };

const isActive = (view: CallView | null): view is CallView => view !== null && view.state !== 'ended';
const isPastRing = (view: CallView) => view.state !== 'ringing' && view.state !== 'ended';

export function createCall(hub: Hub): Call {
  const [received, setReceived] = createSignal<Received | null>(null);
  const [attachment, setAttachment] = createSignal<Attachment>('none');
  const [ringingId, setRingingId] = createSignal<number | null>(null);
  const [isMuted, setMutedSignal] = createSignal(false);
  const [isCameraOff, setCameraOffSignal] = createSignal(false);
  const [links, setLinks] = createSignal<Links | null>(null);
  const view = createMemo(() => received()?.view ?? null);
  const devices = createDevices();
  const leg = createLeg(hub);
  const meter = createLiveMeter();
  /** The call that this person wants to leave and could not say so yet. */
  let leavingId: number | null = null;
  let lastSeq = -1;
  let helloTimer = 0;
  /** Since when nothing can be known of the meter: its figures stand still until the hub is back. */
  let lostAtMs = Number.POSITIVE_INFINITY;

  createEffect(() => {
    lostAtMs = hub.state() === 'open' ? Number.POSITIVE_INFINITY : performance.now();
  });

  createEffect(() => {
    const stream = devices.stream();
    for (const track of stream?.getAudioTracks() ?? []) track.enabled = !isMuted();
    for (const track of stream?.getVideoTracks() ?? []) track.enabled = !isCameraOff();
    leg.setLocal(stream);
  });

  /** Sends a request; what is refused is shown, and answered with null. */
  async function send(message: PageRequest) {
    try {
      return await hub.request(message);
    } catch (thrown) {
      toast(errorWords(toUserFacing(thrown)), 'bad');
      return null;
    }
  }

  function sendOfCall(type: 'call.connect' | 'call.hangUp' | 'call.restart' | 'call.waive') {
    const current = view();
    return current ? send({ type, callId: current.callId }) : Promise.resolve(null);
  }

  function letGo() {
    devices.close();
    leg.close();
    batch(() => {
      setMutedSignal(false);
      setCameraOffSignal(false);
    });
  }

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
      if (me.isMuted !== isMuted() || me.isCameraOff !== isCameraOff()) tellMuted();
      return;
    }
    // Lost again on the way back: the next connection tries again. Only a refusal needs a person.
    setAttachment(hub.state() === 'open' ? 'asking' : 'none');
  }

  /**
   * Decides, when a call is seen that this page does not take part in, whether it should: a tab that was
   * in it, or one that has just been opened while no other page is in it. Never one that only heard the ring.
   */
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

  function receiveView(next: CallView) {
    const before = view();
    if (before?.callId === next.callId && next.seq <= lastSeq) return;
    const isNew = before?.callId !== next.callId;
    if (isNew) {
      // The end of an older call is no news while another goes on or when it was never here.
      if (next.state === 'ended') return;
      const isMyRing = next.mySide === 'client' && ringingId() === next.peer.personId;
      leg.close();
      if (!isMyRing) devices.close();
      setAttachment('none');
      leg.prepare().catch(() => {}); // tried again when the call needs it
      if (isMyRing) {
        setRingingId(null);
        take(next.callId);
      }
    }
    lastSeq = next.seq;
    clearTimeout(helloTimer);
    meter.show(next, performance.now());
    if (next.state === 'ended') return end(next);
    setReceived({ view: next, atMs: performance.now() });
    if (next.callId === leavingId) return void send({ type: 'call.hangUp', callId: next.callId });
    void consider(next, isNew);
  }

  function end(last: CallView) {
    leavingId = null;
    const wasHere = attachment() !== 'elsewhere' && attachment() !== 'taken';
    forgetCall();
    letGo();
    batch(() => {
      setReceived(wasHere ? { view: last, atMs: performance.now() } : null);
      setAttachment('none');
    });
  }

  function settleSoon() {
    clearTimeout(helloTimer);
    if (isActive(view())) helloTimer = window.setTimeout(settleAfterHello, VIEW_AFTER_HELLO_MS);
  }

  /** After a reconnect nothing was said of the call: it ended meanwhile. Its line tells how, once that is written. */
  async function settleAfterHello() {
    const current = view();
    if (!isActive(current)) return;
    try {
      const { calls } = await api.calls({ limit: 20 });
      const line = calls.find((one) => one.callId === current.callId);
      if (view() !== current) return;
      if (!line?.outcome) return settleSoon();
      const { billableMs, chargedMinor } = line;
      const meter = current.meter && { ...current.meter, billableMs, chargedMinor };
      end({ ...current, state: 'ended', outcome: line.outcome, meter });
    } catch (thrown) {
      toUserFacing(thrown);
      if (view() === current) settleSoon();
    }
  }

  function receive(message: HubMessage) {
    if (message.type === 'call') return receiveView(message.call);
    if (message.type === 'call.links') return void setLinks(message);
    if (message.type === 'hello') {
      void isAbleToSession().then((webTransport) => hub.request({ type: 'media.able', webTransport }).catch(() => {}));
      // A new socket takes part in nothing yet, and a restarted appliance counts its views anew.
      lastSeq = -1;
      if (attachment() === 'attached' || attachment() === 'attaching') setAttachment('none');
      settleSoon();
    } else if (message.type === 'call.detached') {
      if (message.callId !== view()?.callId) return;
      forgetCall();
      letGo();
      setAttachment('taken');
    } else if (message.type === 'media.prepare' || 'legId' in message) {
      if (message.type === 'media.offer' || message.type === 'media.session') {
        if (message.callId !== view()?.callId) return;
        take(message.callId);
      }
      leg.receive(message);
    }
  }
  hub.listen(receive);

  function tellMuted() {
    const current = view();
    if (!isActive(current)) return;
    void send({ type: 'call.mute', callId: current.callId, isMuted: isMuted(), isCameraOff: isCameraOff() });
  }

  // What is said of the switches holds for a moment only: while both are off it is said twice a second.
  setInterval(() => {
    const current = view();
    const isOff = isMuted() && isCameraOff() && attachment() === 'attached';
    if (!isOff || !isActive(current) || hub.state() !== 'open') return;
    const message = { type: 'call.mute', callId: current.callId, isMuted: true, isCameraOff: true } as const;
    hub.request(message).catch(() => {}); // said again by the next
  }, SWITCHES_MS);

  const stalls = createStallWatch();
  let watchedLegId = 0;
  setInterval(async () => {
    const current = view();
    const legId = leg.legId();
    const isWatched =
      current?.state === 'live' &&
      !current.them.isCameraOff &&
      leg.state() === 'up' &&
      document.visibilityState === 'visible';
    if (!isWatched || legId !== watchedLegId) stalls.reset();
    watchedLegId = legId;
    if (!isWatched) return;
    const stats = await leg.stats();
    if (leg.legId() !== legId || !stalls.look(stats, performance.now())) return;
    hub.request({ type: 'media.stalled', legId }).catch(() => {}); // the leg is gone already
  }, STALL_LOOK_MS);

  window.parlour = {
    stats: leg.stats,
    callView: view,
    testUplink: () => testUplink(hub),
    testRelay: () => testRelay(hub),
  };

  return {
    view,
    endedNews: createMemo(() => (view()?.state === 'ended' ? (view()?.seq ?? null) : null)),
    attachment,
    devices,
    leg,
    links: createMemo(() => (links()?.callId === view()?.callId ? links() : null)),
    ringingId,
    isMuted,
    isCameraOff,
    isOnScreen: createMemo(() => view() !== null && attachment() !== 'elsewhere'),
    figures(nowMs) {
      received(); // a new view is a new figure
      return meter.figures(Math.min(nowMs, lostAtMs));
    },
    msLeft(nowMs) {
      const current = received();
      if (!current || current.view.msLeft === null) return null;
      return leftAt(current.view.msLeft, current.atMs, nowMs);
    },
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
        letGo();
      }
      setRingingId(null);
    },
    async accept() {
      const current = view();
      if (!current) return;
      take(current.callId);
      void devices.open();
      if (!(await send({ type: 'call.accept', callId: current.callId })) && view()?.state === 'ringing') letGo();
    },
    async reject(reason) {
      const current = view();
      if (!current) return;
      await send({ type: 'call.reject', callId: current.callId, ...(reason && { reason }) });
    },
    async tip(amountMinor, key) {
      const current = view();
      if (current) await hub.request({ type: 'call.tip', callId: current.callId, amountMinor, key });
    },
    async connect() {
      await sendOfCall('call.connect');
    },
    async hangUp() {
      if (hub.state() === 'open') return void (await sendOfCall('call.hangUp'));
      // Nobody hears it now: camera and microphone stop at once, and it is said as soon as it can be.
      leavingId = view()?.callId ?? null;
      letGo();
      toast(t('call.leaving'), 'bad');
    },
    async restart() {
      await sendOfCall('call.restart');
    },
    async waive() {
      await sendOfCall('call.waive');
    },
    attach,
    async checkDevices() {
      const isReady = await devices.open();
      if (isReady && !isActive(view())) devices.close();
      return isReady;
    },
    setMuted(next) {
      setMutedSignal(next);
      tellMuted();
    },
    setCameraOff(next) {
      setCameraOffSignal(next);
      tellMuted();
    },
    dismiss() {
      if (isActive(view())) setAttachment('elsewhere');
      else setReceived(null);
    },
    forget() {
      clearTimeout(helloTimer);
      letGo();
      setReceived(null);
      setAttachment('none');
    },
  };
}
