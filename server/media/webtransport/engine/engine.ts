// The WebTransport engine: sessions with pages over QUIC and HTTP/3. In: a UDP port, a certificate,
// who is let in. Out: sessions shaped like the W3C's. It knows nothing of calls or media.
import type { EngineLimits } from './limits.ts';
import type { WebTransport } from './web-transport.ts';

/** A request for a session, before it is answered. All of it is the peer's word but the address. */
export interface SessionRequest {
  /** With its query. */
  readonly path: string;
  readonly authority: string;
  readonly origin: string | null;
  /** The peer's IP address; of IPv4 in its dotted form. */
  readonly remoteAddress: string;
  /** `wt-available-protocols`, in the page's order of preference. */
  readonly protocols: readonly string[];
}

/**
 * The answer to a request.
 * `refuse`: an HTTP status of 400 to 599; the page is told no more than that the handshake failed.
 * `close`: 200, then closed with a code (0 to 2^32 - 1) and reason (1,024 bytes) that the page can read.
 */
export type Admission =
  | { readonly verdict: 'accept'; readonly protocol?: string }
  | { readonly verdict: 'refuse'; readonly status: number }
  | { readonly verdict: 'close'; readonly code: number; readonly reason: string };

/** How the way to the peer is. */
export interface PathStats {
  /** null before the first measurement. */
  readonly rttMs: number | null;
  /** What the path delivered lately; says something of the path only while `queuedBytes` is over 0. */
  readonly deliveryRateKbps: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly packetsLost: number;
  /** Written by us and not yet taken by QUIC, which takes what the congestion window lets through. */
  readonly queuedBytes: number;
}

export interface SessionEnd {
  readonly code: number;
  readonly reason: string;
  /** `lost`: the connection was reset, timed out or broke the protocol; there is no code then. */
  readonly by: 'us' | 'peer' | 'lost';
}

export interface EngineSession {
  /** Can be given to @moq/net's `Connection.accept` as it is. */
  readonly webTransport: WebTransport;
  readonly path: string;
  /** Changes when the peer's NAT gives it another address. */
  readonly remoteAddress: string;
  stats(): PathStats;
  /** Has the peer's browser acknowledge something, whatever its page does. */
  ping(): void;
  /** Forgets datagrams that wait to be sent. */
  dropDatagrams(): void;
  /** @param reason is cut to 1,024 bytes. A session that is over is left alone. */
  close(code: number, reason: string): void;
  /** Never rejects. */
  readonly closed: Promise<SessionEnd>;
}

/** Gauges and sums since the start. */
export interface EngineCounters {
  readonly connections: number;
  readonly halfOpen: number;
  readonly sessions: number;
  /** Written by us and not yet taken by QUIC, of all sessions. */
  readonly queuedBytes: number;
  readonly sessionsOpened: number;
  /** Requests for a session that were refused or closed at once. */
  readonly sessionsRefused: number;
  /** Initial packets that were not answered because of a limit. */
  readonly connectionsRefused: number;
  readonly retriesSent: number;
  /** Connections closed because the peer broke the protocol. */
  readonly protocolErrors: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** Packets of no connection of ours. */
  readonly packetsDropped: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface EngineOptions {
  /** 0: any free one. */
  readonly udpPort: number;
  /** Default: every address of the machine, IPv4 and IPv6. */
  readonly bindAddress?: string | undefined;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly limits?: Partial<EngineLimits> | undefined;
  /** Is asked once for each request, before it is answered. If it throws the request is refused with 500. */
  admit(request: SessionRequest): Admission;
  /** Called when 200 has been sent. If it throws the session is closed. */
  onSession(session: EngineSession, request: SessionRequest): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

export interface Engine {
  readonly udpPort: number;
  /** New connections get this certificate, the others live on. @throws when the two do not fit or are none */
  replaceCertificate(certificatePem: string, keyPem: string): void;
  counters(): EngineCounters;
  /** Ends every session and frees the port. */
  close(): Promise<void>;
}

export interface EngineFactory {
  /** @throws with the system's code (EADDRINUSE, EADDRNOTAVAIL, EACCES …) when the port cannot be had */
  listen(options: EngineOptions): Promise<Engine>;
}
