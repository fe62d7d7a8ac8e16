import { createSignal } from 'solid-js';

// Notifications of the system, for a page that nobody looks at. Where the browser has none, or a person
// has refused them, sound and the title still tell.

type NotifyState = 'none' | 'default' | 'granted' | 'denied';

const now = (): NotifyState => ('Notification' in window ? Notification.permission : 'none');
const [notifyState, setNotifyState] = createSignal<NotifyState>(now());

export { notifyState };

/** Asks for leave to notify; call it in a click. */
export async function askNotify(): Promise<void> {
  if (now() === 'default') await Notification.requestPermission().catch(() => undefined);
  setNotifyState(now());
}

/**
 * Shows a notification while this page is hidden; a newer one of the same tag takes its place.
 * @returns how to take it away again
 */
export function notify(title: string, body: string, tag: string): () => void {
  if (now() !== 'granted' || document.visibilityState === 'visible') return () => undefined;
  try {
    const shown = new Notification(title, { body, tag });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return () => shown.close();
  } catch {
    return () => undefined; // Chromium on Android wants a service worker for it.
  }
}
