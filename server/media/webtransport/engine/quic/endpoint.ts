import { randomBytes } from 'node:crypto';
import type dgram from 'node:dgram';
import type { EngineLimits } from '../limits.ts';
import { type ConnectionHandler, type ConnectionHost, QuicConnection } from './connection.ts';
import { judgeInitial } from './gate.ts';
import { type Host, type Quiche, type QuicheConfig, type QuicheConnection, UDP_PAYLOAD_BYTES } from './native.ts';
import { QueueBudget } from './queue-budget.ts';
import { RetryTokens } from './retry-token.ts';
import { openUdpSocket } from './udp-socket.ts';

export interface EndpointCounters {
  connections: number;
  halfOpen: number;
  connectionsRefused: number;
  retriesSent: number;
  packetsReceived: number;
  packetsSent: number;
  packetsDropped: number;
  bytesReceived: number;
  bytesSent: number;
}

export interface EndpointOptions {
  readonly quiche: Quiche;
  readonly config: QuicheConfig;
  readonly limits: EngineLimits;
  readonly udpPort: number;
  readonly bindAddress: string | undefined;
  readonly onEstablished: (connection: QuicConnection) => ConnectionHandler;
  readonly onFault: (error: unknown) => void;
}

const CONNECTION_ID_BYTES = 16;
/** RFC 9114 section 8.1. */
const H3_NO_ERROR = 0x100;
/** RFC 9000 section 7.2. */
const FIRST_ID_BYTES_MIN = 8;
const ID_BYTES_MAX = 20;
/** RFC 9000 section 14.1: smaller packets start nothing. */
const INITIAL_BYTES_MIN = 1_200;
const LONG_HEADER = 0x80;
/** Where an id's length stands in a long header, where the id of a short one begins. */
const LONG_ID_LENGTH_AT = 5;
const SHORT_ID_AT = 1;
/** Rounds over connections that have something to do, before others of this process get their turn. */
const ROUNDS_MAX = 8;
const SWEEP_MS = 250;
/** Bytes that the system may be behind in sending; above them packets are dropped, as a router would. */
const SOCKET_BACKLOG_BYTES_MAX = 4 * 1_024 * 1_024;

/** Our side of QUIC on one UDP port: finds each packet's connection, opens new ones, drives them. */
export class QuicEndpoint implements ConnectionHost {
  readonly quiche: Quiche;
  readonly limits: EngineLimits;
  readonly budget: QueueBudget;
  readonly local: Host;
  readonly counters: Omit<EndpointCounters, 'connections' | 'halfOpen'> = {
    connectionsRefused: 0,
    retriesSent: 0,
    packetsReceived: 0,
    packetsSent: 0,
    packetsDropped: 0,
    bytesReceived: 0,
    bytesSent: 0,
  };
  readonly #options: EndpointOptions;
  readonly #socket: dgram.Socket;
  readonly #byId = new Map<string, QuicConnection>();
  readonly #connections = new Set<QuicConnection>();
  readonly #tokens = new RetryTokens();
  readonly #dirty = new Set<QuicConnection>();
  readonly #sweeper: NodeJS.Timeout;
  #config: QuicheConfig;
  /** Connections whose handshake is not done. */
  readonly #halfOpen = new Set<QuicConnection>();
  #isRunPlanned = false;
  #packet = Buffer.allocUnsafeSlow(UDP_PAYLOAD_BYTES);

