import { createSignal } from 'solid-js';

const [text, setText] = createSignal('');

/** Says something to screen readers without moving anything on the page. */
export function announce(words: string) {
  // The same words twice in a row are only read again when the text has changed.
  setText((before) => (before === words ? `${words}\u00a0` : words));
}

export function Announcer() {
  return (
    <div role="status" aria-live="polite" class="sr-only">
      {text()}
    </div>
  );
}
