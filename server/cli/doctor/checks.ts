import { X509Certificate } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { askStun, iceServersFor, kindOf, publicAddresses } from '../../media/index.ts';
import type { Settings } from '../../settings/index.ts';

/** One thing that was looked at. `fail`: media does not work like this; `warn`: for some people, or not for long. */
export interface Check {
  readonly name: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly says: string;
}

const ok = (name: string, says: string): Check => ({ name, verdict: 'ok', says });
const warn = (name: string, says: string): Check => ({ name, verdict: 'warn', says });
const fail = (name: string, says: string): Check => ({ name, verdict: 'fail', says });

const CERTIFICATE_DAYS_MIN = 14;
const DAY_MS = 86_400_000;
const RELAY_MS_MAX = 8_000;

/** Whether the ports are ours to have, or ours already. */
export async function checkPorts(settings: Settings): Promise<Check[]> {
  const { udpPort, address } = settings.media;
  const { port, host } = settings.front;
  const isRunning = isApplianceRunning(settings.data);
  const describe = (name: string, key: string, error: NodeJS.ErrnoException | null): Check => {
    if (!error) return ok(name, 'free');
    if (error.code === 'EADDRINUSE' && isRunning) return ok(name, 'held by the running appliance');
    if (error.code === 'EADDRINUSE') return fail(name, `another program has it; end it, or choose another with ${key}`);
    if (error.code === 'EACCES') return fail(name, `not allowed; choose one above 1023 with ${key}`);
    return fail(name, `cannot be bound: ${error.message}`);
  };
  const udp = udpPort === 0 ? null : await tryUdp(udpPort, address || undefined);
  const tcp = port === 0 ? null : await tryTcp(port, host);
  return [
    udpPort === 0
      ? warn('UDP port', 'media.udpPort is 0: another one at every start cannot be forwarded')
      : describe(`UDP port ${udpPort}`, 'media.udpPort', udp),
    port === 0
      ? warn('TCP port', 'front.port is 0: another one at every start cannot be forwarded')
      : describe(`TCP port ${port}`, 'front.port', tcp),
  ];
}

/** Which addresses pages can reach us at, and what the operator has to forward. */
export async function checkAddresses(settings: Settings): Promise<Check[]> {
  const own = ownAddresses();
  const found = await publicAddresses(settings.media);
  const { publicAddress, stunServer, udpPort } = settings.media;
  const checks: Check[] = [
    own.length > 0
      ? ok('addresses of this machine', own.join(', '))
      : fail('addresses of this machine', 'none but its own loopback: no other device can reach it'),
  ];
  const isOutside = own.some((address) => kindOf(address) === 'public');
  const forward = `On the router, forward TCP ${settings.front.port} and UDP ${udpPort} to ${own[0] ?? 'this machine'}.`;
  if (found.length > 0) {
    const isOwn = found.some((address) => own.includes(address));
    checks.push(
      ok('public address', `${found.join(', ')}. ${isOwn ? 'It is an own address: nothing to forward.' : forward}`),
    );
  } else if (publicAddress !== '') {
    checks.push(fail('public address', `the name ${publicAddress} of media.publicAddress has no IPv4 address`));
  } else if (stunServer !== '') {
    checks.push(fail('public address', `the STUN server ${stunServer} does not answer`));
  } else if (isOutside) {
    checks.push(ok('public address', 'an own address is public: nothing to forward'));
  } else {
    const set = 'set media.publicAddress, or a STUN server that tells it with media.stunServer';
    checks.push(
      warn(
        'public address',
        `none is known: pages on this network reach it, clients on the internet do not. ${forward} Then ${set}.`,
      ),
    );
  }
  if (publicAddress !== '' && stunServer !== '') checks.push(await compareWithStun(found, stunServer));
  return checks;
}

