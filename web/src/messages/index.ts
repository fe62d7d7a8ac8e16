// Module: messages. The threads of this person: what was written and what happened in calls. In: lines
// from the API and the hub. Out: the page of threads, and a thread to stand beside a call.

export { createThread } from './thread.ts';
export { ThreadView } from './thread-view.tsx';
export { createUnread, UnreadProvider, useUnread } from './unread.ts';
