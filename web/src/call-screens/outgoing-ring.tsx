import type { CallView } from '@contract/calls.ts';
import PhoneOff from 'lucide-solid/icons/phone-off';
import { onCleanup, onMount, Show } from 'solid-js';
import { DeviceProblemNotice, useCall } from '~/call';
import { t } from '~/i18n';
import { startRing } from '~/media';
import { createClock } from '~/meter';
import { formatCountdown } from '~/money';
import { Button } from '~/ui';
import { createBusy } from './busy.ts';
import { RingingAvatar } from './ringing-avatar.tsx';
import { SelfVideo } from './videos.tsx';

/** What the client sees until there is an answer. */
export function OutgoingRing(props: { view: CallView }) {
  const call = useCall();
  const now = createClock();
  const [isBusy, run] = createBusy();
  onMount(() => onCleanup(startRing('outgoing')));

  return (
    <div class="flex h-full flex-col items-center text-center short:flex-row">
      <div class="flex min-h-0 w-full flex-1 flex-col items-center gap-8 overflow-y-auto px-6 pt-10 pb-4 *:first:mt-auto *:last:mb-auto short:max-h-full short:gap-3 short:py-3">
        <RingingAvatar
          name={props.view.peer.displayName}
          personId={props.view.peer.personId}
          pictureUrl={props.view.peer.pictureUrl}
        />
        <div>
          <h1 class="font-display text-3xl sm:text-4xl">{t('ring.outgoing', { name: props.view.peer.displayName })}</h1>
          <p class="mt-2 text-on-stage-soft">{t('ring.outgoingWhy')}</p>
        </div>
        <Show when={call.devices.stream()}>
          <div class="h-32 w-44 shrink-0 overflow-hidden rounded-2xl shadow-float short:hidden sm:tall:h-40 sm:tall:w-56">
            <SelfVideo />
          </div>
        </Show>
        <DeviceProblemNotice />
      </div>
      <div class="safe-bottom grid shrink-0 justify-items-center gap-4 px-6 pt-4 [--safe-min:2rem] short:w-72">
        <p class="figures text-on-stage-soft" role="timer">
          {t('ring.countdown', { clock: formatCountdown(call.msLeft(now()) ?? 0) })}
        </p>
        <Button
          tone="stageDanger"
          size="lg"
          icon={<PhoneOff size={22} />}
          busy={isBusy()}
          onClick={() => run(call.hangUp)}
        >
          {t('ring.hangUp')}
        </Button>
      </div>
    </div>
  );
}
