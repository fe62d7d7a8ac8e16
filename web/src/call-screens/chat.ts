import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';
import { useHub } from '~/hub';
import { t } from '~/i18n';
import { announce } from '~/ui';

/** So long a new line of the other side lies over the picture. */
const PREVIEW_MS = 8_000;

/** Whether the chat beside the call is open, and what has come while it is closed. */
export type Chat = {
  isOpen: Accessor<boolean>;
  setOpen(isOpen: boolean): void;
  hasUnread: Accessor<boolean>;
  /** What they wrote last, while it is new. */
  preview: Accessor<string | null>;
};

export function createChat(peer: () => { personId: number; displayName: string }): Chat {
  const hub = useHub();
  const [isOpen, setOpen] = createSignal(false);
  const [hasUnread, setUnread] = createSignal(false);
  const [preview, setPreview] = createSignal<string | null>(null);
  let timer = 0;
  onCleanup(() => clearTimeout(timer));
  onCleanup(
    hub.listen((message) => {
      if (message.type !== 'message' || message.message.authorId !== peer().personId || isOpen()) return;
      setUnread(true);
      const { content } = message.message;
      if (content.kind === 'text') {
        setPreview(content.text);
        clearTimeout(timer);
        timer = window.setTimeout(() => setPreview(null), PREVIEW_MS);
      }
      announce(t('call.newMessage', { name: peer().displayName }));
    }),
  );
  createEffect(() => {
    if (!isOpen()) return;
    setUnread(false);
    setPreview(null);
  });
  return { isOpen, setOpen, hasUnread, preview };
}
