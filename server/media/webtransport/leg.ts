import { type Announce, type Broadcast, Connection, type Group, Path, type Track } from '@moq/net';
import { monotonicMs } from '../../clock/index.ts';
import {
  type Feedback,
  type LegCounters,
  PROBE_STREAM_OVERHEAD_BYTES,
  SESSION_CLOSE,
  type Side,
  SOUND_BYTES_MAX,
  TRACKS,
  type TrackName,
} from '../../contract/index.ts';
import type { CallPipe } from '../process/call-pipe.ts';
import { ForwardedTime } from '../process/forwarded-time.ts';
import type { MediaLeg } from '../process/leg-table.ts';
import { type FlowEvent, MediaFlow } from '../process/media-flow.ts';
import { type ProbeEvent, ProbeSlot } from '../process/probe-slot.ts';
import { PageWords } from './catalog-feedback.ts';
import { Downlink } from './downlink.ts';
import type { EngineSession } from './engine/engine.ts';
import { Outlet } from './outlet.ts';
import { readBurst, withoutBursts } from './probe-stream.ts';
import { QuietLine } from './quiet-line.ts';
import { TrackCounter } from './track-counter.ts';

export type SessionLegNotice =
  | { readonly type: 'admission'; readonly token: string }
  | { readonly type: 'up' }
  | FlowEvent
  | ProbeEvent
  | { readonly type: 'down'; readonly why: string; readonly isByPage: boolean };

/** Not a packet of the page's browser for so long, and its session is given up: QUIC itself notices later. */
const SESSION_SILENT_MS = 1_600;
/** After so long its browser is asked for an acknowledgement. */
const SESSION_QUIET_MS = 400;
/** Bytes that may have come for frames that are not whole yet; no frame of ours is as large. */
const UNFINISHED_BYTES_MAX = 8 * 1024 * 1024;
/** Of the wire beside each byte of media: QUIC, UDP, IPv4, Ethernet. */
const WIRE_RATIO = 1.06;

const OTHER: Record<Side, Side> = { client: 'model', model: 'client' };
const encoder = new TextEncoder();

/** Resolves when the page has announced its broadcast; never when its session ends before. */
function announced({ active }: Announce.Broadcast): Promise<Broadcast.Consumer> {
  return new Promise((resolve) => {
    const now = active.peek();
    if (now) return resolve(now);
    const dispose = active.subscribe((broadcast: Broadcast.Consumer | undefined) => {
      if (!broadcast) return;
      dispose();
      resolve(broadcast);
    });
  });
}

/** A group as it goes out to the other page. */
interface OpenGroup {
  readonly group: Group.Producer;
  readonly outlet: Outlet;
}

function endGroup(out: OpenGroup | null, why?: Error): void {
  out?.outlet.end(out.group, why);
}

/** One page's session: what it publishes is passed on to the other side's page, frame by frame. */
export class SessionLeg implements MediaLeg {
  readonly legId: number;
  readonly side: Side;
  readonly #pipe: CallPipe<SessionLeg>;
  readonly #notify: (notice: SessionLegNotice) => void;
  #session: EngineSession | null = null;
  /** What this leg's page reads, written by the other leg. */
  readonly outlet = new Outlet();
  readonly #words = new PageWords();
  readonly #audio = new TrackCounter();
  readonly #video = new TrackCounter();
  readonly flow: MediaFlow;
  readonly probes: ProbeSlot;
  #isUp = false;
  #isClosed = false;
  #forwarded = 0;
  #held = 0;
  #probeBytes = 0;
  readonly #line = new QuietLine();
  readonly #downlink = new Downlink();
  readonly #forwardedTime = new ForwardedTime();

  constructor(
    legId: number,
    side: Side,
    pipe: CallPipe<SessionLeg>,
    options: { token: string; notify: (notice: SessionLegNotice) => void },
  ) {
    this.legId = legId;
    this.side = side;
    this.#pipe = pipe;
    this.#notify = options.notify;
    this.flow = new MediaFlow(side, options.notify);
    this.probes = new ProbeSlot(options.notify);
    this.#notify({ type: 'admission', token: options.token });
  }

