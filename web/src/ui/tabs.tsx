import { A } from '@solidjs/router';
import { For } from 'solid-js';

/** Pages that belong together, one of them open. */
export function Tabs(props: { label: string; tabs: { href: string; label: string; end?: boolean }[] }) {
  return (
    <nav aria-label={props.label} class="-mx-5 mb-6 overflow-x-auto px-5 sm:mx-0 sm:px-0 print:hidden">
      <ul class="flex w-max min-w-full gap-1 border-b border-line">
        <For each={props.tabs}>
          {(tab) => (
            <li>
              <A
                href={tab.href}
                end={tab.end ?? false}
                class="-mb-px inline-flex min-h-11 items-center border-b-3 px-3.5 font-medium"
                activeClass="border-brand text-brand"
                inactiveClass="border-transparent text-ink-soft hover:text-ink"
              >
                {tab.label}
              </A>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}
