import { type Accessor, createSignal, onCleanup } from 'solid-js';
import { defineContext } from '~/context';
import type { Hub } from '~/hub';

/** Unread lines in all threads. */
export type Unread = {
  count: Accessor<number>;
  /** The person has changed. */
  forget(): void;
};

export const [UnreadProvider, useUnread] = defineContext<Unread>('useUnread');

export function createUnread(hub: Hub): Unread {
  const [count, setCount] = createSignal(0);
  onCleanup(
    hub.listen((message) => {
      if (message.type === 'unread') setCount(message.unreadCount);
    }),
  );
  return { count, forget: () => void setCount(0) };
}
