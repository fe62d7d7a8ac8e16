// Room: hub. The page's one WebSocket: keeps it open, matches answers to requests, hands every other
// message to whoever listens. Knows nothing of calls or money.
export { createHub, type Hub, type HubState } from './hub.ts';
