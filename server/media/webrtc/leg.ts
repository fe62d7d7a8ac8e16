import ndc, { type DataChannel, type PeerConnection, type RtcConfig, type Track } from 'node-datachannel';
import { monotonicMs } from '../../clock/index.ts';
import {
  CHANNEL_PROBE,
  type KindCounters,
  type LegCounters,
  type Side,
  type TransportDescription,
} from '../../contract/index.ts';
import { isUsableCandidate, readTransport } from '../answer.ts';
import type { CallPipe } from '../process/call-pipe.ts';
import { ForwardedTime } from '../process/forwarded-time.ts';
import type { MediaLeg } from '../process/leg-table.ts';
import { type FlowEvent, MediaFlow } from '../process/media-flow.ts';
import { type ProbeEvent, ProbeSlot } from '../process/probe-slot.ts';
import { RoundTrip, readReports } from './rtcp.ts';
import {
  carriesPayload,
  isRtcp,
  isRtp,
  payloadTypeOf,
  pictureLossIndication,
  sendTimeMs,
  sequenceOf,
  ssrcOf,
} from './rtp.ts';
import {
  AUDIO_PAYLOAD_TYPE,
  applianceOffer,
  PICTURE_PAYLOAD_TYPES,
  pipeAnswer,
  readMids,
  SEND_TIME_EXTENSION_ID,
} from './sdp.ts';
import { SequenceCounter } from './sequence.ts';

export type LegNotice =
  | { readonly type: 'offer'; readonly sdp: string }
  | { readonly type: 'candidates'; readonly candidates: string[] }
  | { readonly type: 'up' }
  | FlowEvent
  | ProbeEvent
  | { readonly type: 'down'; readonly why: string }
  | { readonly type: 'refused'; readonly code: string };

/** Candidates that come before the answer wait; more are refused. */
const EARLY_CANDIDATES_MAX = 64;
/** Candidates of one leg in all: each costs connectivity checks. */
const CANDIDATES_MAX = 128;

class Kind {
  readonly sequence = new SequenceCounter();
  packets = 0;
  bytes = 0;
  lastPacketMs: number | null = null;

  get counters(): KindCounters {
    const { packets, bytes, lastPacketMs } = this;
    return { packets, bytes, lost: this.sequence.lost, lastPacketMs };
  }
}

/** One page's connection: a byte pipe for RTP and RTCP. All references are kept: a collected one crashes the library. */
export class Leg implements MediaLeg {
  readonly legId: number;
  readonly side: Side;
  readonly #pipe: CallPipe<Leg>;
  readonly #connection: PeerConnection;
  readonly #track: Track;
  readonly #dataChannel: DataChannel;
  readonly #notify: (notice: LegNotice) => void;
  readonly #addresses: (candidates: readonly string[]) => string[];
  #localSdp = '';
  #hasAnswer = false;
  #earlyCandidates: string[] = [];
  #isUp = false;
  #isOpen = false;
  #isClosed = false;
  #pictureSsrc: number | null = null;
  readonly #audio = new Kind();
  readonly #video = new Kind();
  readonly roundTrip = new RoundTrip();
  readonly flow: MediaFlow;
  readonly probes: ProbeSlot;
  #candidates = 0;
  #forwarded = 0;
  #held = 0;
  readonly #forwardedTime = new ForwardedTime();

