import { For } from 'solid-js';
import { t } from '~/i18n';

/** Where something will be: `class` gives its size. */
export function Skeleton(props: { class?: string }) {
  return <div class={`animate-breathe rounded-xl bg-sunken ${props.class ?? 'h-6'}`} aria-hidden="true" />;
}

export function SkeletonCards(props: { count: number; class?: string }) {
  return (
    <div class={props.class ?? 'grid gap-4'} role="status" aria-label={t('common.loading')}>
      <For each={Array.from({ length: props.count })}>
        {() => (
          <div class="grid gap-3 rounded-card border border-line bg-card p-6">
            <Skeleton class="h-6 w-2/5" />
            <Skeleton class="h-4 w-4/5" />
            <Skeleton class="h-4 w-3/5" />
          </div>
        )}
      </For>
    </div>
  );
}
