// The WebRTC media process. It runs apart from main, since a fault in the native library ends the
// process without a word that JavaScript could catch. It speaks the control protocol of
// contract/media.ts over the channel that main has opened, and ends when that channel does.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { LegTable } from '../process/leg-table.ts';
import { send, serveMain } from '../process/main-channel.ts';
import { exitWithoutPort, settings } from '../process/settings.ts';
import { Leg } from './leg.ts';
import { withAddress } from './sdp.ts';

let publicAddresses: readonly string[] = [];

/** libdatachannel aborts the process when its port is taken, so the port is tried first. */
async function freeUdpPort(): Promise<number> {
  const socket = dgram.createSocket('udp4');
  try {
    socket.bind(settings.udpPort, settings.bindAddress);
    await once(socket, 'listening');
    return socket.address().port;
  } catch (error) {
    return exitWithoutPort(error);
  } finally {
    socket.close();
  }
}

const udpPort = await freeUdpPort();
const config = {
  iceServers: [],
  enableIceUdpMux: true,
  portRangeBegin: udpPort,
  portRangeEnd: udpPort,
  ...(settings.bindAddress && { bindAddress: settings.bindAddress }),
};

function addresses(candidates: readonly string[]): string[] {
  const isIpv4Host = (candidate: string) => / typ host/.test(candidate) && !candidate.split(' ')[4]?.includes(':');
  const host = candidates.find(isIpv4Host);
  return host ? [...candidates, ...publicAddresses.map((address) => withAddress(host, address))] : [...candidates];
}

const table = new LegTable<Leg>(
  (legId, side, pipe) =>
    new Leg(legId, side, pipe, { config, addresses, notify: (notice) => send({ ...notice, legId }) }),
);

serveMain(udpPort, {
  handle(message) {
    switch (message.type) {
      case 'answer':
        return table.get(message.legId)?.answer(message.transport);
      case 'candidate':
        return table.get(message.legId)?.addCandidate(message.candidate);
      case 'addresses':
        publicAddresses = message.addresses;
        return;
      case 'certificate':
        return; // DTLS makes its own
      default:
        return table.handle(message);
    }
  },
  watch: (nowMs) => table.watch(nowMs),
  counters: () => table.counters(),
  isAnyOpen: (nowMs) => table.isAnyOpen(nowMs),
});
