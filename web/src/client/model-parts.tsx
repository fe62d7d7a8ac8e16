import type { ModelCard as Card, ModelPresence } from '@contract/people.ts';
import Bell from 'lucide-solid/icons/bell';
import BellRing from 'lucide-solid/icons/bell-ring';
import Circle from 'lucide-solid/icons/circle';
import CircleCheck from 'lucide-solid/icons/circle-check';
import Clock from 'lucide-solid/icons/clock';
import Heart from 'lucide-solid/icons/heart';
import MessageCircle from 'lucide-solid/icons/message-circle';
import PhoneCall from 'lucide-solid/icons/phone-call';
import Video from 'lucide-solid/icons/video';
import Wallet from 'lucide-solid/icons/wallet';
import { type Component, createUniqueId, For, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { api, toUserFacing } from '~/api';
import { useCall } from '~/call';
import { useHub } from '~/hub';
import { errorText, locale, t } from '~/i18n';
import { unlockSound } from '~/media';
import { askNotify, useMoney, useSession } from '~/state';
import { Badge, Button, LinkButton, type Tone, toast } from '~/ui';
import { callRefusal, startPriceMinor } from './cards.ts';
import { useModels } from './models.ts';

// What a model is and what one can do with her, on her card and on her page.

const PRESENCE: Record<ModelPresence, { tone: Tone; icon: Component<{ size?: number; class?: string }> }> = {
  available: { tone: 'good', icon: CircleCheck },
  busy: { tone: 'warn', icon: PhoneCall },
  away: { tone: 'quiet', icon: Clock },
  off: { tone: 'quiet', icon: Circle },
};

export function PresenceBadge(props: { presence: ModelPresence }) {
  return (
    <Badge
      tone={PRESENCE[props.presence].tone}
      icon={<Dynamic component={PRESENCE[props.presence].icon} size={15} class="shrink-0" aria-hidden="true" />}
    >
      {t(`presence.${props.presence}`)}
    </Badge>
  );
}

/** A heart that is pressed or not. */
export function FavouriteButton(props: { card: Card }) {
  const { favourites } = useModels();
  const isOn = () => favourites().includes(props.card.personId);
  async function toggle() {
    const { personId } = props.card;
    try {
      await (isOn() ? api.removeFavourite(personId) : api.addFavourite(personId));
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
  }
  return (
    <button
      type="button"
      aria-pressed={isOn()}
      aria-label={t('client.favouriteLabel', { name: props.card.displayName })}
      title={t('client.favourite')}
      onClick={toggle}
      class={`flex size-11 shrink-0 items-center justify-center rounded-full hover:bg-sunken ${isOn() ? 'text-danger' : 'text-ink-soft'}`}
    >
      <Heart size={20} class={isOn() ? 'fill-current' : ''} aria-hidden="true" />
    </button>
  );
}

/** What she speaks and what she is found by. A tag is a way to everybody who has it. */
export function ModelFacts(props: { card: Card }) {
  const names = () => {
    const words = new Intl.DisplayNames([locale, 'en'], { type: 'language', fallback: 'code' });
    return props.card.languages.map((code) => words.of(code) ?? code).join(', ');
  };
  return (
    <>
      <Show when={props.card.languages.length > 0}>
        <p class="mt-3 text-sm text-ink-soft">
          {t('client.languages')} {names()}
        </p>
      </Show>
      <Show when={props.card.tags.length > 0}>
        <ul class="mt-3 flex flex-wrap gap-1.5">
          <For each={props.card.tags}>
            {(tag) => <li class="rounded-full bg-sunken px-2.5 py-0.5 text-sm break-all">{tag}</li>}
          </For>
        </ul>
      </Show>
    </>
  );
}

export function PriceLine(props: { card: Card }) {
  const money = useMoney();
  return (
    <p class="flex flex-wrap items-baseline justify-between gap-x-3">
      <span class="figures text-lg font-semibold">{t('client.perMinute', { price: money(props.card.rateMinor) })}</span>
      <span class="text-sm text-ink-soft">
        {props.card.minimumMin > 0
          ? t('client.minimum', { minutes: t('common.minutes', props.card.minimumMin) })
          : t('client.noMinimum')}
      </span>
    </p>
  );
}

/** Call, message, and to be told when she is free; and why she cannot be called now. */
export function ModelActions(props: { card: Card }) {
  const session = useSession();
  const call = useCall();
  const money = useMoney();
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
    <div>
      <div class="flex flex-wrap gap-2.5">
        <div class="grow basis-28">
          <Show
            when={refusal() !== 'credit'}
            fallback={
              <LinkButton
                href="/wallet"
                wide
                size="lg"
                icon={<Wallet size={20} aria-hidden="true" />}
                aria-label={t('client.addCreditFor', { name: props.card.displayName })}
                aria-describedby={reasonId}
              >
                {t('client.addCredit')}
              </LinkButton>
            }
          >
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
          </Show>
        </div>
        <LinkButton
          href={`/messages/${props.card.personId}`}
          tone="quiet"
          size="lg"
          icon={<MessageCircle size={20} aria-hidden="true" />}
          aria-label={t('messages.openLabel', { name: props.card.displayName })}
        >
          {''}
        </LinkButton>
      </div>
      <p id={reasonId} class="mt-2 min-h-6 text-center text-sm text-ink-soft">
        <Show when={refusal()} fallback={covers()}>
          {(why) => t(`client.because.${why()}`, { price: money(startPriceMinor(props.card)) })}
        </Show>
      </p>
      <TellMe card={props.card} />
    </div>
  );
}

/** For one who is not free now: to be told once when she is. */
function TellMe(props: { card: Card }) {
  const hub = useHub();
  const { notifyMe } = useModels();
  const isOn = () => notifyMe().includes(props.card.personId);
  const canAsk = () => props.card.presence !== 'available';
  async function toggle() {
    void unlockSound();
    void askNotify();
    try {
      await hub.request({ type: 'model.notifyMe', modelId: props.card.personId, on: !isOn() });
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
  }
  return (
    <Show when={canAsk() || isOn()}>
      <div class="mt-1 grid">
        <Button
          tone="quiet"
          aria-pressed={isOn()}
          aria-label={t(isOn() ? 'client.notifyMeOffLabel' : 'client.notifyMeLabel', { name: props.card.displayName })}
          icon={isOn() ? <BellRing size={18} aria-hidden="true" /> : <Bell size={18} aria-hidden="true" />}
          onClick={toggle}
        >
          {t(isOn() ? 'client.notifyMeOn' : 'client.notifyMe')}
        </Button>
      </div>
    </Show>
  );
}
