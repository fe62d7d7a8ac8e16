import type { CallView } from '@contract/calls.ts';
import PhoneOff from 'lucide-solid/icons/phone-off';
import X from 'lucide-solid/icons/x';
import { Show } from 'solid-js';
import { t } from '~/i18n';
import { createThread, ThreadView } from '~/messages';

/** The thread with the other side, beside the picture; over it on a phone. */
export function ChatPanel(props: {
  view: CallView;
  isEnding: boolean;
  /** On a phone the chat covers the buttons of the call: the one that ends it comes along. */
  onHangUp?: (() => void) | undefined;
  onClose: () => void;
}) {
  const thread = createThread(() => props.view.peer.personId);
  return (
    <section
      aria-label={t('messages.log', { name: props.view.peer.displayName })}
      onKeyDown={(event) => event.key === 'Escape' && props.onClose()}
      class="absolute inset-x-0 bottom-0 z-30 flex h-[65%] flex-col rounded-t-card bg-[#1e1916] text-on-stage shadow-float sm:relative sm:inset-auto sm:h-full sm:w-[min(22rem,50%)] sm:shrink-0 sm:rounded-none sm:border-l sm:border-stage-line"
    >
      <header class="flex items-center justify-between gap-3 border-b border-stage-line py-2 pr-2 pl-4">
        <h2 class="truncate font-semibold">{props.view.peer.displayName}</h2>
        <div class="flex gap-2">
          <Show when={props.onHangUp}>
            {(hangUp) => (
              <button
                type="button"
                aria-label={t('call.hangUp')}
                title={t('call.hangUp')}
                disabled={props.isEnding}
                onClick={() => hangUp()()}
                class="flex size-11 items-center justify-center rounded-full bg-alarm text-white sm:hidden"
              >
                <PhoneOff size={20} aria-hidden="true" />
              </button>
            )}
          </Show>
          <button
            type="button"
            aria-label={t('call.closeChat')}
            onClick={() => props.onClose()}
            class="flex size-11 items-center justify-center rounded-full hover:bg-white/10"
          >
            <X size={20} aria-hidden="true" />
          </button>
        </div>
      </header>
      <ThreadView thread={thread} name={props.view.peer.displayName} onStage />
    </section>
  );
}
