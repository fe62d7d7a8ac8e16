import { createSignal } from 'solid-js';

const [text, setText] = createSignal('');

/** Says something to screen readers without moving anything on the page. */
export function announce(text: string) {
  // The same text twice in a row is only read again when it has changed.
  setText((before) => (before === text ? `${text}\u00a0` : text));
}

export function Announcer() {
  return (
    <div role="status" aria-live="polite" class="sr-only">
      {text()}
    </div>
  );
}
