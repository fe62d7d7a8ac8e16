import type { JSX } from 'solid-js';

/** One way to add credit. */
export function Way(props: { title: string; children: JSX.Element }) {
  return (
    <section class="grid gap-3">
      <h3 class="font-semibold">{props.title}</h3>
      {props.children}
    </section>
  );
}
