import dgram from 'node:dgram';
import { once } from 'node:events';

interface Way {
  readonly socket: dgram.Socket;
}

/** A way to the media port with delay and loss: everything that comes to it goes on late, or not at all. */
export class BadPath {
  readonly #front: dgram.Socket;
  #options: { delayMs: number; lossRatio: number; address: string; port: number };
  #isCut = false;
  readonly #ways = new Map<string, Way>();
  #seed = 1;

  private constructor(
    front: dgram.Socket,
    options: { delayMs: number; lossRatio: number; address: string; port: number },
  ) {
    this.#front = front;
    this.#options = options;
    front.on('message', (packet, from) => this.#pass(packet, from));
  }

  /** @param options.delayMs each way; `address` is where it listens, `port` there and at 127.0.0.1 behind it */
  static async open(options: { delayMs: number; lossRatio: number; address: string; port: number }): Promise<BadPath> {
    const front = dgram.createSocket({ type: 'udp4', recvBufferSize: 4_000_000, sendBufferSize: 4_000_000 });
    front.bind(options.port, options.address);
    await once(front, 'listening');
    return new BadPath(front, options);
  }

  /** From now on the way is another. */
  become(change: { delayMs: number; lossRatio: number }): void {
    this.#options = { ...this.#options, ...change };
  }

  /** From now on nothing passes. */
  cut(): void {
    this.#isCut = true;
  }

  close(): void {
    this.#front.close();
    for (const { socket } of this.#ways.values()) socket.close();
  }

  #pass(packet: Buffer, from: dgram.RemoteInfo): void {
    const way = this.#wayOf(from);
    this.#later(() => way.socket.send(packet, this.#options.port, '127.0.0.1'));
  }

  #wayOf(from: dgram.RemoteInfo): Way {
    const key = `${from.address}:${from.port}`;
    const known = this.#ways.get(key);
    if (known) return known;
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4_000_000, sendBufferSize: 4_000_000 });
    socket.on('message', (packet) => this.#later(() => this.#front.send(packet, from.port, from.address)));
    socket.on('error', () => {});
    const way = { socket };
    this.#ways.set(key, way);
    return way;
  }

  #later(send: () => void): void {
    if (this.#isCut || this.#chance() < this.#options.lossRatio) return;
    setTimeout(() => {
      try {
        send();
      } catch {
        // closed meanwhile
      }
    }, this.#options.delayMs);
  }

  /** The same losses in every run: a linear congruential generator. */
  #chance(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.#seed / 2 ** 31;
  }
}