  /** @param options.addresses turns the gathered candidates into those to be told */
  constructor(
    legId: number,
    side: Side,
    pipe: CallPipe<Leg>,
    options: {
      config: RtcConfig;
      notify: (notice: LegNotice) => void;
      addresses: (candidates: readonly string[]) => string[];
    },
  ) {
    this.legId = legId;
    this.side = side;
    this.#pipe = pipe;
    this.#notify = options.notify;
    this.flow = new MediaFlow(side, options.notify);
    this.probes = new ProbeSlot(options.notify);
    this.#addresses = options.addresses;
    this.#connection = new ndc.PeerConnection(`leg-${legId}`, { ...options.config, disableAutoNegotiation: true });
    const video = new ndc.Video('0', 'SendRecv');
    video.addVP8Codec(96);
    this.#track = this.#connection.addTrack(video);
    this.#track.onMessage((packet) => this.#onPacket(packet));
    this.#dataChannel = this.#connection.createDataChannel('probe', { unordered: true, maxRetransmits: 0 });
    this.#dataChannel.onError(() => {});
    this.#dataChannel.onMessage((message) => this.#onMessage(message));
    this.#connection.onStateChange((state) => this.#onState(state));
    this.#connection.onGatheringStateChange((state) => {
      if (state === 'complete') this.#offer();
    });
    this.#connection.setLocalDescription('offer');
  }

  /** Applies the page's answer, then tells our candidates. */
  answer(page: TransportDescription): void {
    if (this.#hasAnswer || this.#localSdp === '' || this.#isClosed) {
      return this.#notify({ type: 'refused', code: 'not_expected' });
    }
    const [video, data] = readMids(this.#localSdp);
    if (!video || !data) throw new Error('our own description lacks a section');
    this.#connection.setRemoteDescription(pipeAnswer(page, { video, data }), 'answer');
    this.#hasAnswer = true;
    for (const candidate of this.#earlyCandidates) this.#connection.addRemoteCandidate(candidate, video);
    this.#earlyCandidates = [];
    const own = readTransport(this.#localSdp)?.candidates ?? [];
    this.#notify({ type: 'candidates', candidates: this.#addresses([...new Set(own)]) });
  }

  addCandidate(candidate: string): void {
    if (this.#isClosed || !isUsableCandidate(candidate) || this.#candidates >= CANDIDATES_MAX) return;
    this.#candidates += 1;
    if (this.#hasAnswer) this.#connection.addRemoteCandidate(candidate, readMids(this.#localSdp)[0] as string);
    else if (this.#earlyCandidates.length < EARLY_CANDIDATES_MAX) this.#earlyCandidates.push(candidate);
  }

  /** Sends a packet that came from the other leg. @returns whether it went out */
  send(packet: Buffer): boolean {
    // Not asked for each packet: it costs a call into the library, which says no by itself.
    this.#isOpen ||= !this.#isClosed && this.#track.isOpen();
    if (this.#isClosed || !this.#isOpen) return false;
    try {
      return this.#track.sendMessageBinary(packet);
    } catch {
      return false; // closing at this moment; its state change says so
    }
  }

  askForPicture(): void {
    if (this.#pictureSsrc !== null) this.send(pictureLossIndication(this.#pictureSsrc));
  }

  watch(nowMs: number): void {
    if (!this.#isClosed) this.flow.watch(nowMs);
  }

  get counters(): LegCounters {
    return {
      legId: this.legId,
      callId: this.#pipe.callId,
      packets: this.#audio.packets + this.#video.packets,
      bytes: this.#audio.bytes + this.#video.bytes,
      audio: this.#audio.counters,
      video: this.#video.counters,
      forwarded: this.#forwarded,
      held: this.#held,
      lastPacketMs: this.flow.lastMediaMs,
      lastForwardedMs: this.#forwardedTime.lastMs,
      forwardedMs: this.#forwardedTime.ms,
      rttMs: this.roundTrip.ms,
      deliveredKbps: null,
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.probes.close();
    this.#connection.close();
  }

  #onPacket(packet: Buffer): void {
    const nowMs = monotonicMs();
    const carriesMedia = isRtp(packet);
    if (carriesMedia) this.#count(packet, nowMs);
    if (!this.#pipe.isOpenFor(this, nowMs)) {
      this.#held += carriesMedia ? 1 : 0;
      return;
    }
    const other = this.#pipe.other(this);
    if (isRtcp(packet)) this.#readReports(packet, other, nowMs);
    if (other?.send(packet) && carriesMedia) {
      this.#forwarded += 1;
      this.#forwardedTime.take(nowMs);
    }
  }

  #count(packet: Buffer, nowMs: number): void {
    const payloadType = payloadTypeOf(packet);
    const kind = payloadType === AUDIO_PAYLOAD_TYPE ? this.#audio : this.#video;
    kind.packets += 1;
    kind.bytes += packet.length;
    kind.lastPacketMs = nowMs;
    const isPicture = PICTURE_PAYLOAD_TYPES.has(payloadType);
    // Repairs have numbers of their own.
    if (isPicture || kind === this.#audio) kind.sequence.take(ssrcOf(packet), sequenceOf(packet));
    if (isPicture) this.#pictureSsrc = ssrcOf(packet);
    this.probes.counter?.takeMedia(packet.length, nowMs, sendTimeMs(packet, SEND_TIME_EXTENSION_ID));
    // Padding carries no picture and no sound.
    if (carriesPayload(packet)) this.flow.media(nowMs);
  }

  #readReports(packet: Buffer, other: Leg | undefined, nowMs: number): void {
    const { sent, blocks } = readReports(packet);
    other?.roundTrip.passedOn(sent, nowMs);
    this.roundTrip.answered(blocks, nowMs);
  }

  #onMessage(message: string | Buffer | ArrayBuffer): void {
    if (typeof message === 'string') return;
    const nowMs = monotonicMs();
    const packet = Buffer.isBuffer(message) ? message : Buffer.from(message);
    if (packet[0] === CHANNEL_PROBE) this.probes.counter?.takeProbe(packet, nowMs);
  }

  #offer(): void {
    if (this.#localSdp !== '' || this.#isClosed) return;
    this.#localSdp = this.#connection.localDescription()?.sdp ?? '';
    const own = readTransport(this.#localSdp);
    if (!own) return this.#notify({ type: 'down', why: 'no local description' });
    this.#notify({ type: 'offer', sdp: applianceOffer(own, this.legId) });
  }

  #onState(state: string): void {
    if (this.#isClosed) return;
    if (state === 'connected' && !this.#isUp) {
      this.#isUp = true;
      this.#notify({ type: 'up' });
    } else if (state === 'failed' || state === 'closed') {
      this.#notify({ type: 'down', why: state });
    }
  }
}
