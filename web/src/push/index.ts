// Module: push. Notifications for a person who has no page open: the service worker, its words, and this
// browser's subscription at the appliance. Out: whether they are on, and why they cannot be.
export { NotificationsCard } from './notifications-card.tsx';
export { keepPush } from './push.ts';
