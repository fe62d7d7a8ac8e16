import type { CallView } from '@contract/calls.ts';
import AppWindow from 'lucide-solid/icons/app-window';
import Ban from 'lucide-solid/icons/ban';
import CircleStop from 'lucide-solid/icons/circle-stop';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Flag from 'lucide-solid/icons/flag';
import Gift from 'lucide-solid/icons/gift';
import Maximize from 'lucide-solid/icons/maximize';
import MessageCircle from 'lucide-solid/icons/message-circle';
import Mic from 'lucide-solid/icons/mic';
import MicOff from 'lucide-solid/icons/mic-off';
import Minimize from 'lucide-solid/icons/minimize';
import PhoneOff from 'lucide-solid/icons/phone-off';
import PictureInPicture2 from 'lucide-solid/icons/picture-in-picture-2';
import Settings2 from 'lucide-solid/icons/settings-2';
import Video from 'lucide-solid/icons/video';
import VideoOff from 'lucide-solid/icons/video-off';
import Wallet from 'lucide-solid/icons/wallet';
import { createSignal, type JSX, onCleanup, Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { closeTracker, isTrackerOpen, openTracker } from '~/tracker/window.ts';
import { createIdle } from '../idle.ts';
import { canPictureInPicture, isInPicture, togglePictureInPicture } from '../pictureInPicture.ts';
import { keysOf, listenForShortcuts, type Shortcut } from '../shortcuts.ts';
import type { Asking } from './Asked.tsx';
import { type MoreItem, MoreMenu } from './MoreMenu.tsx';

export function Controls(props: {
  view: CallView;
  asking: Asking;
  onAsk: (what: Asking) => void;
  isEnding: boolean;
  onHangUp: () => void;
  isChatOpen: boolean;
  /** A line has come that was not looked at. */
  hasNews: boolean;
  onChat: () => void;
}) {
  const { call } = useServices();
  const [isFull, setFull] = createSignal(document.fullscreenElement !== null);
  const onFullScreen = () => setFull(document.fullscreenElement !== null);
  document.addEventListener('fullscreenchange', onFullScreen);
  onCleanup(() => {
    document.removeEventListener('fullscreenchange', onFullScreen);
    if (document.fullscreenElement) void document.exitFullscreen();
  });

  const isIdle = createIdle();
  /** A picture without buttons on it: the buttons are there again with the first movement. */
  const isAside = () => isIdle() && props.asking === 'none' && !props.isChatOpen;
  listenForShortcuts({
    mute: () => call.setMuted(!call.isMuted()),
    camera: () => call.setCameraOff(!call.isCameraOff()),
    chat: props.onChat,
  });

  const more = (): MoreItem[] => [
    ...(props.view.mySide === 'client'
      ? [{ words: t('tip.give'), icon: Gift, onSelect: () => props.onAsk('tip') }]
      : []),
    { words: t('device.choose'), icon: Settings2, onSelect: () => props.onAsk('devices') },
    ...(document.fullscreenEnabled
      ? [
          {
            words: t(isFull() ? 'call.leaveFullScreen' : 'call.fullScreen'),
            icon: isFull() ? Minimize : Maximize,
            onSelect: toggleFull,
          },
        ]
      : []),
    ...(canPictureInPicture()
      ? [
          {
            words: t(isInPicture() ? 'call.leavePictureInPicture' : 'call.pictureInPicture'),
            icon: PictureInPicture2,
            onSelect: () => void togglePictureInPicture(),
          },
        ]
      : []),
    {
      words: t(isTrackerOpen() ? 'trackerWindow.close' : 'trackerWindow.open'),
      icon: AppWindow,
      onSelect: () => (isTrackerOpen() ? closeTracker() : void openTracker(t('tracker.title'))),
    },
    ...(props.view.mySide === 'model' && !props.view.meter?.reasons.includes('model_waived')
      ? [{ words: t('call.waive'), icon: CircleStop, onSelect: () => props.onAsk('waive') }]
      : []),
    { words: t('people.report'), icon: Flag, onSelect: () => props.onAsk('report') },
    { words: t('people.block'), icon: Ban, onSelect: () => props.onAsk('block'), isDanger: true },
  ];
  const toggleFull = () =>
    void (isFull() ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => undefined);

  return (
    <div
      class="safe-bottom @container absolute inset-x-0 bottom-0 z-10 bg-linear-to-t from-black/60 to-transparent pt-8 transition-opacity duration-500 [--safe-min:1rem] focus-within:opacity-100"
      classList={{ 'opacity-0': isAside() }}
    >
      <div class="flex flex-wrap items-start justify-center gap-1.5 px-1.5 @min-[26rem]:gap-2.5 @2xl:gap-4">
        <Round
          label={t(call.isMuted() ? 'call.unmute' : 'call.mute')}
          short={t('call.short.mute')}
          shortcut="mute"
          isOff={call.isMuted()}
          onPress={() => call.setMuted(!call.isMuted())}
        >
          {call.isMuted() ? <MicOff size={24} /> : <Mic size={24} />}
        </Round>
        <Round
          label={t(call.isCameraOff() ? 'call.cameraOn' : 'call.cameraOff')}
          short={t('call.short.camera')}
          shortcut="camera"
          isOff={call.isCameraOff()}
          onPress={() => call.setCameraOff(!call.isCameraOff())}
        >
          {call.isCameraOff() ? <VideoOff size={24} /> : <Video size={24} />}
        </Round>
        <Round
          label={t(props.isChatOpen ? 'call.closeChat' : 'call.openChat')}
          short={t('call.short.chat')}
          shortcut="chat"
          isOff={props.isChatOpen}
          hasNews={props.hasNews}
          onPress={props.onChat}
        >
          <MessageCircle size={24} />
        </Round>
        <Show when={props.view.mySide === 'client'}>
          <span class="hidden @2xl:contents">
            <Round label={t('tip.give')} short={t('tip.short')} onPress={() => props.onAsk('tip')}>
              <Gift size={24} />
            </Round>
          </span>
          <Round label={t('call.addCredit')} short={t('call.short.addCredit')} onPress={() => props.onAsk('credit')}>
            <Wallet size={24} />
          </Round>
        </Show>
        <MoreMenu icon={Ellipsis} items={more()} />
        <Round
          label={t('call.hangUp')}
          short={t('call.short.hangUp')}
          isDanger
          isBusy={props.isEnding}
          onPress={props.onHangUp}
        >
          <PhoneOff size={24} />
        </Round>
      </div>
    </div>
  );
}

function Round(props: {
  label: string;
  short: string;
  isOff?: boolean;
  isDanger?: boolean;
  isBusy?: boolean;
  hasNews?: boolean;
  shortcut?: Shortcut;
  onPress: () => void;
  children: JSX.Element;
}) {
  const tone = () => {
    if (props.isDanger) return 'bg-alarm text-white hover:bg-[#a8231a]';
    return props.isOff ? 'bg-on-stage text-stage hover:bg-white' : 'bg-panel text-on-stage hover:bg-[#3a322b]';
  };
  return (
    <button
      type="button"
      aria-label={props.hasNews ? `${props.label}, ${t('messages.unread')}` : props.label}
      title={props.shortcut ? `${props.label} (${keysOf(props.shortcut)})` : props.label}
      aria-keyshortcuts={props.shortcut && keysOf(props.shortcut)}
      disabled={props.isBusy}
      onClick={() => props.onPress()}
      class="flex w-11 flex-col items-center gap-1 rounded-2xl @min-[23rem]:w-14 @2xl:w-20"
    >
      <span
        class={`relative flex size-11 items-center justify-center rounded-full transition-colors @min-[23rem]:size-14 ${tone()}`}
        aria-hidden="true"
      >
        {props.children}
        <Show when={props.hasNews}>
          <span class="absolute top-0.5 right-0.5 size-3 rounded-full bg-lamp" />
        </Show>
      </span>
      <span class="hidden max-w-full text-xs font-medium drop-shadow @2xl:block" aria-hidden="true">
        {props.short}
      </span>
    </button>
  );
}
