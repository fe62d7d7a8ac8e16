import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';

/** Without a hand on the page for so long, what covers the picture steps back. */
const IDLE_MS = 8_000;
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'focusin', 'touchstart'] as const;

/** Whether nobody has touched the page for a while. */
export function createIdle(): Accessor<boolean> {
  const [isIdle, setIdle] = createSignal(false);
  let timer = 0;
  const wake = () => {
    setIdle(false);
    clearTimeout(timer);
    timer = window.setTimeout(() => setIdle(true), IDLE_MS);
  };
  onMount(() => {
    wake();
    for (const sign of SIGNS) document.addEventListener(sign, wake, { passive: true });
  });
  onCleanup(() => {
    clearTimeout(timer);
    for (const sign of SIGNS) document.removeEventListener(sign, wake);
  });
  return isIdle;
}
