import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Date.now() as a signal, once a second: for moments that the appliance gives as dates. */
export function createWallClock(): Accessor<number> {
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => setNow(Date.now()), 1_000);
  onCleanup(() => clearInterval(timer));
  return now;
}
