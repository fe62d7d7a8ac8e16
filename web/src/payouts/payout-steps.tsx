import type { Payout } from '@contract/money-api.ts';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';

/** What has happened with a payout, in order, by whom and when. */
export function PayoutSteps(props: { payout: Payout }) {
  return (
    <ol aria-label={t('payout.steps')} class="grid gap-2">
      <For each={props.payout.steps}>
        {(step, index) => (
          <li class="relative flex gap-3 pl-1">
            <span
              aria-hidden="true"
              class={`mt-2 size-2 shrink-0 rounded-full ${index() === props.payout.steps.length - 1 ? 'bg-brand' : 'bg-line-strong'}`}
            />
            <p class="min-w-0 text-sm">
              <span class="font-medium">{t(`payout.step.${step.step}`)}</span>{' '}
              <span class="text-ink-soft">
                {t('payout.by', { name: step.byName })} · {formatDateTime(step.at, locale)}
              </span>
              <Show when={step.note}>{(note) => <span class="block break-words">{note()}</span>}</Show>
            </p>
          </li>
        )}
      </For>
    </ol>
  );
}
