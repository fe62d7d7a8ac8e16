import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

/** What the system may keep of packets that we have not read, and of those that the network has not taken. */
const SOCKET_BUFFER_BYTES = 4 * 1_024 * 1_024;
/** The machine has no IPv6. */
const NO_IPV6: ReadonlySet<string | undefined> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL']);

/**
 * A bound UDP socket; without an address one that takes IPv6 and IPv4.
 * @throws with the system's code when the port cannot be had
 */
export async function openUdpSocket(port: number, address: string | undefined): Promise<dgram.Socket> {
  if (address) return bind(net.isIPv6(address) ? 'udp6' : 'udp4', port, address);
  try {
    return await bind('udp6', port, '::');
  } catch (error) {
    if (!NO_IPV6.has((error as NodeJS.ErrnoException).code)) throw error;
    return bind('udp4', port, '0.0.0.0');
  }
}

async function bind(type: 'udp4' | 'udp6', port: number, address: string): Promise<dgram.Socket> {
  const socket = dgram.createSocket({
    type,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
    // Addresses come from packets and are none to look up; Node would do so for each packet.
    lookup: (host, _options, done) => done(null, host, type === 'udp6' ? 6 : 4),
  });
  try {
    // Without a look-up it may be bound at once.
    const bound = once(socket, 'listening');
    socket.bind(port, address);
    await bound;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** An IPv4 address without the form that it has on a socket for both. */
export const plainAddress = (host: string): string => host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
