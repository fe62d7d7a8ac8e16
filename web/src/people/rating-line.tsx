import Star from 'lucide-solid/icons/star';
import { Show } from 'solid-js';
import { locale, t } from '~/i18n';

/** The average of the stars, once there are enough of them. */
export function RatingLine(props: { tenths: number | null; count: number }) {
  const stars = () =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
      (props.tenths ?? 0) / 10,
    );
  return (
    <Show when={props.tenths !== null}>
      <span class="figures inline-flex items-center gap-1 text-sm">
        <Star size={15} class="fill-current text-brass" aria-hidden="true" />
        <span class="sr-only">{t('people.ratedLabel', { stars: stars() })}</span>
        <span aria-hidden="true" class="font-semibold">
          {stars()}
        </span>
        <span class="text-ink-soft">({props.count})</span>
      </span>
    </Show>
  );
}
