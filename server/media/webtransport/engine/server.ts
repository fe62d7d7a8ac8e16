import type { Admission, Engine, EngineCounters, EngineOptions, SessionEnd, SessionRequest } from './engine.ts';
import { closeCapsule, cutReason } from './h3/capsules.ts';
import { H3Connection, type H3Host, type SessionEntry } from './h3/connection.ts';
import { H3, H3StreamError } from './h3/errors.ts';
import type { RequestHead } from './h3/fields.ts';
import { ENGINE_LIMITS, type EngineLimits } from './limits.ts';
import { QuicEndpoint } from './quic/endpoint.ts';
import { type Quiche, quicheConfig } from './quic/native.ts';
import type { QuicStream } from './quic/stream.ts';
import { plainAddress } from './quic/udp-socket.ts';
import { acceptanceFields, refusalStatus, sessionRequestOf, statusOfOther } from './session/admission.ts';
import { Session } from './session/session.ts';

/** How long a connection without a session stays, so that the last answer arrives, in ms. */
const LINGER_MS = 1_000;
/** Pings within the idle time: one may be lost. */
const PINGS_PER_IDLE_TIME = 3;
const EMPTY = Buffer.alloc(0);

/** What is kept of a connection besides its sessions. */
interface Timers {
  end: NodeJS.Timeout | null;
  ping: NodeJS.Timeout | null;
}

/** The engine over quiche: who is let in, how many, and when a connection has had its time. */
export class WebTransportServer implements Engine, H3Host {
  readonly #quiche: Quiche;
  readonly #options: EngineOptions;
  readonly #limits: EngineLimits;
  readonly #timers = new Map<H3Connection, Timers>();
  #endpoint!: QuicEndpoint;
  readonly #sessions = new Set<Session>();
  #sessionsOpened = 0;
  #sessionsRefused = 0;
  #protocolErrors = 0;

  private constructor(quiche: Quiche, options: EngineOptions) {
    this.#quiche = quiche;
    this.#options = options;
    this.#limits = { ...ENGINE_LIMITS, ...options.limits };
  }

