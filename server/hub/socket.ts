import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { ERRORS, HUB_MESSAGE_BYTES_MAX } from '../contract/index.ts';
import type { Log } from '../telemetry/index.ts';
import { type AdmissionDeps, HubAdmission, type Visitor } from './admission.ts';
import type { PageSocket } from './hub.ts';

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

/** What the front knows of a request that wants to become a socket. */
export interface UpgradeRules {
  /** Whether a page belongs to the appliance. */
  isOwnOrigin(origin: string | undefined, host: string | undefined): boolean;
  /** The session's token in a Cookie header, or null when there is none of the right form. */
  sessionToken(cookieHeader: string | undefined): string | null;
  /** The network that an address is in, by which connections are counted. */
  networkOf(address: string): string;
}

/** Lets signed-in pages of our own origin into the hub. */
export function registerHub(uws: TemplatedApp, deps: AdmissionDeps, rules: UpgradeRules): void {
  const sockets = new HubSockets(deps, rules);
  uws.ws<SocketData>('/hub', {
    maxPayloadLength: HUB_MESSAGE_BYTES_MAX,
    maxBackpressure: BACKLOG_BYTES_MAX,
    closeOnBackpressureLimit: true,
    idleTimeout: IDLE_S,
    sendPingsAutomatically: true,
    upgrade: (response, request, context) => sockets.upgrade(response, request, context),
    open: (ws) => sockets.open(ws),
    message: (ws, message, isBinary) => sockets.message(ws, isBinary ? '' : Buffer.from(message).toString('utf8')),
    close: (ws, code, reason) => sockets.close(ws, code, Buffer.from(reason).toString('utf8')),
  });
}

/** Between the native layer and the hub's admission. Nothing may be thrown into that layer: it would end the process. */
class HubSockets {
  readonly #log: Log;
  readonly #rules: UpgradeRules;
  readonly #admission: HubAdmission;

  constructor(deps: AdmissionDeps, rules: UpgradeRules) {
    this.#log = deps.log;
    this.#rules = rules;
    this.#admission = new HubAdmission(deps);
  }

  upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
    this.#guard('a socket could not be upgraded', () => this.#upgrade(response, request, context));
  }

  open(ws: WebSocket<SocketData>): void {
    this.#guard('a socket could not be opened', () => {
      const data = ws.getUserData();
      data.isOpen = true;
      data.visitor = this.#admission.enter(this.#pageSocket(ws), data.session, data.address);
    });
  }

  message(ws: WebSocket<SocketData>, text: string): void {
    this.#guard('a message could not be taken', () => ws.getUserData().visitor?.says(text));
  }

  close(ws: WebSocket<SocketData>, code: number, why: string): void {
    this.#guard('a socket could not be closed', () => {
      const data = ws.getUserData();
      this.#log.debug({ personId: data.visitor?.personId, code, why }, 'a page has closed its socket');
      data.isOpen = false;
      data.visitor?.leaves();
    });
  }

  #guard(what: string, act: () => unknown): void {
    try {
      act();
    } catch (error) {
      this.#log.error({ err: error }, what);
    }
  }

  /**
   * Before this returns, always: uWebSockets holds a request's own handler in a cork, and writes an upgrade that
   * comes later without one. A cork() of ours is no way out: it takes the new WebSocket for the old response when
   * both lie at the same address, reads a Connection: close that nobody sent out of it, and closes the socket.
   */
  #upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
    const refuse = (status: string, code: keyof typeof ERRORS) => {
      response.writeStatus(status).writeHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ code, message: ERRORS[code][1] }));
    };
    if (!this.#rules.isOwnOrigin(request.getHeader('origin'), request.getHeader('host')))
      return refuse('403 Forbidden', 'bad_origin');
    const session = this.#rules.sessionToken(request.getHeader('cookie'));
    if (!session) return refuse('401 Unauthorized', 'not_signed_in');
    const address = this.#rules.networkOf(Buffer.from(response.getRemoteAddressAsText()).toString('latin1'));
    if (!this.#admission.hasRoomFor(address)) return refuse('429 Too Many Requests', 'too_many_requests');
    response.upgrade<SocketData>(
      { session, address, visitor: null, isOpen: false },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    );
  }

  /** A closed socket must not be touched; the hub may not have heard of it yet. */
  #pageSocket(ws: WebSocket<SocketData>): PageSocket {
    const data = ws.getUserData();
    const whileOpen = (act: () => void) => this.#guard('a socket could not be used', () => data.isOpen && act());
    return {
      send: (text: string) => whileOpen(() => ws.send(text)),
      close: (code: number, reason: string) => whileOpen(() => ws.end(code, reason)),
    };
  }
}
