import BadgeCheck from 'lucide-solid/icons/badge-check';
import { Show } from 'solid-js';
import { t } from '~/i18n';

/** The studio has seen who this is. */
export function Marks(props: { isVerified: boolean; size?: number }) {
  return (
    <Show when={props.isVerified}>
      <span class="inline-flex shrink-0 items-center align-middle text-brand" title={t('people.verified')}>
        <BadgeCheck size={props.size ?? 18} aria-hidden="true" />
        <span class="sr-only">{t('people.verified')}</span>
      </span>
    </Show>
  );
}
