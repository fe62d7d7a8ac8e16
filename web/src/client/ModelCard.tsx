import type { ModelCard as Card, ModelPresence } from '@contract/people.ts';
import Circle from 'lucide-solid/icons/circle';
import CircleCheck from 'lucide-solid/icons/circle-check';
import Clock from 'lucide-solid/icons/clock';
import PhoneCall from 'lucide-solid/icons/phone-call';
import Video from 'lucide-solid/icons/video';
import { type Component, createUniqueId, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { useServices } from '~/app/services.tsx';
import { unlockSound } from '~/call/ringSound.ts';
import { t } from '~/i18n';
import { Avatar, Badge, Button, type Tone } from '~/ui';
import { callRefusal, startPriceMinor } from './cards.ts';

const PRESENCE: Record<ModelPresence, { tone: Tone; icon: Component<{ size?: number }> }> = {
  available: { tone: 'good', icon: CircleCheck },
  busy: { tone: 'warn', icon: PhoneCall },
  away: { tone: 'quiet', icon: Clock },
  off: { tone: 'quiet', icon: Circle },
};

/** A model as clients see her, and the button that rings her. */
export function ModelCard(props: { card: Card }) {
  const { session, call, money } = useServices();
  const reasonId = createUniqueId();
  const isInCall = () => call.view() !== null && call.view()?.state !== 'ended';
  const refusal = () => callRefusal(props.card, session.me()?.balanceMinor ?? 0, isInCall());
  const isRinging = () => call.ringingId() === props.card.personId;

  const covers = () => {
    const minutes = Math.floor((session.me()?.balanceMinor ?? 0) / props.card.rateMinor);
    return t('client.covers', { minutes: t('common.minutes', minutes) });
  };

  function ring() {
    void unlockSound();
    void call.ring(props.card.personId);
  }

  return (
    <li class="flex flex-col rounded-card border border-line bg-card p-5 shadow-card sm:p-6">
      <div class="flex items-start gap-4">
        <Avatar name={props.card.displayName} personId={props.card.personId} />
        <div class="min-w-0 flex-1">
          <h2 class="text-lg leading-snug font-semibold break-words">{props.card.displayName}</h2>
          <div class="mt-1.5">
            <Badge
              tone={PRESENCE[props.card.presence].tone}
              icon={<Dynamic component={PRESENCE[props.card.presence].icon} size={15} aria-hidden="true" />}
            >
              {t(`presence.${props.card.presence}`)}
            </Badge>
          </div>
        </div>
      </div>
      <Show when={props.card.about}>
        <p class="mt-4 line-clamp-4 text-ink-soft whitespace-pre-line break-words">{props.card.about}</p>
      </Show>
      <div class="mt-auto pt-5">
        <p class="flex flex-wrap items-baseline justify-between gap-x-3">
          <span class="figures text-lg font-semibold">
            {t('client.perMinute', { price: money(props.card.rateMinor) })}
          </span>
          <span class="text-sm text-ink-soft">
            {props.card.minimumMin > 0
              ? t('client.minimum', { minutes: t('common.minutes', props.card.minimumMin) })
              : t('client.noMinimum')}
          </span>
        </p>
        <div class="mt-3">
          <Button
            wide
            size="lg"
            icon={<Video size={20} />}
            aria-label={t('client.callLabel', { name: props.card.displayName })}
            aria-describedby={reasonId}
            disabled={refusal() !== null || (call.ringingId() !== null && !isRinging())}
            busy={isRinging()}
            onClick={ring}
          >
            {isRinging() ? t('client.calling') : t('client.call')}
          </Button>
          <p id={reasonId} class="mt-2 min-h-6 text-center text-sm text-ink-soft">
            <Show when={refusal()} fallback={covers()}>
              {(why) => t(`client.because.${why()}`, { price: money(startPriceMinor(props.card)) })}
            </Show>
          </p>
        </div>
      </div>
    </li>
  );
}
