import { once } from 'node:events';
import net from 'node:net';

/** What postgres.js hands to its `socket` option: lists, of which we use the first. */
interface Address {
  readonly path?: string | false | undefined;
  readonly host: string[];
  readonly port: number[];
}

/**
 * The sockets of one database client. postgres.js goes on connecting for a client that was ended while it
 * connected: such sockets stayed open for good, until the server had no connection left for anybody. So
 * we open the sockets ourselves, and when a client is thrown away its sockets go with it.
 */
export class Sockets {
  readonly #open = new Set<net.Socket>();
  readonly #connectMsMax: number;
  #isEnded = false;

  constructor(connectMsMax: number) {
    this.#connectMsMax = connectMsMax;
  }

  /** @returns a connected socket @throws an error of the code CONNECT_FAILED, or CONNECTION_ENDED after `end` */
  readonly connect = async ({ path, host, port }: Address): Promise<net.Socket> => {
    this.#refuseWhenEnded();
    const to = { host: host[0] as string, port: port[0] as number };
    const socket = path ? net.connect(path) : net.connect(to.port, to.host);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.on('error', () => {}); // heard below, and by postgres.js once it has the socket
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), this.#connectMsMax);
    try {
      await once(socket, 'connect');
    } catch (error) {
      throw withCode('CONNECT_FAILED', error);
    } finally {
      clearTimeout(timer);
    }
    if (this.#isEnded) socket.destroy();
    this.#refuseWhenEnded();
    return Object.assign(socket, to); // TLS asks the socket for the name of the host
  };

  end(): void {
    this.#isEnded = true;
    for (const socket of this.#open) socket.destroy(withCode('CONNECTION_ENDED'));
  }

  #refuseWhenEnded(): void {
    if (this.#isEnded) throw withCode('CONNECTION_ENDED');
  }
}

const withCode = (code: string, cause?: unknown): Error =>
  Object.assign(new Error(cause ? `${code}: ${cause}` : code, { cause }), { code });
