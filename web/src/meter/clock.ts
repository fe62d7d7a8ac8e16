import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Four times a second: a running second never skips, a screen reader or a battery never notices. */
const STEP_MS = 250;

/** performance.now(), as a signal that moves while its owner lives. */
export function createClock(stepMs = STEP_MS): Accessor<number> {
  const [now, setNow] = createSignal(performance.now());
  const timer = setInterval(() => setNow(performance.now()), stepMs);
  onCleanup(() => clearInterval(timer));
  return now;
}