  /** The page has come. */
  take(session: EngineSession): void {
    if (this.#isClosed || this.#session) return session.close(SESSION_CLOSE.badToken, 'This leg has its session.');
    this.#session = session;
    void session.closed.then(({ by, reason }) => this.#lose(`session closed by ${by}: ${reason}`, by === 'peer'));
    this.#run(session).catch((error: Error) => this.#lose(error.message));
  }

  /** The newest catalog of this leg's page, for another that comes later. */
  get catalog(): Uint8Array | null {
    return this.#words.catalog;
  }

  askForPicture(): void {
    if (!this.#isUp) return;
    const feedback: Feedback = { wantsPicture: true, queueMs: null, holes: 0, kbps: 0 };
    this.outlet.say('feedback', encoder.encode(JSON.stringify(feedback)));
  }

  watch(nowMs: number): void {
    if (this.#isClosed) return;
    // What was on its way when the lease or gate closed is not sent after it.
    const other = this.#pipe.other(this);
    if (other && !this.#pipe.isOpenFor(other, nowMs)) {
      this.outlet.drop();
      this.#session?.dropDatagrams();
    }
    if (this.#isUp) this.#watchSession(nowMs);
    this.flow.watch(nowMs);
  }

  get counters(): LegCounters {
    const audio = this.#audio.counters;
    const video = this.#video.counters;
    return {
      legId: this.legId,
      callId: this.#pipe.callId,
      packets: audio.packets + video.packets,
      bytes: audio.bytes + video.bytes,
      audio,
      video,
      forwarded: this.#forwarded,
      held: this.#held,
      lastPacketMs: this.flow.lastMediaMs,
      lastForwardedMs: this.#forwardedTime.lastMs,
      forwardedMs: this.#forwardedTime.ms,
      rttMs: this.#session?.stats().rttMs ?? null,
      deliveredKbps: this.#downlink.kbps(monotonicMs()),
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.probes.close();
    this.outlet.close();
    this.#session?.close(SESSION_CLOSE.over, 'This leg is over.');
  }

  async #run(session: EngineSession): Promise<void> {
    const transport = withoutBursts(session.webTransport, (stream, first) => {
      readBurst(stream, first, (block) => this.#takeProbe(block)).catch(() => {}); // reset in the middle: it ends there
    });
    const url = new URL('https://parlour.invalid/media');
    // The library names the browser's type; ours has what it uses of that.
    const connection = await Connection.accept(transport as never, url);
    connection.publish(Path.from(OTHER[this.side]), this.outlet.broadcast);
    this.#isUp = true;
    this.#notify({ type: 'up' });
    // What the other page has sent so far went nowhere.
    this.#pipe.other(this)?.askForPicture();
    for (const name of Object.keys(TRACKS) as TrackName[]) {
      this.#read(name, connection).catch((error: Error) => this.#lose(`${name}: ${error.message}`));
    }
    const early = this.#pipe.other(this)?.catalog;
    if (early) this.outlet.say('catalog', early);
  }

  /** Asks for the track at once; a page that has not published yet refuses, and is asked again when it has. */
  async #read(name: TrackName, connection: Connection.Established): Promise<void> {
    const path = Path.from(this.side);
    const hasBegun = await this.#pass(name, connection.consume(path)).catch(() => false);
    if (hasBegun || this.#isClosed) return;
    await this.#pass(name, await announced(connection.announcedBroadcast(path)));
  }

  /** Passes on what comes of a track until it ends. @returns whether anything came */
  async #pass(name: TrackName, broadcast: Broadcast.Consumer): Promise<boolean> {
    const { priority, latencyMaxMs } = TRACKS[name];
    const track = broadcast.track(name).subscribe({ priority, latencyMax: latencyMaxMs });
    if (name === 'audio') return this.#passSound(track);
    for (let hasBegun = false; ; hasBegun = true) {
      const group = await track.recvGroup();
      if (!group) return hasBegun;
      const passed = name === 'video' ? this.#passPicture(group) : this.#passWord(name, group);
      passed.catch(() => group.close()); // reset by the page or dropped for being old: the next group follows
    }
  }

  /** Passes datagrams on while the lease runs. */
  async #passSound(track: Track.Subscriber): Promise<boolean> {
    for (let hasBegun = false; ; hasBegun = true) {
      const datagram = await track.recvDatagram();
      if (!datagram || this.#isClosed) return hasBegun;
      const { sequence, payload, timestamp } = datagram;
      const nowMs = monotonicMs();
      this.#audio.take(sequence);
      this.#takeFrame(this.#audio, payload.byteLength, timestamp.asMillis(), nowMs);
      const isSound = payload.byteLength > 0 && payload.byteLength <= SOUND_BYTES_MAX;
      if (isSound) this.flow.media(nowMs);
      if (isSound && this.#pipe.isOpenFor(this, nowMs)) this.#sendSound(datagram, nowMs);
      else this.#held += 1;
    }
  }

  #sendSound(datagram: Track.Datagram, nowMs: number): void {
    const outlet = this.#pipe.other(this)?.outlet;
    if (!outlet) return;
    outlet.sound(datagram);
    this.#passed(nowMs);
  }

  /**
   * Passes a group on while the lease runs; a group of which something was held back is not taken up again. While the
   * lease runs such a group is no media either: nobody sees it, and an honest page has been asked for a new one.
   */
  async #passPicture(group: Group.Consumer): Promise<void> {
    this.#video.take(group.sequence);
    let out: OpenGroup | null = null;
    let isCut = false;
    try {
      for (;;) {
        const frame = await group.readFrame();
        if (!frame || this.#isClosed) break;
        const nowMs = monotonicMs();
        this.#takeFrame(this.#video, frame.payload.byteLength, frame.timestamp.asMillis(), nowMs);
        if (frame.payload.byteLength === 0) continue;
        const isOpen = this.#pipe.isOpenFor(this, nowMs);
        isCut ||= !isOpen || out?.outlet.hasDropped(out.group) === true;
        if (!isOpen || !isCut) this.flow.media(nowMs);
        if (isCut) {
          this.#held += 1;
          endGroup(out, new Error('cut'));
          out = null;
          continue;
        }
        out ??= this.#outTo(group.sequence);
        if (!out || out.group.isClosed) continue;
        out.group.writeFrame(frame);
        this.#passed(nowMs);
      }
      endGroup(out);
    } catch (error) {
      endGroup(out, error as Error);
      throw error;
    }
  }

  #passed(nowMs: number): void {
    this.#forwarded += 1;
    this.#forwardedTime.take(nowMs);
  }

  #outTo(sequence: number): OpenGroup | null {
    const outlet = this.#pipe.other(this)?.outlet;
    const group = outlet?.begin(sequence);
    return outlet && group ? { group, outlet } : null;
  }

  /** A catalog or feedback is read, and what was understood of it is written anew: nothing else passes. */
  async #passWord(name: 'catalog' | 'feedback', group: Group.Consumer): Promise<void> {
    for (;;) {
      const frame = await group.readFrame();
      if (!frame || this.#isClosed) return;
      const word = this.#words.read(name, frame.payload, monotonicMs());
      if (!word) return this.#refuse(`a ${name} that is none`);
      this.#pipe.other(this)?.outlet.say(name, word);
    }
  }

  #takeFrame(counter: TrackCounter, bytes: number, capturedMs: number, nowMs: number): void {
    counter.takeFrame(bytes, nowMs);
    this.probes.counter?.takeMedia(Math.round(bytes * WIRE_RATIO), nowMs, capturedMs);
  }

  #takeProbe(block: Uint8Array): void {
    const nowMs = monotonicMs();
    this.#probeBytes += block.byteLength;
    this.probes.counter?.takeProbe(block, nowMs, PROBE_STREAM_OVERHEAD_BYTES);
  }

  #watchSession(nowMs: number): void {
    const session = this.#session as EngineSession;
    const stats = session.stats();
    const { bytesReceived } = stats;
    this.#downlink.look(stats, nowMs);
    const quietMs = this.#line.look(bytesReceived, nowMs);
    if (quietMs > SESSION_SILENT_MS) return this.#lose('session silent');
    if (quietMs > SESSION_QUIET_MS) session.ping();
    const counted = this.#audio.counters.bytes + this.#video.counters.bytes + this.#probeBytes;
    if (bytesReceived - counted * WIRE_RATIO * 1.2 > UNFINISHED_BYTES_MAX) this.#refuse('frames that never end');
  }

  #refuse(why: string): void {
    this.#session?.close(SESSION_CLOSE.badMedia, why);
    this.#lose(why);
  }

  #lose(why: string, isByPage = false): void {
    if (this.#isClosed) return;
    this.close();
    this.#notify({ type: 'down', why, isByPage });
  }
}
