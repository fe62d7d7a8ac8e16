// Room: hub. Who is connected; brings messages to people, on whichever page they are. In: sockets
// that the front has let in, texts. Out: checked messages to the handlers of the other rooms, answers
// and news to pages. It knows nothing of calls or money.
export { type Connection, Hub, type MessageHandlers, type PageSocket } from './hub.ts';
export { TokenBucket } from './token-bucket.ts';
