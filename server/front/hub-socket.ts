import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { SignIn } from '../accounts/index.ts';
import { ERRORS, HUB_MESSAGE_BYTES_MAX, type Role } from '../contract/index.ts';
import type { Connection, Hub } from '../hub/index.ts';
import type { Log } from '../telemetry/index.ts';

interface SocketData {
  readonly personId: number;
  readonly role: Role;
  readonly session: string;
  readonly address: string;
  connection: Connection | null;
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
  rooms: { hub: Hub; signIn: SignIn; log: Log },
  sessionToken: (cookieHeader: string | undefined) => string | null,
): void {
  const { hub, signIn, log } = rooms;
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
      guarded('a socket could not be upgraded', () => void upgrade(response, request, context)),

    open: (ws) =>
      guarded('a socket could not be opened', () => {
        const data = ws.getUserData();
        data.isOpen = true;
        data.connection = hub.connect(pageSocket(ws), data);
      }),

    message: (ws, message, isBinary) =>
      guarded('a message could not be taken', () => {
        const { connection } = ws.getUserData();
        if (connection) void hub.receive(connection, isBinary ? '' : Buffer.from(message).toString('utf8'));
      }),

    close: (ws, code, reason) =>
      guarded('a socket could not be closed', () => {
        const data = ws.getUserData();
        const why = Buffer.from(reason).toString('utf8');
        log.debug({ personId: data.personId, code, why }, 'a page has closed its socket');
        data.isOpen = false;
        if (data.connection) hub.disconnect(data.connection);
      }),
  });

  async function upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): Promise<void> {
    // The request is gone after the first await: everything of it is read before.
    const origin = request.getHeader('origin');
    const host = request.getHeader('host');
    const token = sessionToken(request.getHeader('cookie'));
    const key = request.getHeader('sec-websocket-key');
    const protocol = request.getHeader('sec-websocket-protocol');
    const extensions = request.getHeader('sec-websocket-extensions');
    const address = Buffer.from(response.getRemoteAddressAsText()).toString('latin1');
    let isAborted = false;
    response.onAborted(() => {
      isAborted = true;
    });
    const refuse = (status: string, code: keyof typeof ERRORS) => {
      if (isAborted) return;
      response.cork(() => {
        response.writeStatus(status).writeHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ code, message: ERRORS[code][1] }));
      });
    };
    if (!isOwnOrigin(origin, host)) return refuse('403 Forbidden', 'bad_origin');
    try {
      const person = token ? await signIn.personOfSession(token) : null;
      if (!person || !token) return refuse('401 Unauthorized', 'not_signed_in');
      if (isAborted) return;
      const { personId, role } = person;
      const data: SocketData = { personId, role, session: token, address, connection: null, isOpen: false };
      // Never inside of cork(): it takes a new WebSocket for the old response when both lie at the same
      // address, reads a Connection: close that nobody sent out of it, and closes the socket.
      response.upgrade(data, key, protocol, extensions, context);
    } catch (error) {
      log.warn({ err: error }, 'a socket could not be let in');
      refuse('503 Service Unavailable', 'unavailable');
    }
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
