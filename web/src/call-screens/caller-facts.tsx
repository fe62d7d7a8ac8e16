import type { CallView } from '@contract/calls.ts';
import type { CallerCard } from '@contract/people.ts';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';

/** What a model knows of who rings before she answers. */
export function CallerFacts(props: { view: CallView }) {
  const since = (card: CallerCard) =>
    new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(new Date(card.memberSince));
  const rated = (card: CallerCard) => {
    const { averageTenths, count, upCount, downCount } = card.rating;
    if (averageTenths !== null) {
      const stars = new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).format(averageTenths / 10);
      return t('ring.stars', { stars, count });
    }
    return upCount + downCount === 0 ? t('ring.notRated') : t('ring.thumbs', { up: upCount, down: downCount });
  };
  const facts = (card: CallerCard): string[] => [
    t('ring.since', { when: since(card) }),
    card.callsWithYou === 0
      ? t(card.callsInAll === 0 ? 'ring.firstCall' : 'ring.firstWithYou')
      : t('ring.callsWithYou', card.callsWithYou),
    rated(card),
    ...(card.isVerified ? [t('people.verified')] : []),
    ...(card.isStaff ? [t('ring.staff')] : []),
  ];
  return (
    <Show when={props.view.caller}>
      {(card) => (
        <>
          <ul class="flex max-w-lg flex-wrap justify-center gap-2" aria-label={t('ring.facts')}>
            <For each={facts(card())}>
              {(fact) => <li class="rounded-full bg-white/10 px-3 py-1 text-sm font-medium">{fact}</li>}
            </For>
          </ul>
          <Show when={card().looksWithYou}>
            {(looks) => (
              <p class="max-w-lg rounded-xl bg-alarm px-4 py-2 text-lg font-semibold text-white">
                {t('ring.looked', props.view.peer.displayName, looks())}
              </p>
            )}
          </Show>
          <Show when={card().wasBlocked}>
            <p class="rounded-xl bg-alarm px-4 py-2 font-medium text-white">{t('ring.wasBlocked')}</p>
          </Show>
        </>
      )}
    </Show>
  );
}
