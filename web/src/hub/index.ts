// Module: hub. The page's one WebSocket: keeps it open, matches answers to requests, hands every other
// message to whoever listens. Knows nothing of calls or money.
export { HubProvider, useHub } from './context.ts';
export { createHub, type Hub, type HubAnswer } from './hub.ts';
