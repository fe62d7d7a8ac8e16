import type { CallView } from '@contract/calls.ts';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Gift from 'lucide-solid/icons/gift';
import MessageCircle from 'lucide-solid/icons/message-circle';
import Mic from 'lucide-solid/icons/mic';
import MicOff from 'lucide-solid/icons/mic-off';
import PhoneOff from 'lucide-solid/icons/phone-off';
import Video from 'lucide-solid/icons/video';
import VideoOff from 'lucide-solid/icons/video-off';
import Wallet from 'lucide-solid/icons/wallet';
import { type JSX, Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import type { Asking } from './asked.tsx';
import { createIdle } from './idle.ts';
import { createMoreItems } from './more-items.ts';
import { MoreMenu } from './more-menu.tsx';
import { keysOf, listenForShortcuts, type Shortcut } from './shortcuts.ts';

export function Controls(props: {
  view: CallView;
  asking: Asking;
  onAsk: (what: Asking) => void;
  isEnding: boolean;
  onHangUp: () => void;
  isChatOpen: boolean;
  /** A line has come that was not looked at. */
  hasUnread: boolean;
  onChat: () => void;
}) {
  const call = useCall();
  const isIdle = createIdle();
  /** A picture without buttons on it: the buttons are there again with the first movement. */
  const isAside = () => isIdle() && props.asking === 'none' && !props.isChatOpen;
  listenForShortcuts({
    mute: () => call.setMuted(!call.isMuted()),
    camera: () => call.setCameraOff(!call.isCameraOff()),
    chat: props.onChat,
  });

  const more = createMoreItems(
    () => props.view,
    (what) => props.onAsk(what),
  );

  return (
    <div
      class="safe-bottom @container absolute inset-x-0 bottom-0 z-10 bg-linear-to-t from-black/60 to-transparent pt-8 transition-opacity duration-500 [--safe-min:1rem] focus-within:opacity-100"
      classList={{ 'opacity-0': isAside() }}
    >
      <div class="flex flex-wrap items-start justify-center gap-1.5 px-1.5 @min-[26rem]:gap-2.5 @2xl:gap-4">
        <Switches />
        <Round
          label={t(props.isChatOpen ? 'call.closeChat' : 'call.openChat')}
          short={t('call.short.chat')}
          shortcut="chat"
          isOff={props.isChatOpen}
          hasUnread={props.hasUnread}
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

/** Microphone and camera, on or off. */
function Switches() {
  const call = useCall();
  return (
    <>
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
    </>
  );
}

function Round(props: {
  label: string;
  short: string;
  isOff?: boolean;
  isDanger?: boolean;
  isBusy?: boolean;
  hasUnread?: boolean;
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
      aria-label={props.hasUnread ? `${props.label}, ${t('messages.unread')}` : props.label}
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
        <Show when={props.hasUnread}>
          <span class="absolute top-0.5 right-0.5 size-3 rounded-full bg-lamp" />
        </Show>
      </span>
      <span class="hidden max-w-full text-xs font-medium drop-shadow @2xl:block" aria-hidden="true">
        {props.short}
      </span>
    </button>
  );
}
