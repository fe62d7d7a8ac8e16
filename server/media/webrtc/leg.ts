import ndc, { type DataChannel, type PeerConnection, type RtcConfig, type Track } from 'node-datachannel';
import { monotonicMs } from '../../clock/index.ts';
import type { LegCounters } from '../../contract/index.ts';
import type { CallPipe, PipeEnd } from './call-pipe.ts';
import { isRtp, payloadTypeOf, pictureLossIndication, ssrcOf } from './rtp.ts';
import { houseOffer, isUsableCandidate, PICTURE_PAYLOAD_TYPES, pipeAnswer, readMids, readTransport } from './sdp.ts';

export type LegNews =
  | { readonly type: 'offer'; readonly sdp: string }
  | { readonly type: 'candidates'; readonly candidates: string[] }
  | { readonly type: 'up' }
  | { readonly type: 'flowing'; readonly atMs: number }
  | { readonly type: 'silent'; readonly sinceMs: number }
  | { readonly type: 'down'; readonly why: string }
  | { readonly type: 'refused'; readonly code: string };

/** No packet for so long, and the side counts as silent (charging rules: `no_media`). */
const SILENCE_MS = 2_000;
/** Candidates that come before the answer wait; more are refused. */
const EARLY_CANDIDATES_MAX = 64;

/** One page's connection: a byte pipe for RTP and RTCP. All references are kept: a collected one crashes the library. */
export class Leg implements PipeEnd {
  readonly legId: number;
  readonly side: string;
  readonly #pipe: CallPipe;
  readonly #connection: PeerConnection;
  readonly #track: Track;
  readonly #dataChannel: DataChannel;
  readonly #tell: (news: LegNews) => void;
  readonly #addresses: (candidates: readonly string[]) => string[];
  #localSdp = '';
  #hasAnswer = false;
  #earlyCandidates: string[] = [];
  #isUp = false;
  #isFlowing = false;
  #isClosed = false;
  #pictureSsrc: number | null = null;
  #packets = 0;
  #bytes = 0;
  #forwarded = 0;
  #held = 0;
  #lastPacketMs: number | null = null;
  #lastForwardedMs: number | null = null;

  /** @param options.addresses turns the gathered candidates into those to be told */
  constructor(
    legId: number,
    side: string,
    pipe: CallPipe,
    options: {
      config: RtcConfig;
      tell: (news: LegNews) => void;
      addresses: (candidates: readonly string[]) => string[];
    },
  ) {
    this.legId = legId;
    this.side = side;
    this.#pipe = pipe;
    this.#tell = options.tell;
    this.#addresses = options.addresses;
    this.#connection = new ndc.PeerConnection(`leg-${legId}`, { ...options.config, disableAutoNegotiation: true });
    const video = new ndc.Video('0', 'SendRecv');
    video.addVP8Codec(96);
    this.#track = this.#connection.addTrack(video);
    this.#track.onMessage((packet) => this.#onPacket(packet));
    this.#dataChannel = this.#connection.createDataChannel('probe', { unordered: true, maxRetransmits: 0 });
    this.#dataChannel.onError(() => {});
    this.#connection.onStateChange((state) => this.#onState(state));
    this.#connection.onGatheringStateChange((state) => {
      if (state === 'complete') this.#offer();
    });
    this.#connection.setLocalDescription('offer');
  }

  /** Applies the page's answer, then tells our candidates. */
  answer(sdp: string): void {
    const page = readTransport(sdp);
    if (!page) return this.#tell({ type: 'refused', code: 'bad_sdp' });
    if (this.#hasAnswer || this.#localSdp === '' || this.#isClosed) {
      return this.#tell({ type: 'refused', code: 'not_expected' });
    }
    const [video, data] = readMids(this.#localSdp);
    if (!video || !data) throw new Error('our own description lacks a section');
    this.#connection.setRemoteDescription(pipeAnswer(page, { video, data }), 'answer');
    this.#hasAnswer = true;
    for (const candidate of this.#earlyCandidates) this.#connection.addRemoteCandidate(candidate, video);
    this.#earlyCandidates = [];
    const own = readTransport(this.#localSdp)?.candidates ?? [];
    this.#tell({ type: 'candidates', candidates: this.#addresses([...new Set(own)]) });
  }

  addCandidate(candidate: string): void {
    if (this.#isClosed || !isUsableCandidate(candidate)) return; // useless to us, and no fault of the page
    if (this.#hasAnswer) this.#connection.addRemoteCandidate(candidate, readMids(this.#localSdp)[0] as string);
    else if (this.#earlyCandidates.length < EARLY_CANDIDATES_MAX) this.#earlyCandidates.push(candidate);
  }

  /** Sends a packet that came from the other leg. @returns whether it went out */
  send(packet: Buffer): boolean {
    if (this.#isClosed || !this.#track.isOpen()) return false;
    try {
      return this.#track.sendMessageBinary(packet);
    } catch {
      return false; // closing at this moment; its state change says so
    }
  }

  askForPicture(): void {
    if (this.#pictureSsrc !== null) this.send(pictureLossIndication(this.#pictureSsrc));
  }

  /** Tells when packets have stopped. Called several times a second. */
  watch(nowMs: number): void {
    if (!this.#isFlowing || this.#isClosed || this.#lastPacketMs === null) return;
    if (nowMs - this.#lastPacketMs <= SILENCE_MS) return;
    this.#isFlowing = false;
    this.#tell({ type: 'silent', sinceMs: this.#lastPacketMs });
  }

  get counters(): LegCounters {
    return {
      legId: this.legId,
      callId: this.#pipe.callId,
      packets: this.#packets,
      bytes: this.#bytes,
      forwarded: this.#forwarded,
      held: this.#held,
      lastPacketMs: this.#lastPacketMs,
      lastForwardedMs: this.#lastForwardedMs,
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  #onPacket(packet: Buffer): void {
    const nowMs = monotonicMs();
    const carriesMedia = isRtp(packet);
    if (carriesMedia) {
      this.#packets += 1;
      this.#bytes += packet.length;
      this.#lastPacketMs = nowMs;
      if (PICTURE_PAYLOAD_TYPES.has(payloadTypeOf(packet))) this.#pictureSsrc = ssrcOf(packet);
      if (!this.#isFlowing) {
        this.#isFlowing = true;
        this.#tell({ type: 'flowing', atMs: nowMs });
      }
    }
    if (!this.#pipe.isOpen(nowMs)) {
      this.#held += carriesMedia ? 1 : 0;
      return;
    }
    if (this.#pipe.other(this)?.send(packet) && carriesMedia) {
      this.#forwarded += 1;
      this.#lastForwardedMs = nowMs;
    }
  }

  #offer(): void {
    if (this.#localSdp !== '' || this.#isClosed) return;
    this.#localSdp = this.#connection.localDescription()?.sdp ?? '';
    const own = readTransport(this.#localSdp);
    if (!own) return this.#tell({ type: 'down', why: 'no local description' });
    this.#tell({ type: 'offer', sdp: houseOffer(own, this.legId) });
  }

  #onState(state: string): void {
    if (this.#isClosed) return;
    if (state === 'connected' && !this.#isUp) {
      this.#isUp = true;
      this.#tell({ type: 'up' });
    } else if (state === 'failed' || state === 'closed') {
      this.#tell({ type: 'down', why: state });
    }
  }
}
