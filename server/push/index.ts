// Module: push. Notifications for people who have no page open: web push (RFC 8030, 8291, 8292). In: a
// browser's subscription, and notification for a person. Out: encrypted requests to the browser's push service.
// What is sent says who and what kind, never what was written or paid. Nothing waits for it: a
// notification that cannot be delivered is counted and forgotten.
export { isPublicAddress } from './endpoint.ts';
export { Push } from './push.ts';
