import { onCleanup } from 'solid-js';

/** The phone's screen stays on while people talk. Where there is no such lock, nothing happens. */
export function keepAwake() {
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (document.visibilityState === 'visible')
      lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
  };
  void ask();
  document.addEventListener('visibilitychange', ask);
  onCleanup(() => {
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  });
}
