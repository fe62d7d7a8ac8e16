import { setTimeout as sleep } from 'node:timers/promises';
import type { DataChannel, PeerConnection, Track } from 'node-datachannel';
import { readTransport } from '../../media/index.ts';

const GATHER_MS_MAX = 5_000;
const CONNECT_MS_MAX = 15_000;
const RTP_HEADER_BYTES = 12;

/** What a peer has to do with an appliance: bring its answer and candidates there. */
export interface Offered {
  readonly sdp: string;
  answer(sdp: string): unknown;
}

/** A page's media end without the page: WebRTC over node-datachannel, and RTP made by hand. */
export class MediaPeer {
  readonly connection: PeerConnection;
  #track: Track | null = null;
  #channel: DataChannel | null = null;
  #isConnected = false;
  #sequence = Math.floor(Math.random() * 30_000);
  readonly #ssrc: number;
  received = 0;
  receivedBytes = 0;
  /** Called for every packet; its own counting goes on beside it. */
  onPacket: (packet: Buffer) => void = () => {};

  /** The native library is loaded when the first is made: only who needs it pays for it. */
  static async open(ssrc: number): Promise<MediaPeer> {
    const { default: ndc } = await import('node-datachannel');
    const connection = new ndc.PeerConnection(`peer-${ssrc}`, {
      iceServers: [],
      bindAddress: '127.0.0.1',
      disableAutoNegotiation: true,
    });
    return new MediaPeer(ssrc, connection);
  }

  private constructor(ssrc: number, connection: PeerConnection) {
    this.#ssrc = ssrc;
    this.connection = connection;
    this.connection.onStateChange((state) => {
      this.#isConnected = state === 'connected';
    });
    this.connection.onTrack((track) => this.#use(track));
    this.connection.onDataChannel((channel) => {
      this.#channel = channel;
    });
  }

  get isConnected(): boolean {
    return this.#isConnected && (this.#track?.isOpen() ?? false);
  }

  get channel(): DataChannel | null {
    return this.#channel;
  }

  /** Answers an offer of the appliance as a browser would, by the one text that a browser's comes down to. */
  async take(offered: Offered, change: (answer: string) => string = (answer) => answer): Promise<void> {
    const theirs = readTransport(offered.sdp);
    if (!theirs) throw new Error('the offer has no transport');
    const complete = new Promise<void>((resolve) =>
      this.connection.onGatheringStateChange((state) => state === 'complete' && resolve()),
    );
    this.connection.setRemoteDescription(oneTrackOffer(theirs), 'offer');
    this.connection.setLocalDescription('answer');
    await Promise.race([complete, sleep(GATHER_MS_MAX)]);
    const mine = readTransport(this.connection.localDescription()?.sdp ?? '');
    if (!mine) throw new Error('the peer has no transport');
    await offered.answer(change(browserAnswer(mine)));
  }

  addCandidates(candidates: readonly string[]): void {
    for (const candidate of candidates) this.connection.addRemoteCandidate(candidate, '0');
  }

  async connected(): Promise<void> {
    const giveUpAtMs = performance.now() + CONNECT_MS_MAX;
    while (!this.isConnected) {
      if (performance.now() > giveUpAtMs) throw new Error(`not connected: ${this.connection.state()}`);
      await sleep(5);
    }
  }

  /** Sends one RTP packet of the picture; the payload may be written into it first. */
  send(bytes: number, write: (packet: Buffer) => void = () => {}): boolean {
    if (!this.isConnected) return false;
    const packet = Buffer.alloc(Math.max(RTP_HEADER_BYTES, bytes));
    packet[0] = 0x80;
    packet[1] = 96;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(Math.floor(performance.now() * 90) >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    write(packet);
    return this.sendRaw(packet);
  }

  sendRaw(packet: Buffer): boolean {
    try {
      return this.#track?.sendMessageBinary(packet) ?? false;
    } catch {
      return false;
    }
  }

  close(): void {
    this.connection.close();
  }

  #use(track: Track): void {
    this.#track = track;
    track.onMessage((packet) => {
      if ((packet[1] as number) >= 192 && (packet[1] as number) <= 223) return;
      this.received += 1;
      this.receivedBytes += packet.length;
      this.onPacket(packet);
    });
  }
}

interface Transport {
  readonly ufrag: string;
  readonly pwd: string;
  readonly fingerprint: string;
  readonly candidates: readonly string[];
}

const transportLines = ({ ufrag, pwd, fingerprint }: Transport, setup: string): string[] => [
  'c=IN IP4 0.0.0.0',
  `a=ice-ufrag:${ufrag}`,
  `a=ice-pwd:${pwd}`,
  `a=fingerprint:${fingerprint}`,
  `a=setup:${setup}`,
];

/** The appliance's offer with one section for all media, so that this library passes on every stream. */
function oneTrackOffer(theirs: Transport): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ...transportLines(theirs, 'actpass'),
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ...transportLines(theirs, 'actpass'),
    'a=mid:1',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n');
}

/** What a browser's answer looks like, as far as the appliance reads it. */
export function browserAnswer(mine: Transport): string {
  const section = (line: string, mid: number) => [
    line,
    ...transportLines(mine, 'active'),
    `a=mid:${mid}`,
    'a=rtcp-mux',
  ];
  return [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1 2',
    ...section('m=audio 9 UDP/TLS/RTP/SAVPF 111', 0),
    ...section('m=video 9 UDP/TLS/RTP/SAVPF 96 97', 1),
    ...mine.candidates.map((candidate) => `a=${candidate}`),
    ...section('m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 2),
    '',
  ].join('\r\n');
}