  static async listen(quiche: Quiche, options: EngineOptions): Promise<WebTransportServer> {
    const server = new WebTransportServer(quiche, options);
    const limits = server.#limits;
    server.#endpoint = await QuicEndpoint.open({
      quiche,
      config: quicheConfig(quiche, options, limits),
      limits,
      udpPort: options.udpPort,
      bindAddress: options.bindAddress,
      onEstablished: (quic) => {
        const h3 = new H3Connection(quic, limits, server);
        server.#timers.set(h3, { end: null, ping: null });
        server.#endIn(h3, limits.sessionMs, 'no session was asked for');
        return h3;
      },
      onFault: (error) => options.log('error', `WebTransport: ${(error as Error).stack ?? error}`),
    });
    return server;
  }

  get udpPort(): number {
    return this.#endpoint.local.port;
  }

  replaceCertificate(certificatePem: string, keyPem: string): void {
    this.#endpoint.useConfig(quicheConfig(this.#quiche, { certificatePem, keyPem }, this.#limits));
  }

  counters(): EngineCounters {
    return {
      ...this.#endpoint.count(),
      sessions: this.#sessions.size,
      queuedBytes: this.#endpoint.budget.bytes,
      sessionsOpened: this.#sessionsOpened,
      sessionsRefused: this.#sessionsRefused,
      protocolErrors: this.#protocolErrors,
    };
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.close(0, 'the server is stopping');
    await this.#endpoint.close();
  }

  onRequest(h3: H3Connection, stream: QuicStream, head: RequestHead): SessionEntry | null {
    const other = statusOfOther(head);
    if (other !== null) return this.#refuse(h3, stream, other);
    // draft-ietf-webtrans-http3 section 5.2: over the limit a request is reset.
    if (h3.sessions.size >= this.#limits.sessionsPerConnectionMax) {
      throw new H3StreamError(H3.REQUEST_REJECTED, 'too many sessions on one connection');
    }
    const request = sessionRequestOf(head, plainAddress(h3.quic.remote.host));
    const admission = this.#admit(request);
    if (admission.verdict === 'accept') return this.#accept(h3, stream, request, admission.protocol ?? '');
    this.#sessionsRefused += 1;
    if (admission.verdict === 'refuse') return this.#refuse(h3, stream, refusalStatus(admission));
    h3.respond(stream, 200, acceptanceFields(''), closeCapsule(admission.code, cutReason(admission.reason)));
    this.#endIn(h3, LINGER_MS, '');
    return null;
  }

  #admit(request: SessionRequest): Admission {
    if (this.#sessions.size >= this.#limits.sessionsMax) return { verdict: 'refuse', status: 503 };
    try {
      return this.#options.admit(request);
    } catch (error) {
      this.#options.log(
        'error',
        `WebTransport: admitting ${request.remoteAddress}: ${(error as Error).stack ?? error}`,
      );
      return { verdict: 'refuse', status: 500 };
    }
  }

  #refuse(h3: H3Connection, stream: QuicStream, status: number): null {
    h3.respond(stream, status, [], EMPTY);
    this.#endIn(h3, LINGER_MS, '');
    return null;
  }

  #accept(h3: H3Connection, stream: QuicStream, request: SessionRequest, protocol: string): Session {
    const agreed = request.protocols.includes(protocol) ? protocol : '';
    h3.respond(stream, 200, acceptanceFields(agreed));
    const session = new Session({
      h3,
      stream,
      path: request.path,
      protocol: agreed,
      limits: this.#limits,
      onEnd: (ended, end) => {
        this.#sessions.delete(ended);
        this.#lingerAfter(h3, stream, end);
      },
    });
    this.#sessions.add(session);
    this.#sessionsOpened += 1;
    this.#keepAlive(h3);
    // Not before the session is entered where its streams are looked for.
    queueMicrotask(() => this.#announce(session, request));
    return session;
  }

  #announce(session: Session, request: SessionRequest): void {
    try {
      this.#options.onSession(session, request);
    } catch (error) {
      this.#options.log('error', `WebTransport: opening a session: ${(error as Error).stack ?? error}`);
      session.close(0, 'internal error');
    }
  }

  /** Pages leave the QUIC connection open when their session is over, so it is closed here. */
  #lingerAfter(h3: H3Connection, stream: QuicStream, end: SessionEnd): void {
    if (h3.sessions.size > 0 || h3.quic.isOver) return;
    // Who has ended its side knows what ours says.
    this.#endIn(h3, end.by === 'us' && !stream.isReceiveOver ? LINGER_MS : 0, '');
  }

  /** @param why is told to the peer */
  #endIn(h3: H3Connection, ms: number, why: string): void {
    const timers = this.#timers.get(h3);
    if (!timers) return;
    if (timers.end) clearTimeout(timers.end);
    timers.end = setTimeout(() => {
      if (h3.sessions.size === 0) h3.quic.close(H3.NO_ERROR, why);
    }, ms);
  }

  #keepAlive(h3: H3Connection): void {
    const timers = this.#timers.get(h3);
    if (timers) timers.ping ??= setInterval(() => h3.quic.ping(), this.#limits.idleMs / PINGS_PER_IDLE_TIME);
  }

  onProtocolError(h3: H3Connection, why: string): void {
    this.#protocolErrors += 1;
    // Only of peers that were let in: anybody can send nonsense, and fill a log with it.
    if (h3.sessions.size > 0) this.#options.log('warn', `WebTransport: ${plainAddress(h3.quic.remote.host)}: ${why}`);
  }

  onClosed(h3: H3Connection): void {
    const timers = this.#timers.get(h3);
    this.#timers.delete(h3);
    if (timers?.end) clearTimeout(timers.end);
    if (timers?.ping) clearInterval(timers.ping);
  }
}
