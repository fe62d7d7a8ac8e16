import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** The call on the whole screen, until its owner goes. */
export function createFullScreen(): { isOn: Accessor<boolean>; toggle(): void } {
  const [isOn, setOn] = createSignal(document.fullscreenElement !== null);
  const look = () => setOn(document.fullscreenElement !== null);
  document.addEventListener('fullscreenchange', look);
  onCleanup(() => {
    document.removeEventListener('fullscreenchange', look);
    if (document.fullscreenElement) void document.exitFullscreen();
  });
  const toggle = () =>
    void (isOn() ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => undefined);
  return { isOn, toggle };
}
