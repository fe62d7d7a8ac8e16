import { type JSX, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';

/** @param props.isPage it is all that the page says: its title is the page's heading */
export function EmptyState(props: {
  icon: JSX.Element;
  title: string;
  why: string;
  isPage?: boolean;
  children?: JSX.Element;
}) {
  return (
    <div class="mx-auto flex max-w-md flex-col items-center px-6 py-12 text-center">
      <span
        class="mb-4 flex size-16 items-center justify-center rounded-full bg-brass-soft text-on-brass-soft"
        aria-hidden="true"
      >
        {props.icon}
      </span>
      <Dynamic component={props.isPage ? 'h1' : 'p'} class="text-lg font-semibold">
        {props.title}
      </Dynamic>
      <p class="mt-1 text-ink-soft">{props.why}</p>
      <Show when={props.children}>
        <div class="mt-5 flex flex-wrap justify-center gap-3">{props.children}</div>
      </Show>
    </div>
  );
}
