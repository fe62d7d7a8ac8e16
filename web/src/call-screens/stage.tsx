import type { CallView } from '@contract/calls.ts';
import { createSignal, onMount, Show } from 'solid-js';
import { useCall } from '~/call';
import { isMinimumOpen, lostSide } from '~/meter';
import { onChange } from '~/state';
import { Asked, type Asking } from './asked.tsx';
import { createBusy } from './busy.ts';
import { createChat } from './chat.ts';
import { ChatPanel } from './chat-panel.tsx';
import { ConfirmPanel } from './confirm-panel.tsx';
import { Controls } from './controls.tsx';
import { keepAwake } from './keep-awake.ts';
import { Backdrop, DeviceProblem, Preview, SelfWindow, TopBar } from './stage-parts.tsx';
import { SuspendedPanel } from './suspended-panel.tsx';
import { RemoteVideo } from './videos.tsx';

/** Confirmation, live and grace on one stage, so that the pictures stay where they are. */
export function Stage(props: { view: CallView }) {
  const call = useCall();
  onMount(keepAwake);
  const name = () => props.view.peer.displayName;
  const lost = () => lostSide(props.view);
  const isSuspended = () => props.view.state === 'suspended';
  const chat = createChat(() => props.view.peer);
  const [asking, setAsking] = createSignal<Asking>('none');
  const [isEnding, runEnd] = createBusy();
  const hangUp = () => (isMinimumOpen(props.view) ? setAsking('hangUp') : runEnd(call.hangUp));
  // On a phone the chat would lie over what the grace asks.
  onChange(isSuspended, (is) => is && window.matchMedia('(max-width: 40rem)').matches && chat.setOpen(false));
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
          <Backdrop view={props.view} isSuspended={isSuspended()} hasPicture={hasPicture()} />
          <TopBar view={props.view} onAddCredit={() => setAsking('credit')} />
          <SelfWindow view={props.view} isChatOpen={chat.isOpen()} />
          <DeviceProblem view={props.view} />
          <Show when={props.view.state === 'live'}>
            <Show when={chat.preview()}>
              {(text) => <Preview name={name()} text={text()} onOpen={() => chat.setOpen(true)} />}
            </Show>
            <Controls
              view={props.view}
              asking={asking()}
              onAsk={setAsking}
              isEnding={isEnding()}
              onHangUp={hangUp}
              isChatOpen={chat.isOpen()}
              hasUnread={chat.hasUnread()}
              onChat={() => chat.setOpen(!chat.isOpen())}
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
        <Show when={chat.isOpen() && props.view.state !== 'confirming'}>
          <ChatPanel
            view={props.view}
            isEnding={isEnding()}
            onHangUp={props.view.state === 'live' ? hangUp : undefined}
            onClose={() => chat.setOpen(false)}
          />
        </Show>
      </div>
      <Show when={props.view.state === 'confirming'}>
        <ConfirmPanel view={props.view} />
      </Show>
    </div>
  );
}
