import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ndc, { type PeerConnection, type Track } from 'node-datachannel';
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { monotonicMs } from '../../server/clock/index.ts';
import { MediaFixture } from '../../test/support/media-fixture.ts';

/** Something that takes RTP at one end and gives it out at the other. */
export interface Relay {
  readonly name: string;
  /** The process whose CPU is counted; null for none in between. */
  readonly pid: number | null;
  send(packet: Buffer): void;
  onPacket(listener: (packet: Buffer) => void): void;
  close(): void;
}

/** Set in a child process that shall be the werift relay. */
export const WERIFT_RELAY = 'PARLOUR_BENCH_WERIFT';
const WAIT_MS_MAX = 15_000;
const LEASE_MS = 600_000;
export const SSRC = 4_711;

/** Our media process between two peers. */
export async function parlourRelay(): Promise<Relay & { fixture: MediaFixture }> {
  const fixture = new MediaFixture();
  await fixture.control.start();
  const { model, client } = await fixture.call(1);
  fixture.control.lease(1, monotonicMs() + LEASE_MS);
  return {
    name: 'Parlour',
    pid: fixture.control.pid,
    fixture,
    send: (packet) => model.peer.sendRaw(packet),
    onPacket: (listener) => {
      client.peer.onPacket = listener;
    },
    close() {
      fixture.control.stop();
      fs.rmSync(fixture.data, { recursive: true, force: true });
    },
  };
}

/** Nothing in between: what the generator itself takes. */
export async function noRelay(): Promise<Relay> {
  const from = new OfferingPeer();
  const to = new ndc.PeerConnection('direct', { iceServers: [] });
  let listener: (packet: Buffer) => void = () => {};
  const kept: Track[] = []; // a collected one would end the process
  to.onTrack((one) => {
    kept.push(one);
    one.onMessage((packet) => listener(packet));
  });
  to.setRemoteDescription(await from.offer(), 'offer');
  await until(() => to.gatheringState() === 'complete', 'candidates');
  from.connection.setRemoteDescription(to.localDescription()?.sdp ?? '', 'answer');
  await from.opened();
  return {
    name: 'nothing',
    pid: null,
    send: (packet) => from.track.sendMessageBinary(packet),
    onPacket: (one) => {
      listener = one;
    },
    close() {
      kept.length = 0;
      from.connection.close();
      to.close();
    },
  };
}

/** werift, in a process of its own: what it takes from a peer, it sends back. */
export async function weriftRelay(): Promise<Relay> {
  const child = fork(process.argv[1] as string, [], { env: { ...process.env, [WERIFT_RELAY]: '1' } });
  const peer = new OfferingPeer();
  child.send({ sdp: await peer.offer() });
  const [{ sdp }] = (await once(child, 'message')) as [{ sdp: string }];
  peer.connection.setRemoteDescription(sdp, 'answer');
  await peer.opened();
  return echoOf('werift', child, peer);
}

/** The child of it. */
export async function runWeriftRelay(): Promise<void> {
  process.once('disconnect', () => process.exit(0));
  const [{ sdp }] = (await once(process, 'message')) as [{ sdp: string }];
  const vp8 = new RTCRtpCodecParameters({ mimeType: 'video/VP8', clockRate: 90_000, payloadType: 96 });
  const connection = new RTCPeerConnection({ codecs: { video: [vp8], audio: [] }, iceServers: [] });
  const transceiver = connection.addTransceiver('video', { direction: 'sendrecv' });
  transceiver.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe((rtp) => void transceiver.sender.sendRtp(rtp));
  });
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription(await connection.createAnswer());
  process.send?.({ sdp: connection.localDescription?.sdp });
}

