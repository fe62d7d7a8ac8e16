import Check from 'lucide-solid/icons/check';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import X from 'lucide-solid/icons/x';
import { createSignal, For } from 'solid-js';
import { t } from '~/i18n';

type Toast = { id: number; kind: 'good' | 'bad'; text: string };

const SHOWN_MS = 6_000;
const TOASTS_MAX = 3;
const [toasts, setToasts] = createSignal<Toast[]>([]);
let lastId = 0;

const drop = (id: number) => setToasts((list) => list.filter((one) => one.id !== id));

/** A short word about something that just happened; it goes by itself. */
export function toast(text: string, kind: Toast['kind'] = 'good') {
  lastId += 1;
  const id = lastId;
  setToasts((list) => [...list, { id, kind, text }].slice(-TOASTS_MAX));
  setTimeout(drop, SHOWN_MS, id);
}

export function Toasts() {
  return (
    <div
      role="status"
      aria-live="polite"
      class="toasts pointer-events-none fixed inset-x-0 bottom-24 z-60 flex flex-col items-center gap-2 px-4 lg:bottom-8"
    >
      <For each={toasts()}>
        {(one) => (
          <div class="pointer-events-auto flex max-w-md animate-rise items-center gap-3 rounded-2xl bg-ink py-2 pr-2 pl-4 text-paper shadow-float">
            {one.kind === 'good' ? (
              <Check size={20} aria-hidden="true" />
            ) : (
              <TriangleAlert size={20} aria-hidden="true" />
            )}
            <p class="min-w-0 flex-1">{one.text}</p>
            <button
              type="button"
              onClick={() => drop(one.id)}
              aria-label={t('common.close')}
              class="flex size-10 items-center justify-center rounded-full hover:bg-paper/15"
            >
              <X size={18} />
            </button>
          </div>
        )}
      </For>
    </div>
  );
}
