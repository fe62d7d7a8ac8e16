import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { ERRORS, HUB_MESSAGE_BYTES_MAX } from '../contract/index.ts';
import { type DoorRooms, HubDoor, type Visitor } from './hub-door.ts';

interface SocketData {
  readonly session: string;
  readonly address: string;
  visitor: Visitor | null;
  isOpen: boolean;
}

/** A page that does not read gets no more than this; then its socket is closed. */
const BACKLOG_BYTES_MAX = 1024 * 1024;
/** A socket that is silent for so long, pings included, is gone. */
const IDLE_S = 32;

/** Whether a page belongs to the appliance: same host and port as the request itself. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin === `https://${host}`;
}

/** Lets signed-in pages of our own origin into the hub. */
export function registerHub(
  uws: TemplatedApp,
  rooms: DoorRooms,
  sessionToken: (cookieHeader: string | undefined) => string | null,
): void {
  const { log } = rooms;
  const door = new HubDoor(rooms);
  /** Nothing may be thrown into the native layer: it would end the process. */
  const guarded = (what: string, act: () => unknown) => {
    try {
      act();
    } catch (error) {
      log.error({ err: error }, what);
    }
  };

  uws.ws<SocketData>('/hub', {
    maxPayloadLength: HUB_MESSAGE_BYTES_MAX,
    maxBackpressure: BACKLOG_BYTES_MAX,
    closeOnBackpressureLimit: 1,
    idleTimeout: IDLE_S,
    sendPingsAutomatically: true,

    upgrade: (response, request, context) =>
      guarded('a socket could not be upgraded', () => upgrade(response, request, context)),

    open: (ws) =>
      guarded('a socket could not be opened', () => {
        const data = ws.getUserData();
        data.isOpen = true;
        data.visitor = door.enter(pageSocket(ws), data.session, data.address);
      }),

    message: (ws, message, isBinary) =>
      guarded('a message could not be taken', () => {
        ws.getUserData().visitor?.says(isBinary ? '' : Buffer.from(message).toString('utf8'));
      }),

    close: (ws, code, reason) =>
      guarded('a socket could not be closed', () => {
        const data = ws.getUserData();
        const why = Buffer.from(reason).toString('utf8');
        log.debug({ personId: data.visitor?.personId, code, why }, 'a page has closed its socket');
        data.isOpen = false;
        data.visitor?.leaves();
      }),
  });

  /**
   * Before this returns, always: uWebSockets holds a request's own handler in a cork, and writes an upgrade that
   * comes later without one. A cork() of ours is no way out: it takes the new WebSocket for the old response when
   * both lie at the same address, reads a Connection: close that nobody sent out of it, and closes the socket.
   */
  function upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
    const refuse = (status: string, code: keyof typeof ERRORS) => {
      response.writeStatus(status).writeHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ code, message: ERRORS[code][1] }));
    };
    if (!isOwnOrigin(request.getHeader('origin'), request.getHeader('host')))
      return refuse('403 Forbidden', 'bad_origin');
    const session = sessionToken(request.getHeader('cookie'));
    if (!session) return refuse('401 Unauthorized', 'not_signed_in');
    const address = Buffer.from(response.getRemoteAddressAsText()).toString('latin1');
    if (!door.hasRoomFor(address)) return refuse('429 Too Many Requests', 'too_many_requests');
    response.upgrade<SocketData>(
      { session, address, visitor: null, isOpen: false },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    );
  }

  /** A closed socket must not be touched; the hub may not have heard of it yet. */
  function pageSocket(ws: WebSocket<SocketData>) {
    const data = ws.getUserData();
    const whileOpen = (act: () => void) => guarded('a socket could not be used', () => data.isOpen && act());
    return {
      send: (text: string) => whileOpen(() => ws.send(text)),
      close: (code: number, reason: string) => whileOpen(() => ws.end(code, reason)),
    };
  }
}
