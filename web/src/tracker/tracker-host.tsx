import X from 'lucide-solid/icons/x';
import { lazy, onCleanup, Show, Suspense } from 'solid-js';
import { Portal } from 'solid-js/web';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { closeTracker, isPinned, trackerWindow } from './window.ts';

const TrackerPanel = lazy(() => import('./tracker-panel.tsx'));

/** Where the tracker is shown while a person is signed in: in its window, or pinned to the page. */
export function TrackerHost() {
  const call = useCall();
  onCleanup(closeTracker);
  return (
    <>
      <Show when={trackerWindow()} keyed>
        {(target) => (
          <Portal mount={target.document.body}>
            <main class="flex min-h-dvh flex-col p-4">
              <Suspense>
                <TrackerPanel onShowPage={() => window.focus()} />
              </Suspense>
            </main>
          </Portal>
        )}
      </Show>
      {/* The call's own screen says all of it. */}
      <Show when={isPinned() && !call.isOnScreen()}>
        <aside
          aria-label={t('tracker.title')}
          class="on-stage fixed inset-x-3 bottom-22 z-30 rounded-card bg-stage p-4 pr-14 text-on-stage shadow-float sm:left-auto sm:w-88 lg:bottom-5 print:hidden"
        >
          <Suspense>
            <TrackerPanel />
          </Suspense>
          <button
            type="button"
            aria-label={t('trackerWindow.close')}
            onClick={closeTracker}
            class="absolute top-2 right-2 flex size-11 items-center justify-center rounded-full hover:bg-white/10"
          >
            <X size={20} aria-hidden="true" />
          </button>
        </aside>
      </Show>
    </>
  );
}
