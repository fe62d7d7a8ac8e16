import type { PageRequest } from '@contract/hub.ts';

/** A report says whether its page is in the foreground: one that is can answer a probe. */
export function withVisibility(message: PageRequest): PageRequest {
  return message.type === 'media.report' ? { ...message, isVisible: document.visibilityState === 'visible' } : message;
}