/** Janus of the system with its echo test; a sentence when it cannot be had. */
export async function janusRelay(): Promise<Relay | string> {
  const program = ['/usr/bin/janus', '/usr/local/bin/janus'].find((file) => fs.existsSync(file));
  if (!program) return 'Janus is not installed (Debian: apt-get install janus)';
  const plugins = spawnSync('find', ['/usr/lib', '-name', 'libjanus_echotest.so'], { encoding: 'utf8' }).stdout.trim();
  if (!plugins) return 'the echo test of Janus is not installed';
  const root = path.resolve(path.dirname(plugins.split('\n')[0] as string), '..');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-janus-'));
  const port = await freeTcpPort();
  const disable = (kind: string, keep: string) =>
    fs
      .readdirSync(path.join(root, kind))
      .filter((name) => name.endsWith('.so') && !name.includes(keep))
      .join(',');
  fs.writeFileSync(
    path.join(folder, 'janus.jcfg'),
    `general: { configs_folder = "${folder}" plugins_folder = "${root}/plugins" transports_folder = "${root}/transports" events_folder = "${folder}" loggers_folder = "${folder}" debug_level = 1 log_to_stdout = false }
plugins: { disable = "${disable('plugins', 'echotest')}" }
transports: { disable = "${disable('transports', 'http')}" }
`,
  );
  fs.writeFileSync(
    path.join(folder, 'janus.transport.http.jcfg'),
    `general: { json = "compact" base_path = "/janus" http = true ip = "127.0.0.1" port = ${port} https = false }\n`,
  );
  const child = spawn(program, ['-F', folder], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/janus`;
  const ask = async (place: string, body: object) => {
    const answer = await fetch(`${url}${place}`, {
      method: 'POST',
      body: JSON.stringify({ transaction: String(Math.random()), ...body }),
    });
    return (await answer.json()) as { data?: { id: number } };
  };
  try {
    let session: number | undefined;
    await until(async () => {
      session = await ask('', { janus: 'create' }).then(
        ({ data }) => data?.id,
        () => undefined,
      );
      return session !== undefined;
    }, 'Janus');
    const handle = (await ask(`/${session}`, { janus: 'attach', plugin: 'janus.plugin.echotest' })).data?.id;
    const peer = new OfferingPeer();
    const jsep = { type: 'offer', sdp: await peer.offer() };
    await ask(`/${session}/${handle}`, { janus: 'message', body: { audio: false, video: true }, jsep });
    let answer: string | undefined;
    await until(async () => {
      const poll = await fetch(`${url}/${session}?maxev=5`);
      const events = [await poll.json()].flat() as { jsep?: { sdp: string } }[];
      answer ??= events.find((event) => event.jsep)?.jsep?.sdp;
      return answer !== undefined;
    }, 'the answer of Janus');
    peer.connection.setRemoteDescription(answer as string, 'answer');
    await peer.opened();
    const keepAlive = setInterval(() => void ask(`/${session}`, { janus: 'keepalive' }).catch(() => {}), 20_000);
    const relay = echoOf('Janus', child, peer);
    return {
      ...relay,
      close() {
        clearInterval(keepAlive);
        relay.close();
        fs.rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    return `Janus could not be used: ${(error as Error).message}`;
  }
}

function echoOf(name: string, child: ChildProcess, peer: OfferingPeer): Relay {
  return {
    name,
    pid: child.pid ?? null,
    send: (packet) => peer.track.sendMessageBinary(packet),
    onPacket: (listener) => peer.track.onMessage(listener),
    close() {
      peer.connection.close();
      child.kill('SIGKILL');
    },
  };
}

/** A peer that offers one picture, both ways. */
class OfferingPeer {
  readonly connection: PeerConnection;
  readonly track: Track;

  constructor() {
    this.connection = new ndc.PeerConnection('offering', { iceServers: [] });
    const video = new ndc.Video('0', 'SendRecv');
    video.addVP8Codec(96);
    video.addSSRC(SSRC, 'bench', 'bench', 'picture');
    this.track = this.connection.addTrack(video);
  }

  async offer(): Promise<string> {
    this.connection.setLocalDescription('offer');
    await until(() => this.connection.gatheringState() === 'complete', 'candidates');
    return this.connection.localDescription()?.sdp ?? '';
  }

  async opened(): Promise<void> {
    await until(() => this.track.isOpen(), 'the connection');
  }
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

async function freeTcpPort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}
