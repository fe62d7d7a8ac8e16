import { type Accessor, createEffect, createMemo, on } from 'solid-js';

/**
 * Acts at first (unless `defer`), and when a value has become another one. A value that is the same again is no change:
 * an effect on a value that is not a memo would run anew with each view of a call, once a second.
 */
export function onChange<T>(
  value: Accessor<T>,
  act: (now: T, before: T | undefined) => void,
  options: { defer?: boolean } = {},
): void {
  const known = createMemo(value);
  createEffect(on(known, (now, before) => act(now, before), { defer: options.defer ?? false } as { defer: false }));
}
