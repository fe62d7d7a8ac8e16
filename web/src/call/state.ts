import { createMemo, createSignal } from 'solid-js';
import type { Attachment, CallConnections, Received } from './types.ts';

/** What is known of the call and of this page's part in it; nothing here acts. */
export function createCallState() {
  const [received, setReceived] = createSignal<Received | null>(null);
  const [attachment, setAttachment] = createSignal<Attachment>('none');
  const [ringingId, setRingingId] = createSignal<number | null>(null);
  const [connections, setConnections] = createSignal<CallConnections | null>(null);
  return {
    received,
    setReceived,
    view: createMemo(() => received()?.view ?? null),
    attachment,
    setAttachment,
    ringingId,
    setRingingId,
    connections,
    setConnections,
    /** The call that this person wants to leave and could not say so yet. */
    leavingId: null as number | null,
  };
}

export type CallState = ReturnType<typeof createCallState>;
