import { type Accessor, createSignal, type Setter } from 'solid-js';

/** Texts that were begun and not sent, by what they are for. */
const drafts = new Map<string, [Accessor<string>, Setter<string>]>();

/**
 * A text that outlives its field: a chat that makes way, a call that ends under a report, a ring over a rating. It goes
 * with the page, and with the person. `id` is of whom it is about, or of which call.
 */
export function draftOf(what: 'message' | 'report' | 'rating', id: number): [Accessor<string>, Setter<string>] {
  const key = `${what} ${id}`;
  const draft = drafts.get(key) ?? createSignal('');
  drafts.set(key, draft);
  return draft;
}

/** Somebody else sits here now. */
export function forgetDrafts(): void {
  drafts.clear();
}
