import { A } from '@solidjs/router';
import ChevronLeft from 'lucide-solid/icons/chevron-left';
import { createEffect, type JSX, Show } from 'solid-js';
import { t } from '~/i18n';

/** The page's heading, which is also its title in the browser. `back` is the page above it, and what that is called. */
export function PageHead(props: {
  title: string;
  lead?: string;
  back?: { href: string; label: string };
  children?: JSX.Element;
}) {
  createEffect(() => {
    document.title = `${props.title} · ${t('app.name')}`;
  });
  return (
    <header class="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4 sm:mb-8">
      <div class="min-w-0">
        <Show when={props.back}>
          {(back) => (
            <A
              href={back().href}
              class="-ml-2 mb-1 inline-flex min-h-11 items-center gap-1 rounded-full pr-3 pl-1 font-medium text-ink-soft hover:text-ink"
            >
              <ChevronLeft size={20} aria-hidden="true" />
              {back().label}
            </A>
          )}
        </Show>
        <h1 class="font-display text-3xl sm:text-4xl">{props.title}</h1>
        <Show when={props.lead}>
          <p class="mt-1.5 max-w-prose text-ink-soft">{props.lead}</p>
        </Show>
      </div>
      {props.children}
    </header>
  );
}
