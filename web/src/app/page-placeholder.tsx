import { t } from '~/i18n';

/** While a page loads. Shows only after a moment, so that quick loads do not flicker. */
export function PagePlaceholder() {
  return (
    <div class="flex min-h-[60dvh] items-center justify-center" role="status">
      <span class="sr-only">{t('common.loading')}</span>
      <span
        class="size-9 animate-spin rounded-full border-3 border-line border-t-brand opacity-0 [animation:spin_1s_linear_infinite,appear_0s_0.3s_forwards]"
        aria-hidden="true"
      />
    </div>
  );
}
