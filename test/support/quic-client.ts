import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { H3 } from '../../server/media/webtransport/engine/h3/errors.ts';
import { FRAME } from '../../server/media/webtransport/engine/h3/frames.ts';
import { encodeSettings, ourSettings } from '../../server/media/webtransport/engine/h3/settings.ts';
import { tlv } from '../../server/media/webtransport/engine/h3/tlv-reader.ts';
import { decodeFieldSection } from '../../server/media/webtransport/engine/qpack/decode.ts';
import { encodeFieldSection } from '../../server/media/webtransport/engine/qpack/encode.ts';
import type { Field } from '../../server/media/webtransport/engine/qpack/field.ts';
import {
  codeIn,
  loadQuiche,
  type Quiche,
  type QuicheConnection,
} from '../../server/media/webtransport/engine/quic/native.ts';
import { readVarint, varint } from '../../server/media/webtransport/engine/varint.ts';

/** What has come on a stream. */
export class Received {
  isEnded = false;
  resetCode: number | null = null;
  #parts: Buffer[] = [];

  get bytes(): Buffer {
    const [whole] = this.#parts;
    if (whole && this.#parts.length === 1) return whole;
    this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] as Buffer;
  }

  push(part: Buffer): void {
    this.#parts.push(Buffer.from(part));
  }
}

export interface QuicClientOptions {
  readonly port: number;
  readonly idleMs?: number;
  /** Streams that the server may open. */
  readonly streamsUni?: number;
  readonly streamWindowBytes?: number;
  readonly connectionWindowBytes?: number;
  /** Says whether a packet to or from the server is lost. */
  readonly loses?: (direction: 'out' | 'in', packet: Buffer) => boolean;
}

const WAIT_MS_MAX = 30_000;
const quiche: Quiche = await loadQuiche();

/** A client that says whatever a test wants it to: QUIC is quiche's, everything above is raw bytes. */
export class QuicClient {
  readonly native: QuicheConnection;
  readonly streams = new Map<number, Received>();
  readonly datagrams: Buffer[] = [];
  packetsIn = 0;
  isSilent = false;
  /** Called after whatever has come or gone. */
  onActivity: () => void = () => {};
  #isClosed = false;
  readonly #options: QuicClientOptions;
  #socket: dgram.Socket;
  /** quiche's client knows of no NAT: it is told the port that it began with. */
  readonly #firstPort: number;
  #timer: NodeJS.Timeout | null = null;
  #nextBidi = 0;
  #nextUni = 2;
  #unsent: { readonly streamId: number; bytes: Buffer; readonly isLast: boolean }[] = [];
  readonly #waits = new Set<() => void>();

  private constructor(native: QuicheConnection, socket: dgram.Socket, options: QuicClientOptions) {
    this.native = native;
    this.#socket = socket;
    this.#options = options;
    this.#firstPort = socket.address().port;
    this.#listen();
  }

  /** Sends the first packet and does not wait for an answer. */
  static async start(options: QuicClientOptions): Promise<QuicClient> {
    const socket = await bound();
    const config = quiche.Config.withBoringSslCtx(false, false, null, null, null, null);
    config.grease(false);
    config.setApplicationProtos(['h3']);
    config.setMaxIdleTimeout(options.idleMs ?? 30_000);
    config.setMaxRecvUdpPayloadSize(1_500);
    config.setMaxSendUdpPayloadSize(1_350);
    config.setInitialMaxData(options.connectionWindowBytes ?? 10_000_000);
    config.setInitialMaxStreamDataBidiLocal(options.streamWindowBytes ?? 1_000_000);
    config.setInitialMaxStreamDataBidiRemote(options.streamWindowBytes ?? 1_000_000);
    config.setInitialMaxStreamDataUni(options.streamWindowBytes ?? 1_000_000);
    config.setInitialMaxStreamsBidi(100);
    config.setInitialMaxStreamsUni(options.streamsUni ?? 100);
    config.enableDgram(true, 1_000, 1_000);
    const local = { host: '127.0.0.1', port: socket.address().port };
    const remote = { host: '127.0.0.1', port: options.port };
    const native = quiche.Connection.connect('localhost', randomBytes(16), local, remote, config);
    const client = new QuicClient(native, socket, options);
    client.flush();
    return client;
  }

  static async connect(options: QuicClientOptions): Promise<QuicClient> {
    const client = await QuicClient.start(options);
    await client.until(() => client.native.isEstablished(), 'the handshake');
    return client;
  }

  /** A client with an open session: SETTINGS are exchanged, the request is accepted. @returns the session's id too */
  static async session(options: QuicClientOptions, path = '/'): Promise<{ client: QuicClient; id: number }> {
    const client = await QuicClient.connect(options);
    client.sendSettings();
    const id = client.requestSession(path);
    const status = await client.status(id);
    if (status !== '200') throw new Error(`the session was answered with ${status}`);
    return { client, id };
  }

