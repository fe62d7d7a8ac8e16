import { type JSX, Show } from 'solid-js';

export function EmptyState(props: { icon: JSX.Element; title: string; why: string; children?: JSX.Element }) {
  return (
    <div class="mx-auto flex max-w-md flex-col items-center px-6 py-12 text-center">
      <span
        class="mb-4 flex size-16 items-center justify-center rounded-full bg-brass-soft text-on-brass-soft"
        aria-hidden="true"
      >
        {props.icon}
      </span>
      <p class="text-lg font-semibold">{props.title}</p>
      <p class="mt-1 text-ink-soft">{props.why}</p>
      <Show when={props.children}>
        <div class="mt-5 flex flex-wrap justify-center gap-3">{props.children}</div>
      </Show>
    </div>
  );
}
