import { type Accessor, createSignal, type Setter } from 'solid-js';

/** Texts that were begun and not sent, by what they are for. */
const drafts = new Map<string, [Accessor<string>, Setter<string>]>();

/**
 * A text that outlives its field: a chat that makes way, a call that ends under a report. It goes with the page, and
 * with the person.
 */
export function draftOf(what: 'message' | 'report', personId: number): [Accessor<string>, Setter<string>] {
  const key = `${what} ${personId}`;
  const draft = drafts.get(key) ?? createSignal('');
  drafts.set(key, draft);
  return draft;
}

/** Somebody else sits here now. */
export function forgetDrafts(): void {
  drafts.clear();
}
