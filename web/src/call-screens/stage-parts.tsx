import type { CallView } from '@contract/calls.ts';
import MicOff from 'lucide-solid/icons/mic-off';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import WifiOff from 'lucide-solid/icons/wifi-off';
import { type JSX, Match, Show, Switch } from 'solid-js';
import { DeviceProblemNotice, useCall } from '~/call';
import { useHub } from '~/hub';
import { t } from '~/i18n';
import { createClock, lostSide } from '~/meter';
import { formatCountdown } from '~/money';
import { Avatar } from '~/ui';
import { LowBlock } from './low-block.tsx';
import { Tracker } from './tracker.tsx';
import { SelfVideo } from './videos.tsx';

/** In the middle of the stage: who is lost, or why there is no picture. */
export function Backdrop(props: { view: CallView; isSuspended: boolean; hasPicture: boolean }) {
  const call = useCall();
  const now = createClock();
  const name = () => props.view.peer.displayName;
  const lost = () => lostSide(props.view);
  return (
    <div class="pointer-events-none absolute inset-0 flex items-center justify-center p-6">
      <Switch>
        <Match when={props.isSuspended}>{null}</Match>
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
        <Match when={!props.hasPicture}>
          <Placeholder view={props.view} />
        </Match>
      </Switch>
    </div>
  );
}

/** Who it is, what ails the connection, and the meter. Over one's own picture: what it costs is never covered. */
export function TopBar(props: { view: CallView; onAddCredit: () => void }) {
  const call = useCall();
  const hub = useHub();
  const name = () => props.view.peer.displayName;
  return (
    <div class="absolute inset-x-0 top-0 z-20 flex flex-col gap-3 p-3 pt-[max(0.75rem,env(safe-area-inset-top))] sm:flex-row sm:items-start sm:justify-between sm:p-5">
      <div class="flex min-w-0 flex-wrap items-center gap-3">
        <LowBlock view={props.view} onAddCredit={() => props.onAddCredit()} />
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
  );
}

/** One's own picture, in a corner. */
export function SelfWindow(props: { view: CallView; isChatOpen: boolean }) {
  const call = useCall();
  return (
    <div
      class={`absolute right-3 z-10 max-w-[45%] overflow-hidden rounded-2xl shadow-float ring-1 ring-white/25 sm:right-5 ${
        props.view.state === 'confirming'
          ? 'bottom-3 h-40 w-30 short:h-24 short:w-32 sm:bottom-5 sm:tall:h-48 sm:tall:w-72'
          : `bottom-32 h-32 w-24 short:bottom-26 short:h-24 short:w-32 sm:tall:h-36 sm:tall:w-56 ${props.isChatOpen ? '@max-[20rem]:hidden' : 'lg:tall:bottom-5'}`
      }`}
      classList={{ hidden: props.view.state === 'suspended' || !call.devices.stream() }}
    >
      <SelfVideo />
    </div>
  );
}

/** What keeps camera and microphone from the call. */
export function DeviceProblem(props: { view: CallView }) {
  const call = useCall();
  return (
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
  );
}

/** What they have just written, over the picture: a press leads to the chat. */
export function Preview(props: { name: string; text: string; onOpen: () => void }) {
  return (
    <div class="pointer-events-none absolute inset-x-3 bottom-32 z-10 flex animate-rise short:bottom-26 sm:justify-center">
      <button
        type="button"
        onClick={() => props.onOpen()}
        class="pointer-events-auto max-w-[calc(100%-7rem)] rounded-2xl bg-panel px-4 py-2.5 text-left shadow-float sm:max-w-sm"
      >
        <span class="block text-xs text-on-stage-soft">{props.name}</span>
        <span class="line-clamp-2 break-words">{props.text}</span>
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
