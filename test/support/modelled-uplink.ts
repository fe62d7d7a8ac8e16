import { setTimeout as sleep } from 'node:timers/promises';
import { MediaPeer } from '../../server/cli/doctor/media-peer.ts';
import {
  CHANNEL_PROBE,
  type HubMessage,
  type PageRequest,
  PROBE_OVERHEAD_BYTES,
  PROBE_PAYLOAD_BYTES,
} from '../../server/contract/index.ts';
import { SEND_TIME_EXTENSION_ID } from '../../server/media/webrtc/sdp.ts';

type Of<T extends HubMessage['type']> = Extract<HubMessage, { type: T }>;

const TICK_MS = 2;
/** A picture's packets beside a burst outside of a call, where there is no other media. */
const PICTURE_MS = 20;
const PICTURE_BYTES = 200;
const WIRE_BYTES = PROBE_PAYLOAD_BYTES + PROBE_OVERHEAD_BYTES;
/** Before the burst, media alone: a queue is told by the delay that it adds. */
const QUIET_MS = 100;
/** What waits at a full link waits so long. */
const QUEUE_MS = 60;
/** More than any link that is asked for. */
const UNLIMITED_KBPS = 1_000_000;
/** abs-send-time: 6.18 bits of seconds. */
const SEND_TIME_UNITS_PER_MS = 2 ** 18 / 1_000;

/** The one-byte header extension that says when a page sent the packet (RFC 8285), in the packet's place of a payload. */
export function writeSendTime(packet: Buffer, sentMs: number): void {
  packet[0] = 0x90;
  packet.writeUInt16BE(0xbede, 12);
  packet.writeUInt16BE(1, 14);
  packet[16] = (SEND_TIME_EXTENSION_ID << 4) | 2;
  packet.writeUIntBE(Math.floor(sentMs * SEND_TIME_UNITS_PER_MS) % 2 ** 24, 17, 3);
}

/**
 * The uplink of a page without the page: it answers probes as a page behind a link of so many kbps would. The link is a
 * model of one, so that its rate does not hang on what else the machine has to do: of a burst comes through what the link
 * carries, and what is sent beside it has waited.
 */
export class ModelledUplink {
  kbps = UNLIMITED_KBPS;
  /** Whether the page answers at all when it is asked for a burst. */
  isAnswering = true;
  asked = 0;
  readonly #say: (message: PageRequest) => Promise<unknown>;
  readonly #peers = new Map<number, Promise<MediaPeer>>();
  #isFull = false;

  /** @param say brings a page's message to the appliance */
  constructor(say: (message: PageRequest) => Promise<unknown>) {
    this.#say = say;
  }

  /** How long what is sent now waits in the link's queue, in ms. */
  get queueMs(): number {
    return this.#isFull ? QUEUE_MS : 0;
  }

  /** Messages about anything but probes are left alone. */
  receive(message: HubMessage): void {
    if (message.type === 'connection.offer') this.#peers.set(message.legId, this.#connect(message));
    if (!('legId' in message)) return;
    const peer = this.#peers.get(message.legId);
    if (!peer) return;
    if (message.type === 'media.candidates') void peer.then((one) => one.addCandidates(message.candidates));
    if (message.type === 'media.probe') void peer.then((one) => this.#burst(one, message));
    if (message.type === 'media.closed') this.#close(message.legId);
  }

  close(): void {
    for (const legId of this.#peers.keys()) this.#close(legId);
  }

  async #connect({ legId, sdp }: Of<'connection.offer'>): Promise<MediaPeer> {
    const peer = await MediaPeer.open(legId % 2 ** 31);
    await peer.take({ sdp, answer: (text) => this.#say({ type: 'media.answer', legId, sdp: text }) });
    return peer;
  }

  async #burst(peer: MediaPeer, order: Of<'media.probe'>): Promise<void> {
    this.asked += 1;
    if (!this.isAnswering) return;
    const { legId, probeId, kbps, warmUpMs, measureMs } = order;
    while (!peer.channel?.isOpen()) await sleep(TICK_MS);
    const picture = setInterval(() => this.#sendPicture(peer), PICTURE_MS);
    await sleep(QUIET_MS);
    const packet = Buffer.alloc(PROBE_PAYLOAD_BYTES);
    packet[0] = CHANNEL_PROBE;
    packet.writeUInt32BE(probeId, 4);
    const carriedKbps = Math.min(kbps, this.kbps);
    this.#isFull = this.kbps < kbps;
    const beganMs = performance.now();
    let sentPackets = 0;
    for (let atMs = 0; atMs < warmUpMs + measureMs && peer.channel.isOpen(); atMs = performance.now() - beganMs) {
      packet[1] = atMs >= warmUpMs ? 1 : 0;
      for (const due = (atMs * carriedKbps) / 8 / WIRE_BYTES; sentPackets < due; sentPackets++) {
        packet.writeUInt32BE(sentPackets, 8);
        peer.channel.sendMessageBinary(packet);
      }
      await sleep(TICK_MS);
    }
    this.#isFull = false;
    clearInterval(picture);
    const heldMs = this.kbps < kbps ? warmUpMs + measureMs : 0;
    await this.#say({ type: 'media.probed', legId, probeId, sentPackets, offeredKbps: kbps, heldMs, rttMs: 1 });
  }

  #sendPicture(peer: MediaPeer): void {
    peer.send(PICTURE_BYTES, (packet) => writeSendTime(packet, performance.now() - this.queueMs));
  }

  #close(legId: number): void {
    const peer = this.#peers.get(legId);
    this.#peers.delete(legId);
    void peer?.then((one) => one.close());
  }
}
