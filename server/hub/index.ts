// Module: hub. Who is connected; delivers messages to people, on whichever page they are. In: sockets
// that its admission has let in, texts. Out: checked messages to the handlers of the other modules, answers
// and events to pages. It knows nothing of calls or money.
export { type Connection, Hub, type MessageHandlers, type PageSocket } from './hub.ts';
export { registerHub } from './socket.ts';
