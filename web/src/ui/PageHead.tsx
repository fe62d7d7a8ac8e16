import { createEffect, type JSX, Show } from 'solid-js';
import { t } from '~/i18n';

/** The page's heading, which is also its title in the browser. */
export function PageHead(props: { title: string; lead?: string; children?: JSX.Element }) {
  createEffect(() => {
    document.title = `${props.title} · ${t('app.name')}`;
  });
  return (
    <header class="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4 sm:mb-8">
      <div class="min-w-0">
        <h1 class="font-display text-3xl sm:text-4xl">{props.title}</h1>
        <Show when={props.lead}>
          <p class="mt-1.5 max-w-prose text-ink-soft">{props.lead}</p>
        </Show>
      </div>
      {props.children}
    </header>
  );
}
