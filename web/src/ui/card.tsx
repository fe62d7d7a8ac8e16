import { type JSX, Show } from 'solid-js';

export function Card(props: { title?: JSX.Element; aside?: JSX.Element; flush?: boolean; children: JSX.Element }) {
  return (
    <section class="rounded-card border border-line bg-card shadow-card">
      <Show when={props.title}>
        <div class="flex flex-wrap items-center justify-between gap-3 px-5 pt-5 sm:px-6">
          <h2 class="text-lg font-semibold">{props.title}</h2>
          {props.aside}
        </div>
      </Show>
      <div class={props.flush ? 'pt-2 pb-2' : 'p-5 sm:p-6'}>{props.children}</div>
    </section>
  );
}
