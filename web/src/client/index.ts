// Room: client. The Video Calls section: who can be called, at what price, and the Call button. Its page is
// loaded by the router.
export { callRefusal, sortCards } from './cards.ts';