/** The certificate that pages meet, if there is one yet. */
export function checkCertificate(settings: Settings): Check {
  const name = 'certificate';
  const file = path.join(settings.data, 'tls', 'appliance.pem');
  if (!fs.existsSync(file)) return warn(name, 'none yet: the first start makes it');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(fs.readFileSync(file));
  } catch (error) {
    return fail(name, `${file} cannot be read: ${(error as Error).message}`);
  }
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS);
  if (days < 0) return fail(name, 'it has run out; a restart makes a new one');
  const isNamed = (one: string) => (net.isIP(one) ? certificate.checkIP(one) : certificate.checkHost(one));
  const missing = [...ownAddresses(), ...settings.front.names].filter((one) => !isNamed(one));
  if (missing.length > 0) return warn(name, `it does not name ${missing.join(', ')}; a restart makes a new one`);
  if (days < CERTIFICATE_DAYS_MIN) return warn(name, `it runs out in ${days} days; a restart makes a new one`);
  return ok(name, `good for ${days} days, for ${certificate.subjectAltName ?? 'no name'}`);
}

/** Whether each TURN server gives us a relay with the credentials that pages get. */
export async function checkTurn(settings: Settings): Promise<Check[]> {
  const { turnUrls, turnSecret } = settings.media;
  if (turnUrls.length === 0) return [];
  if (turnSecret === '') return [warn('TURN', 'media.turnSecret is empty: pages get no credentials')];
  const { default: ndc } = await import('node-datachannel');
  const [server] = iceServersFor(settings.media, 0);
  return Promise.all(
    turnUrls.map(async (url) => {
      const place = /^turns?:([^:?]+)(?::(\d+))?(\?transport=tcp)?$/.exec(url);
      if (!place) return warn(`TURN ${url}`, 'this form of address cannot be tested from here');
      const relayType = url.startsWith('turns:') ? 'TurnTls' : place[3] ? 'TurnTcp' : 'TurnUdp';
      const connection = new ndc.PeerConnection('doctor', {
        iceServers: [
          {
            hostname: place[1] as string,
            port: Number(place[2] ?? (relayType === 'TurnTls' ? 5_349 : 3_478)),
            username: server?.username ?? '',
            password: server?.credential ?? '',
            relayType,
          },
        ],
        iceTransportPolicy: 'relay',
      });
      const relayed = new Promise<boolean>((resolve) => {
        connection.onLocalCandidate((candidate) => candidate.includes('typ relay') && resolve(true));
        connection.onGatheringStateChange((state) => state === 'complete' && resolve(false));
        setTimeout(() => resolve(false), RELAY_MS_MAX).unref();
      });
      connection.createDataChannel('doctor');
      const works = await relayed;
      connection.close();
      return works
        ? ok(`TURN ${url}`, 'gives a relay')
        : fail(`TURN ${url}`, 'gives no relay: look at its address, its ports and media.turnSecret');
    }),
  );
}

async function compareWithStun(known: readonly string[], server: string): Promise<Check> {
  const seen = await askStun(server);
  if (!seen) return warn('STUN', `${server} does not answer`);
  return known.includes(seen.address)
    ? ok('STUN', `${server} sees ${seen.address}, too`)
    : fail('STUN', `${server} sees ${seen.address}, and media.publicAddress is ${known.join(', ')}`);
}

function ownAddresses(): string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && kindOf(address) !== 'senseless')
    .map(({ address }) => address)
    .sort((a, b) => net.isIP(a) - net.isIP(b));
}

function isApplianceRunning(data: string): boolean {
  try {
    const pid = Number(fs.readFileSync(path.join(data, 'media-webrtc.pid'), 'utf8'));
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function tryUdp(port: number, address: string | undefined): Promise<NodeJS.ErrnoException | null> {
  const socket = dgram.createSocket('udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    socket.close();
  }
}

async function tryTcp(port: number, host: string): Promise<NodeJS.ErrnoException | null> {
  const server = net.createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    server.close();
  }
}