  #listen(): void {
    const to = { host: '127.0.0.1', port: this.#firstPort };
    this.#socket.on('message', (packet) => {
      if (this.isSilent || this.#options.loses?.('in', packet)) return;
      this.packetsIn += 1;
      try {
        this.native.recv(packet, { from: { host: '127.0.0.1', port: this.#options.port }, to });
      } catch {}
      this.flush();
    });
  }

  /** From now on packets come from another port, as after a NAT has forgotten the old one. */
  async rebind(): Promise<void> {
    this.#socket.close();
    this.#socket = await bound();
    this.#listen();
  }

  flush(): void {
    this.#read();
    if (this.native.isEstablished()) this.#write();
    const packet = Buffer.alloc(1_350);
    for (let sent = this.native.send(packet); sent; sent = this.native.send(packet)) {
      const bytes = Buffer.from(packet.subarray(0, sent[0]));
      if (!this.isSilent && !this.#options.loses?.('out', bytes)) this.raw(bytes);
    }
    if (this.#timer) clearTimeout(this.#timer);
    const ms = this.native.timeout();
    if (ms !== null && !this.native.isClosed()) {
      this.#timer = setTimeout(() => {
        this.native.onTimeout();
        this.flush();
      }, ms + 1);
    }
    for (const wait of this.#waits) wait();
    this.onActivity();
  }

  /** A packet as it is. */
  raw(bytes: Buffer): void {
    this.#socket.send(bytes, this.#options.port, '127.0.0.1', () => {});
  }

  #read(): void {
    const scratch = Buffer.alloc(65_536);
    for (const id of this.native.readable()) {
      const into = this.received(id);
      try {
        for (let read = this.native.streamRecv(id, scratch); read; read = this.native.streamRecv(id, scratch)) {
          into.push(scratch.subarray(0, read[0]));
          if (read[1]) into.isEnded = true;
        }
      } catch (error) {
        into.resetCode = codeIn(error, 'StreamReset') ?? into.resetCode;
      }
    }
    for (let data = this.native.dgramRecvVec(); data; data = this.native.dgramRecvVec()) {
      this.datagrams.push(Buffer.from(data));
    }
  }

  received(id: number): Received {
    const known = this.streams.get(id) ?? new Received();
    this.streams.set(id, known);
    return known;
  }

  /** Waits for something to come true, which is looked at after every packet and every 5 ms. */
  async until<T>(find: () => T | undefined | null | false, what: string): Promise<T> {
    const giveUpAtMs = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const found = find();
      if (found) return found;
      if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, 5);
        const waits = this.#waits;
        function wake() {
          clearTimeout(timer);
          waits.delete(wake);
          resolve();
        }
        waits.add(wake);
      });
    }
  }

  openUni(): number {
    this.#nextUni += 4;
    return this.#nextUni - 4;
  }

  openBidi(): number {
    this.#nextBidi += 4;
    return this.#nextBidi - 4;
  }

  /** What the window does not take now goes out later. @returns the stream's id */
  send(streamId: number, bytes: Buffer, isLast = false): number {
    this.#unsent.push({ streamId, bytes, isLast });
    this.flush();
    return streamId;
  }

  #write(): void {
    this.#unsent = this.#unsent.filter((part) => {
      try {
        const taken = this.native.streamSend(part.streamId, part.bytes, part.isLast);
        if (taken === part.bytes.length) return false;
        part.bytes = part.bytes.subarray(taken ?? 0);
        return true;
      } catch {
        return false;
      }
    });
  }

  reset(streamId: number, code: number): void {
    this.native.streamShutdown(streamId, quiche.Shutdown.Write, code);
    this.flush();
  }

  stop(streamId: number, code: number): void {
    this.native.streamShutdown(streamId, quiche.Shutdown.Read, code);
    this.flush();
  }

  sendDatagram(bytes: Buffer): void {
    this.native.dgramSend(bytes);
    this.flush();
  }

  /** @returns the id of the control stream */
  sendSettings(settings: Buffer = encodeSettings(ourSettings(16_384))): number {
    const control = this.openUni();
    this.send(control, Buffer.concat([varint(0), tlv(FRAME.SETTINGS, settings)]));
    return control;
  }

  requestSession(path = '/', more: readonly Field[] = []): number {
    const id = this.openBidi();
    this.send(id, headers([...sessionFields(path), ...more]));
    return id;
  }

  /** The status that a request was answered with. */
  async status(id: number): Promise<string> {
    const fields = await this.answer(id);
    return fields.find(({ name }) => name === ':status')?.value ?? '';
  }

  async answer(id: number): Promise<readonly Field[]> {
    return this.until(() => {
      const [first] = framesOf(this.received(id).bytes);
      if (first?.type !== FRAME.HEADERS) return null;
      const section = decodeFieldSection(first.payload, 100_000);
      return 'fields' in section && section.fields;
    }, `an answer on stream ${id}`);
  }

  /** How the server ended the connection. */
  async end(): Promise<{ isApp: boolean; code: number; reason: string }> {
    const error = await this.until(() => this.native.peerError(), 'the end of the connection');
    return { isApp: error.isApp, code: error.errorCode, reason: Buffer.from(error.reason).toString() };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.native.close(true, H3.NO_ERROR, Buffer.alloc(0));
    } catch {}
    this.flush();
    if (this.#timer) clearTimeout(this.#timer);
    this.#socket.close();
  }
}

async function bound(): Promise<dgram.Socket> {
  // Without a look-up a packet is out when `send` returns, and the socket can be closed.
  const socket = dgram.createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return socket;
}

export const sessionFields = (path: string): Field[] => [
  { name: ':method', value: 'CONNECT' },
  { name: ':protocol', value: 'webtransport' },
  { name: ':scheme', value: 'https' },
  { name: ':authority', value: 'localhost:8445' },
  { name: ':path', value: path },
  { name: 'sec-webtransport-http3-draft02', value: '1' },
  { name: 'origin', value: 'https://localhost:8443' },
];

export const headers = (fields: readonly Field[]): Buffer => tlv(FRAME.HEADERS, encodeFieldSection(fields));

/** Whole frames, or capsules, at the beginning of the bytes. */
export function framesOf(bytes: Buffer): { readonly type: number; readonly payload: Buffer }[] {
  const frames: { readonly type: number; readonly payload: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = readVarint(bytes, at);
    const length = type && readVarint(bytes, type.end);
    if (!length || length.end + length.value > bytes.length) break;
    at = length.end + length.value;
    frames.push({ type: type.value, payload: bytes.subarray(length.end, at) });
  }
  return frames;
}