  private constructor(options: EndpointOptions, socket: dgram.Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#config = options.config;
    this.quiche = options.quiche;
    this.limits = options.limits;
    this.budget = new QueueBudget(options.limits.totalQueueBytesMax);
    const { address, port } = socket.address();
    this.local = { host: address, port };
    socket.on('message', (packet, { address: host, port: fromPort }) =>
      this.#guarded(packet, { host, port: fromPort }),
    );
    // What the system says of single packets (unreachable, too big) is for QUIC's loss recovery to find out.
    socket.on('error', () => {});
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** @throws with the system's code when the port cannot be had */
  static async open(options: EndpointOptions): Promise<QuicEndpoint> {
    return new QuicEndpoint(options, await openUdpSocket(options.udpPort, options.bindAddress));
  }

  get connections(): ReadonlySet<QuicConnection> {
    return this.#connections;
  }

  count(): EndpointCounters {
    return { ...this.counters, connections: this.#connections.size, halfOpen: this.#halfOpen.size };
  }

  /** For connections from now on. */
  useConfig(config: QuicheConfig): void {
    this.#config = config;
  }

  /** Whatever arrives, and whatever goes wrong with it, the process lives on. */
  #guarded(packet: Buffer, from: Host): void {
    this.counters.packetsReceived += 1;
    this.counters.bytesReceived += packet.length;
    try {
      const connection = this.#connectionOf(packet, from);
      if (connection) connection.receive(packet, from);
      else this.counters.packetsDropped += 1;
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #connectionOf(packet: Buffer, from: Host): QuicConnection | null {
    // Neither can be answered: a link-local address loses its interface on the way through quiche, and to
    // port 0, which anybody can put into a packet, nothing can be sent.
    if (from.host.includes('%') || from.port === 0) return null;
    const first = packet[0] ?? 0;
    if ((first & LONG_HEADER) === 0) {
      return this.#byId.get(packet.toString('latin1', SHORT_ID_AT, SHORT_ID_AT + CONNECTION_ID_BYTES)) ?? null;
    }
    const idBytes = packet[LONG_ID_LENGTH_AT] ?? 0;
    if (idBytes > ID_BYTES_MAX) return null;
    const id = packet.toString('latin1', LONG_ID_LENGTH_AT + 1, LONG_ID_LENGTH_AT + 1 + idBytes);
    return this.#byId.get(id) ?? this.#answerFirst(packet, from);
  }

  /** A packet of no connection. @returns the new connection that it opens */
  #answerFirst(packet: Buffer, from: Host): QuicConnection | null {
    if (packet.length < INITIAL_BYTES_MIN) return null;
    let header: ReturnType<Quiche['Header']['fromSlice']>;
    try {
      header = this.quiche.Header.fromSlice(packet, CONNECTION_ID_BYTES);
    } catch {
      return null;
    }
    const { Initial, VersionNegotiation } = this.quiche.Type;
    if (header.version !== 0 && header.ty !== VersionNegotiation && !this.quiche.versionIsSupported(header.version)) {
      this.#reply(from, (out) => this.quiche.negotiateVersion(header.scid, header.dcid, out));
      return null;
    }
    if (header.ty !== Initial || header.dcid.length < FIRST_ID_BYTES_MIN) return null;
    return this.#judge(header, from);
  }

  #judge(header: ReturnType<Quiche['Header']['fromSlice']>, from: Host): QuicConnection | null {
    const { token, dcid, scid, version } = header;
    const peer = `${from.host} ${from.port}`;
    const firstId = token?.length ? this.#tokens.open(token, dcid, peer, Date.now()) : null;
    const counts = { connections: this.#connections.size, halfOpen: this.#halfOpen.size };
    const verdict = judgeInitial({ ...counts, isAddressProven: firstId !== null }, this.limits);
    if (verdict === 'accept') return this.#accept(dcid, firstId, from);
    if (verdict === 'drop') {
      this.counters.connectionsRefused += 1;
      return null;
    }
    const ourId = randomBytes(CONNECTION_ID_BYTES);
    const ourToken = this.#tokens.mint(dcid, ourId, peer, Date.now());
    this.#reply(from, (out) => this.quiche.retry(scid, dcid, ourId, ourToken, version, out));
    this.counters.retriesSent += 1;
    return null;
  }

  /** @param firstId the client's first connection id when it has been through a Retry; `dcid` is ours then */
  #accept(dcid: Uint8Array, firstId: Buffer | null, from: Host): QuicConnection {
    const ourId = firstId ? Buffer.from(dcid) : randomBytes(CONNECTION_ID_BYTES);
    const native = this.quiche.Connection.accept(ourId, firstId, this.local, from, this.#config);
    const keys = [...new Set([ourId.toString('latin1'), Buffer.from(dcid).toString('latin1')])];
    const connection = new QuicConnection(this, native, from, keys);
    for (const key of keys) this.#byId.set(key, connection);
    this.#connections.add(connection);
    this.#halfOpen.add(connection);
    return connection;
  }

  #reply(to: Host, write: (out: Buffer) => number): void {
    const out = Buffer.alloc(UDP_PAYLOAD_BYTES);
    this.#sendPacket(out, write(out), to);
  }

  send(native: QuicheConnection): Host | null {
    const sent = native.send(this.#packet);
    if (sent === null) return null;
    const [length, { to }] = sent;
    if (this.#socket.getSendQueueSize() > SOCKET_BACKLOG_BYTES_MAX) return to;
    this.#sendPacket(this.#packet, length, to);
    // The system has not taken it yet and still reads from the buffer.
    if (this.#socket.getSendQueueCount() > 0) this.#packet = Buffer.allocUnsafeSlow(UDP_PAYLOAD_BYTES);
    return to;
  }

  #sendPacket(packet: Buffer, length: number, to: Host): void {
    this.counters.packetsSent += 1;
    this.counters.bytesSent += length;
    this.#socket.send(packet, 0, length, to.port, to.host);
  }

  mark(connection: QuicConnection): void {
    this.#dirty.add(connection);
    if (this.#isRunPlanned) return;
    this.#isRunPlanned = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    for (let round = 0; this.#dirty.size > 0 && round < ROUNDS_MAX; round++) {
      const connections = [...this.#dirty];
      this.#dirty.clear();
      for (const connection of connections) connection.process();
    }
    this.#isRunPlanned = false;
    const [more] = this.#dirty;
    if (more) this.mark(more);
  }

  onEstablished(connection: QuicConnection): ConnectionHandler {
    this.#halfOpen.delete(connection);
    return this.#options.onEstablished(connection);
  }

  onGone(connection: QuicConnection): void {
    this.#halfOpen.delete(connection);
    for (const key of connection.keys) this.#byId.delete(key);
    this.#connections.delete(connection);
    this.#dirty.delete(connection);
  }

  onFault(error: unknown): void {
    this.#options.onFault(error);
  }

  /** Handshakes that take too long make room for others. */
  #sweep(): void {
    const nowMs = performance.now();
    for (const connection of this.#halfOpen) {
      if (nowMs - connection.startedAtMs > this.limits.handshakeMs) connection.refuse();
    }
  }

  /** Tells every peer, as far as one packet does, and frees the port. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    for (const connection of this.#connections) {
      // What was written last, then the end.
      connection.process();
      connection.close(H3_NO_ERROR, '');
      connection.process();
      connection.drop();
    }
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}
