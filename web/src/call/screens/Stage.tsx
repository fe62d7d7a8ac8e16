import type { CallView } from '@contract/calls.ts';
import MicOff from 'lucide-solid/icons/mic-off';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import WifiOff from 'lucide-solid/icons/wifi-off';
import { createEffect, createSignal, type JSX, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { onChange } from '~/app/onChange.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatCountdown } from '~/money';
import { Avatar, announce } from '~/ui';
import { createClock } from '../clock.ts';
import { isMinimumOpen } from '../meterFigures.ts';
import { lostSide } from '../words.ts';
import { Asked, type Asking } from './Asked.tsx';
import { createBusy } from './busy.ts';
import { ChatPanel } from './ChatPanel.tsx';
import { ConfirmPanel } from './ConfirmPanel.tsx';
import { Controls } from './Controls.tsx';
import { DeviceProblemNotice } from './DeviceProblemNotice.tsx';
import { LowBlock } from './LowBlock.tsx';
import { SuspendedPanel } from './SuspendedPanel.tsx';
import { Tracker } from './Tracker.tsx';
import { RemoteVideo, SelfVideo } from './Videos.tsx';

/** So long a new line of the other side lies over the picture. */
const PREVIEW_MS = 8_000;

/** The phone's screen stays on while people talk. Where there is no such lock, nothing happens. */
function keepAwake() {
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (document.visibilityState === 'visible')
      lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
  };
  void ask();
  document.addEventListener('visibilitychange', ask);
  onCleanup(() => {
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  });
}

/** Confirmation, live and grace on one stage, so that the pictures stay where they are. */
export function Stage(props: { view: CallView }) {
  const { call, hub } = useServices();
  const now = createClock();
  onMount(keepAwake);
  const name = () => props.view.peer.displayName;
  const lost = () => lostSide(props.view);
  const isSuspended = () => props.view.state === 'suspended';
  const [isChatOpen, setChatOpen] = createSignal(false);
  const [hasNews, setNews] = createSignal(false);
  /** What they wrote last, while the chat is closed and it is new. */
  const [preview, setPreview] = createSignal<string | null>(null);
  const [asking, setAsking] = createSignal<Asking>('none');
  const [isEnding, runEnd] = createBusy();
  const hangUp = () => (isMinimumOpen(props.view) ? setAsking('hangUp') : runEnd(call.hangUp));
  let previewTimer = 0;
  onCleanup(() => clearTimeout(previewTimer));
  onCleanup(
    hub.listen((message) => {
      if (message.type !== 'message' || message.message.authorId !== props.view.peer.personId || isChatOpen()) return;
      setNews(true);
      const { content } = message.message;
      if (content.kind === 'text') {
        setPreview(content.text);
        clearTimeout(previewTimer);
        previewTimer = window.setTimeout(() => setPreview(null), PREVIEW_MS);
      }
      announce(t('call.newMessage', { name: name() }));
    }),
  );
  createEffect(() => {
    if (!isChatOpen()) return;
    setNews(false);
    setPreview(null);
  });
  // On a phone the chat would lie over what the grace asks.
  onChange(isSuspended, (is) => is && window.matchMedia('(max-width: 40rem)').matches && setChatOpen(false));
  const [isPainted, setPainted] = createSignal(false);
  const hasPicture = () => isPainted() && !props.view.them.isCameraOff;
  const isDimmed = () =>
    isSuspended() || lost() !== null || call.leg.state() === 'closed' || props.view.them.isCameraOff;

  return (
    <div class="flex h-full flex-col" classList={{ 'short:flex-row': props.view.state === 'confirming' }}>
      <div class="flex min-h-0 flex-1">
        <div class="@container relative min-h-0 min-w-0 flex-1">
          <RemoteVideo name={name()} isDimmed={isDimmed()} onPicture={setPainted} />
          <div class="pointer-events-none absolute inset-x-0 top-0 h-40 bg-linear-to-b from-black/55 to-transparent" />
          <div class="pointer-events-none absolute inset-0 flex items-center justify-center p-6">
            <Switch>
              <Match when={isSuspended()}>{null}</Match>
              <Match when={lost() === 'them'}>
                <Lost
                  title={t('tracker.themLost', { name: name() })}
                  why={t('tracker.themLostWhy', { name: name() })}
                  msLeft={call.msLeft(now())}
                />
              </Match>
              <Match when={lost() === 'me'}>
                <Lost title={t('tracker.meLost')} why={t('tracker.meLostWhy')} msLeft={call.msLeft(now())} />
              </Match>
              <Match when={!hasPicture()}>
                <Placeholder view={props.view} />
              </Match>
            </Switch>
          </div>

          {/* Over one's own picture: what it costs is never covered. */}
          <div class="absolute inset-x-0 top-0 z-20 flex flex-col gap-3 p-3 pt-[max(0.75rem,env(safe-area-inset-top))] sm:flex-row sm:items-start sm:justify-between sm:p-5">
            <div class="flex min-w-0 flex-wrap items-center gap-3">
              <LowBlock view={props.view} onAddCredit={() => setAsking('credit')} />
              <p class="truncate text-lg font-semibold drop-shadow">{name()}</p>
              <Show when={props.view.them.isMuted}>
                <Chip icon={<MicOff size={16} />}>{t('call.theirMuted', { name: name() })}</Chip>
              </Show>
              <Show when={call.attachment() === 'attaching'}>
                <Chip icon={<RotateCw size={16} />}>{t('call.rejoining')}</Chip>
              </Show>
              <Show when={hub.state() !== 'open'}>
                <Chip icon={<WifiOff size={16} />}>{t('call.hubLost')}</Chip>
              </Show>
            </div>
            <Show when={props.view.state === 'live'}>
              <Tracker view={props.view} />
            </Show>
          </div>

          <div
            class={`absolute right-3 z-10 max-w-[45%] overflow-hidden rounded-2xl shadow-float ring-1 ring-white/25 sm:right-5 ${
              props.view.state === 'confirming'
                ? 'bottom-3 h-40 w-30 short:h-24 short:w-32 sm:bottom-5 sm:tall:h-48 sm:tall:w-72'
                : `bottom-32 h-32 w-24 short:bottom-26 short:h-24 short:w-32 sm:tall:h-36 sm:tall:w-56 ${isChatOpen() ? '@max-[20rem]:hidden' : 'lg:tall:bottom-5'}`
            }`}
            classList={{ hidden: isSuspended() || !call.devices.stream() }}
          >
            <SelfVideo />
          </div>
          <div
            class="absolute inset-x-4 z-10 flex justify-center"
            classList={{
              'bottom-4': props.view.state === 'confirming',
              'bottom-36 sm:bottom-32': props.view.state !== 'confirming',
            }}
          >
            <Show when={!call.devices.stream()}>
              <DeviceProblemNotice />
            </Show>
          </div>
          <Show when={props.view.state === 'live'}>
            <Show when={preview()}>
              {(words) => <Preview name={name()} words={words()} onOpen={() => setChatOpen(true)} />}
            </Show>
            <Controls
              view={props.view}
              asking={asking()}
              onAsk={setAsking}
              isEnding={isEnding()}
              onHangUp={hangUp}
              isChatOpen={isChatOpen()}
              hasNews={hasNews()}
              onChat={() => setChatOpen(!isChatOpen())}
            />
          </Show>
          <Show when={isSuspended()}>
            <SuspendedPanel
              view={props.view}
              onAddCredit={() => setAsking('credit')}
              onEnough={() => asking() === 'credit' && setAsking('none')}
            />
          </Show>
          <Asked view={props.view} asking={asking()} onDone={() => setAsking('none')} />
        </div>
        <Show when={isChatOpen() && props.view.state !== 'confirming'}>
          <ChatPanel
            view={props.view}
            isEnding={isEnding()}
            onHangUp={props.view.state === 'live' ? hangUp : undefined}
            onClose={() => setChatOpen(false)}
          />
        </Show>
      </div>
      <Show when={props.view.state === 'confirming'}>
        <ConfirmPanel view={props.view} />
      </Show>
    </div>
  );
}

