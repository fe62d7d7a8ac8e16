import { createSignal } from 'solid-js';
import { DelegatedEvents, delegateEvents } from 'solid-js/web';

// The tracker's own window: above everything else where the browser has Document Picture-in-Picture, a pop-up
// where it lets one open, and else a bar that is pinned to the page.

/** Not yet in TypeScript's library. https://wicg.github.io/document-picture-in-picture/ */
type PictureInPicture = { requestWindow(options: { width: number; height: number }): Promise<Window> };
const pictureInPicture = (): PictureInPicture | undefined =>
  (window as { documentPictureInPicture?: PictureInPicture }).documentPictureInPicture;

const SIZE_PX = { width: 340, height: 300 };

const [trackerWindow, setTrackerWindow] = createSignal<Window | null>(null);
const [isPinned, setPinned] = createSignal(false);

export { isPinned, trackerWindow };

export const isTrackerOpen = (): boolean => trackerWindow() !== null || isPinned();

/** A pop-up on a phone is a tab that hides the page. */
const isTouch = () => window.matchMedia('(pointer: coarse)').matches;

async function openAbove(): Promise<Window | null> {
  return (
    (await pictureInPicture()
      ?.requestWindow(SIZE_PX)
      .catch(() => null)) ?? null
  );
}

function openPopUp(): Window | null {
  if (isTouch()) return null;
  return window.open('', 'parlour-tracker', `popup,width=${SIZE_PX.width},height=${SIZE_PX.height}`);
}

/** Gives the new window this page's look and language, and lets presses in it reach this page's handlers. */
function dress(target: Window, title: string): void {
  const { document: own } = target;
  own.title = title;
  own.documentElement.lang = document.documentElement.lang;
  for (const sheet of document.querySelectorAll('link[rel="stylesheet"], style')) {
    const copy = sheet.cloneNode(true) as HTMLElement;
    if (copy instanceof HTMLLinkElement) copy.href = (sheet as HTMLLinkElement).href;
    own.head.append(copy);
  }
  own.body.className = 'on-stage bg-stage text-on-stage';
  delegateEvents([...DelegatedEvents], own);
}

const closeWithPage = () => trackerWindow()?.close();

/** Call it in a click: browsers open windows only then. */
export async function openTracker(title: string): Promise<void> {
  const open = trackerWindow();
  if (open) return void open.focus();
  const opened = (await openAbove()) ?? openPopUp();
  if (!opened) return void setPinned(true);
  opened.document.body.replaceChildren(); // a pop-up of this name may have been left over
  dress(opened, title);
  opened.addEventListener('pagehide', () => setTrackerWindow((now) => (now === opened ? null : now)), { once: true });
  window.addEventListener('pagehide', closeWithPage, { once: true });
  setTrackerWindow(opened);
}

export function closeTracker(): void {
  setPinned(false);
  trackerWindow()?.close();
  setTrackerWindow(null);
}
