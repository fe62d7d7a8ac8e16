// The media of a side without a page, over either transport: what a trick sends and what reaches it.
import { Broadcast, Connection, Path, Time, type Track } from '@moq/net';
import { MediaPeer } from '../../server/cli/doctor/media-peer.ts';
import { type HubMessage, TRACK_TIMESCALE, TRACKS, type TrackName } from '../../server/contract/index.ts';
import { writeSendTime } from '../support/modelled-uplink.ts';
import { QuicTransport } from '../support/quic-transport.ts';

type Of<T extends HubMessage['type']> = Extract<HubMessage, { type: T }>;

/** `nothing` looks like media and carries none, `strange` is media that is not numbered as it should be. */
export type What = 'media' | 'nothing' | 'strange';

export interface MediaEnd {
  send(bytes: number, what: What): void;
  close(): void;
}

const RTP_SSRC_AT = 8;
/** Room for a header, when it was sent, and something to carry. */
const STAMPED_BYTES_MIN = 40;
/** More than a packet of sound may have, and less than a datagram takes. */
const OVERSIZE_BYTES = 1_050;
const SEQUENCE_MAX = 2 ** 30;

/** A leg of WebRTC. */
export class RtcEnd implements MediaEnd {
  readonly #peer: MediaPeer;
  readonly #queueMs: () => number;
  #turn = 0;

  private constructor(peer: MediaPeer, { onMedia, queueMs }: { onMedia(): void; queueMs(): number }) {
    this.#peer = peer;
    this.#queueMs = queueMs;
    peer.onPacket = onMedia;
  }

  /**
   * @param answer brings the answer to the appliance, @param candidates come when it has taken it, @param queueMs how
   * long what is sent has waited on its way
   */
  static async open(
    { legId, sdp }: Of<'media.offer'>,
    to: {
      answer(sdp: string): unknown;
      candidates: Promise<readonly string[]>;
      onMedia(): void;
      queueMs(): number;
    },
  ): Promise<RtcEnd> {
    const peer = await MediaPeer.open(legId % 2 ** 31);
    const end = new RtcEnd(peer, to);
    // A leg that is replaced meanwhile tells no candidates.
    to.candidates.then((candidates) => peer.addCandidates(candidates)).catch(() => {});
    await peer.take({ sdp, answer: to.answer });
    return end;
  }

  send(bytes: number, what: What): void {
    this.#turn += 1;
    this.#peer.send(bytes, (packet) => {
      if (what === 'media' && bytes >= STAMPED_BYTES_MIN) writeSendTime(packet, performance.now() - this.#queueMs());
      if (what === 'strange') packet.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), RTP_SSRC_AT);
      if (what === 'nothing') this.#spoil(packet);
    });
  }

  close(): void {
    this.#peer.close();
  }

  /** All of it padding (RFC 3550 section 5.1), a receiver report, another version of RTP: in turns. */
  #spoil(packet: Buffer): void {
    if (this.#turn % 3 === 0) {
      packet[0] = 0xa0;
      packet[packet.length - 1] = packet.length - 12;
    } else if (this.#turn % 3 === 1) packet[1] = 201;
    else packet[0] = 0x40;
  }
}

/** A session of WebTransport. */
export class SessionEnd implements MediaEnd {
  readonly #broadcast = new Broadcast.Producer();
  readonly #tracks: Record<TrackName, Track.Producer>;
  readonly #connection: Connection.Established;
  #turn = 0;

  private constructor(connection: Connection.Established) {
    this.#connection = connection;
    const make = (name: TrackName) =>
      this.#broadcast.createTrack(name, {
        timescale: Time.Timescale(TRACK_TIMESCALE),
        priority: TRACKS[name].priority,
        latencyMax: TRACKS[name].latencyMaxMs,
      });
    this.#tracks = { catalog: make('catalog'), feedback: make('feedback'), audio: make('audio'), video: make('video') };
  }

  static async open({ side, port, path }: Of<'media.session'>, onMedia: () => void): Promise<SessionEnd> {
    const transport = await QuicTransport.open(port, path);
    // The library names the browser's type; this has what it uses of that.
    const connection = await Connection.connect(new URL(`https://localhost:${port}/`), { transport });
    const end = new SessionEnd(connection);
    connection.publish(Path.from(side), end.#broadcast);
    const theirs = connection.consume(Path.from(side === 'client' ? 'model' : 'client'));
    const read = (name: TrackName) =>
      theirs.track(name).subscribe({ priority: TRACKS[name].priority, latencyMax: TRACKS[name].latencyMaxMs });
    void hear(read('audio'), onMedia).catch(() => {}); // ends with the session
    void see(read('video'), onMedia).catch(() => {});
    return end;
  }

  send(bytes: number, what: What): void {
    this.#turn += 1;
    const { audio, video } = this.#tracks;
    const timestamp = Time.Timestamp.now();
    const payload = new Uint8Array(bytes);
    try {
      if (what === 'media') audio.appendDatagram(timestamp, payload);
      else if (what === 'strange')
        audio.writeDatagram({ sequence: Math.floor(Math.random() * SEQUENCE_MAX), timestamp, payload });
      else if (this.#turn % 3 === 0) audio.appendDatagram(timestamp, new Uint8Array());
      else if (this.#turn % 3 === 1) audio.appendDatagram(timestamp, new Uint8Array(OVERSIZE_BYTES));
      else video.writeFrame({ payload: new Uint8Array(), timestamp });
    } catch {} // the session is over
  }

  close(): void {
    this.#broadcast.close();
    this.#connection.close();
  }
}

async function hear(track: Track.Subscriber, onMedia: () => void): Promise<void> {
  while (await track.recvDatagram()) onMedia();
}

async function see(track: Track.Subscriber, onMedia: () => void): Promise<void> {
  for (let group = await track.recvGroup(); group; group = await track.recvGroup()) {
    const reading = group;
    const readAll = async () => {
      while (await reading.readFrame()) onMedia();
    };
    void readAll().catch(() => {}); // reset: the next one follows
  }
}
