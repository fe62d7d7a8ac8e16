import { type Accessor, createSignal } from 'solid-js';

/** A press that is under way: whether one is, and how to start one. A second press meanwhile does nothing. */
export function createBusy(): [Accessor<boolean>, (action: () => Promise<unknown>) => void] {
  const [isBusy, setBusy] = createSignal(false);
  const run = (action: () => Promise<unknown>) => {
    if (isBusy()) return;
    setBusy(true);
    void action().finally(() => setBusy(false));
  };
  return [isBusy, run];
}
