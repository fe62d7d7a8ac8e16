import { onCleanup, onMount } from 'solid-js';

// Keys of the call. With Alt, so that no letter that is typed, or spoken to a voice control, does anything.

/** By the place on the keyboard: with Alt, some systems write another letter. */
const SHORTCUTS = { mute: 'KeyM', camera: 'KeyV', chat: 'KeyC' } as const;
export type Shortcut = keyof typeof SHORTCUTS;

/** As `aria-keyshortcuts` and a tooltip have it. */
export const keysOf = (shortcut: Shortcut): string => `Alt+${SHORTCUTS[shortcut].slice(3)}`;

/** While its owner lives, each of the keys does its own. */
export function listenForShortcuts(act: Record<Shortcut, () => void>): void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    for (const [name, code] of Object.entries(SHORTCUTS) as [Shortcut, string][]) {
      if (event.code !== code) continue;
      event.preventDefault();
      act[name]();
    }
  };
  onMount(() => document.addEventListener('keydown', onKeyDown));
  onCleanup(() => document.removeEventListener('keydown', onKeyDown));
}