/** What they have just written, over the picture: a press leads to the chat. */
function Preview(props: { name: string; words: string; onOpen: () => void }) {
  return (
    <div class="pointer-events-none absolute inset-x-3 bottom-32 z-10 flex animate-rise short:bottom-26 sm:justify-center">
      <button
        type="button"
        onClick={() => props.onOpen()}
        class="pointer-events-auto max-w-[calc(100%-7rem)] rounded-2xl bg-panel px-4 py-2.5 text-left shadow-float sm:max-w-sm"
      >
        <span class="block text-xs text-on-stage-soft">{props.name}</span>
        <span class="line-clamp-2 break-words">{props.words}</span>
      </button>
    </div>
  );
}

function Chip(props: { icon: JSX.Element; children: JSX.Element }) {
  return (
    <span class="inline-flex items-center gap-1.5 rounded-full bg-panel px-3 py-1 text-sm font-medium">
      {props.icon}
      {props.children}
    </span>
  );
}

function Placeholder(props: { view: CallView }) {
  return (
    <div class="grid justify-items-center gap-4 text-center">
      <Avatar
        name={props.view.peer.displayName}
        personId={props.view.peer.personId}
        pictureUrl={props.view.peer.pictureUrl}
        size="xl"
      />
      <p class="text-on-stage-soft">
        {props.view.them.isCameraOff
          ? t('call.theirCameraOff', { name: props.view.peer.displayName })
          : t('call.noPicture')}
      </p>
    </div>
  );
}

function Lost(props: { title: string; why: string; msLeft: number | null }) {
  return (
    <div class="grid max-w-sm justify-items-center gap-2 rounded-card bg-panel px-7 py-6 text-center shadow-float">
      <WifiOff size={28} class="text-lamp" aria-hidden="true" />
      <p class="text-lg font-semibold">{props.title}</p>
      <p class="text-on-stage-soft">{props.why}</p>
      <Show when={props.msLeft !== null}>
        <p class="figures mt-1 text-4xl font-semibold" role="timer">
          {formatCountdown(props.msLeft ?? 0)}
        </p>
      </Show>
    </div>
  );
}
