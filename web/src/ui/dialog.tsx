import { Dialog as Base } from '@kobalte/core/dialog';
import X from 'lucide-solid/icons/x';
import { createEffect, createMemo, type JSX, onCleanup, Show } from 'solid-js';
import { t } from '~/i18n';

/** Gives the focus back to what had it before, unless something else has taken it meanwhile. */
function returnFocus(isOpen: () => boolean) {
  createEffect(() => {
    if (!isOpen()) return;
    const before = document.activeElement;
    onCleanup(() =>
      setTimeout(() => {
        const isLost = document.activeElement === null || document.activeElement === document.body;
        if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
      }),
    );
  });
}

const open = new Set<() => void>();

/** Closes every dialog: something more important takes the page. */
export function closeDialogs(): void {
  for (const close of [...open]) close();
}

/** A dialog over the page: focus stays in it, Escape closes it. Imported by lazy pages, not by the shell. */
export function Dialog(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  lead?: string;
  children: JSX.Element;
}) {
  // A memo: what is asked anew with each message, and is still open, has had the focus all along.
  const isOpen = createMemo(() => props.open);
  returnFocus(isOpen);
  createEffect(() => {
    if (!isOpen()) return;
    const close = () => props.onClose();
    open.add(close);
    onCleanup(() => open.delete(close));
  });
  return (
    <Base open={isOpen()} onOpenChange={(open) => !open && props.onClose()}>
      <Base.Portal>
        <Base.Overlay class="fixed inset-0 z-50 bg-black/55" />
        {/* The rise is not the content's own: Kobalte would wait for the end of an animation whose start it missed. */}
        <div class="fixed inset-0 z-50 flex animate-rise justify-center overflow-y-auto sm:p-6">
          <Base.Content class="safe-bottom relative mt-auto w-full max-w-lg rounded-t-card bg-card p-5 text-ink shadow-float [--safe-min:1.25rem] sm:my-auto sm:rounded-card sm:p-7">
            <Base.Title class="pr-12 text-xl font-semibold">{props.title}</Base.Title>
            <Show when={props.lead}>
              <Base.Description class="mt-1.5 text-ink-soft">{props.lead}</Base.Description>
            </Show>
            <div class="mt-5">{props.children}</div>
            {/* Last, so that the focus begins at what the dialog is for. */}
            <Base.CloseButton
              class="absolute top-3 right-3 flex size-11 items-center justify-center rounded-full text-ink-soft hover:bg-sunken sm:top-5 sm:right-5"
              aria-label={t('common.close')}
            >
              <X size={20} />
            </Base.CloseButton>
          </Base.Content>
        </div>
      </Base.Portal>
    </Base>
  );
}
