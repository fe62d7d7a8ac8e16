import { onCleanup, onMount } from 'solid-js';
import { useHub } from '~/hub';
import { onChange } from './on-change.ts';
import { useSession } from './session-context.ts';

/** With a tariff by the second, a message about money comes every second: lists are read again at most this often. */
const REFRESH_MS_MIN = 1_000;
/** How often a page asks where no message tells it. */
const POLL_MS = 5_000;

/**
 * Reads again when the person's money has moved, when the connection is back, and when the page is looked at
 * again; with `isPolling` also every few seconds. Never two readings at once, nor within `gapMs`, never for a
 * hidden page.
 */
export function keepFresh(
  read: () => Promise<unknown>,
  isPolling: () => boolean = () => false,
  gapMs: number = REFRESH_MS_MIN,
): void {
  const hub = useHub();
  const session = useSession();
  let lastAt = 0;
  let timer = 0;
  let isWanted = false;
  let isReading = false;

  async function run() {
    timer = 0;
    if (document.visibilityState === 'hidden' || isReading) return;
    isWanted = false;
    isReading = true;
    lastAt = performance.now();
    try {
      await read();
    } finally {
      isReading = false;
      if (isWanted) ask();
    }
  }
  function ask() {
    isWanted = true;
    if (timer || isReading) return;
    timer = window.setTimeout(run, Math.max(0, lastAt + gapMs - performance.now()));
  }

  onMount(() => {
    const stop = hub.listen((message) => {
      if (message.type === 'balance' || message.type === 'money' || message.type === 'hello') ask();
    });
    onChange(
      () => session.me()?.balanceMinor,
      () => ask(),
      { defer: true },
    );
    const poll = setInterval(() => isPolling() && ask(), POLL_MS);
    const onVisible = () => {
      if (document.visibilityState === 'visible' && isWanted) ask();
    };
    document.addEventListener('visibilitychange', onVisible);
    onCleanup(() => {
      stop();
      clearInterval(poll);
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    });
  });
}
