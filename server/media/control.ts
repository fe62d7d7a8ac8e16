import type {
  CallId,
  FromMedia,
  LegCounters,
  MediaTransport,
  ProcessCounters,
  Side,
  ToMedia,
  TransportDescription,
} from '../contract/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { type MediaOptions, MediaSupervisor, type RecycleLimits } from './supervisor.ts';

/** What a leg has to say. `legId` is unique for the life of this process. */
export type LegNotice = Extract<FromMedia, { legId: number }>;
export type LegEvent = LegNotice & { readonly callId: CallId; readonly side: Side };

interface LegPlace {
  readonly callId: CallId;
  readonly side: Side;
  readonly transport: MediaTransport;
}

/** One transport: its process, and what that last counted. */
interface Line {
  readonly supervisor: MediaSupervisor;
  counters: Map<number, LegCounters>;
  udpPort: number;
}

/**
 * The media processes as main sees them: legs, leases, gates, probes, and what flowed. WebRTC is always there;
 * WebTransport is when `useWebTransport` was called and its process is up.
 */
export class MediaControl {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #limits: Partial<RecycleLimits>;
  readonly #lines = new Map<MediaTransport, Line>();
  readonly #legs = new Map<number, LegPlace>();
  readonly #tests = new Map<number, (notice: LegNotice) => void>();
  /** Kept for a process that is not ready yet: it hears of them with its legs. */
  readonly #leases = new Map<CallId, number>();
  readonly #closedGates = new Map<CallId, Set<Side>>();
  /** What legs that are closed had carried, by call and side. */
  readonly #carriedMs = new Map<CallId, Record<Side, number>>();
  /** Legs that are gone, until their process has said what they carried in all. */
  readonly #ended = new Map<number, { readonly callId: CallId; readonly side: Side; readonly countedMs: number }>();
  #addresses: readonly string[] = [];
  /** Starts at the wall clock: a page that outlives a restart of the appliance must not take a new leg for an old one. */
  #nextLegId = Date.now();
  #onLeg: (event: LegEvent) => void = () => {};
  #onCounters: () => void = () => {};

  constructor(options: MediaOptions, log: Log, metrics: Metrics, limits: Partial<RecycleLimits> = {}) {
    this.#log = log;
    this.#metrics = metrics;
    this.#limits = limits;
    this.#addLine(options);
  }

  onLeg(listener: (event: LegEvent) => void): void {
    this.#onLeg = listener;
  }

  /** Called once a second, when the counters of all legs of a process have come. */
  onCounters(listener: () => void): void {
    this.#onCounters = listener;
  }

  get isUp(): boolean {
    return this.isTransportUp('webrtc');
  }

  isTransportUp(transport: MediaTransport): boolean {
    return this.#lines.get(transport)?.supervisor.isUp ?? false;
  }

  get restartCount(): number {
    return [...this.#lines.values()].reduce((sum, { supervisor }) => sum + supervisor.restartCount, 0);
  }

  get udpPort(): number {
    return this.udpPortOf('webrtc');
  }

  /** 0 until the process of the transport is there. */
  udpPortOf(transport: MediaTransport): number {
    return this.#lines.get(transport)?.udpPort ?? 0;
  }

  get pid(): number | null {
    return this.pidOf('webrtc');
  }

  pidOf(transport: MediaTransport): number | null {
    return this.#lines.get(transport)?.supervisor.pid ?? null;
  }

  get processCounters(): ProcessCounters | null {
    return this.processCountersOf('webrtc');
  }

  processCountersOf(transport: MediaTransport): ProcessCounters | null {
    return this.#lines.get(transport)?.supervisor.counters ?? null;
  }

  /** @throws MediaPortInUse when its port or address cannot be had */
  start(): Promise<void> {
    return (this.#lines.get('webrtc') as Line).supervisor.start();
  }

  /**
   * Starts the second transport. Without it every call goes over WebRTC.
   * @throws MediaPortInUse when its port cannot be had or its engine does not load
   */
  async useWebTransport(options: MediaOptions): Promise<void> {
    const line = this.#addLine(options);
    try {
      await line.supervisor.start();
    } catch (error) {
      this.#lines.delete(options.transport);
      throw error;
    }
  }

  stop(): void {
    for (const { supervisor } of this.#lines.values()) supervisor.stop();
  }

  /** Addresses under which pages outside reach the media port; offered beside the machine's own. */
  announce(addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#send('webrtc', { type: 'addresses', addresses: [...addresses] });
  }

  /** What new WebTransport connections are shown from now on. */
  replaceCertificate(certificatePem: string, keyPem: string): void {
    this.#send('webtransport', { type: 'certificate', certificatePem, keyPem });
  }

  /** Makes a leg for a side of a call, in place of the one it had. Its offer, or the address of its session, comes as an event. */
  openLeg(callId: CallId, side: Side, transport: MediaTransport = 'webrtc'): number {
    const legId = this.#nextLegId++;
    for (const [id, place] of this.#legs) {
      if (place.callId !== callId || place.side !== side) continue;
      this.#dropLeg(id, place);
      // Of its own kind the new one takes its place by itself.
      if (place.transport !== transport) this.#send(place.transport, { type: 'close', legId: id });
    }
    this.#legs.set(legId, { callId, side, transport });
    this.#send(transport, { type: 'open', callId, legId, side });
    this.#sendTerms(callId, transport);
    return legId;
  }

  /** Makes a leg of no call, to test a page's connection with. `tell` hears of it until it is closed. */
  openTest(send: (notice: LegNotice) => void): number {
    const legId = this.#nextLegId++;
    this.#tests.set(legId, send);
    this.#send('webrtc', { type: 'openTest', legId });
    return legId;
  }

  closeTest(legId: number): void {
    if (!this.#tests.delete(legId)) return;
    for (const { counters } of this.#lines.values()) counters.delete(legId);
    this.#send('webrtc', { type: 'close', legId });
  }

  answer(legId: number, transport: TransportDescription): void {
    this.#sendTo(legId, { type: 'answer', legId, transport });
  }

  candidate(legId: number, candidate: string): void {
    this.#sendTo(legId, { type: 'candidate', legId, candidate });
  }

  /** Lets media of the call pass until then (monotonic ms) and no longer. */
  lease(callId: CallId, untilMs: number): void {
    this.#leases.set(callId, untilMs);
    this.#sendAll({ type: 'lease', callId, untilMs });
  }

  /** Stops what a side sends, or lets it pass again, whatever the lease says. */
  gate(callId: CallId, side: Side, isOpen: boolean): void {
    const closed = this.#closedGates.get(callId) ?? new Set<Side>();
    if (closed.has(side) === !isOpen) return;
    if (isOpen) closed.delete(side);
    else closed.add(side);
    this.#closedGates.set(callId, closed);
    this.#sendAll({ type: 'gate', callId, side, isOpen });
  }

  /**
   * What the page of the leg says of its switches: believed while it says it twice a second.
   * @param offSinceMs since when both are off, on the monotonic clock; null while one is on
   */
  switches(legId: number, offSinceMs: number | null): void {
    this.#sendTo(legId, { type: 'switches', legId, offSinceMs });
  }

  /** How long a side's media has reached the other in this call, over all its legs so far, in ms. */
  forwardedMs(callId: CallId, side: Side): number {
    const closed = this.#carriedMs.get(callId)?.[side] ?? 0;
    return this.countersOf(callId).reduce(
      (sum, leg) => sum + (this.#legs.get(leg.legId)?.side === side ? leg.forwardedMs : 0),
      closed,
    );
  }

  /**
   * Counts what arrives of the burst `probeId`, and the media of `besideLegId`; `probed` follows some time
   * after `probeEnd`.
   */
  probe(legId: number, probeId: number, measureMs: number, besideLegId: number | null): void {
    this.#sendTo(legId, { type: 'probe', legId, probeId, measureMs, besideLegId });
  }

  probeEnd(legId: number, probeId: number): void {
    this.#sendTo(legId, { type: 'probeEnd', legId, probeId });
  }

  closeCall(callId: CallId): void {
    this.#leases.delete(callId);
    this.#closedGates.delete(callId);
    for (const [legId, place] of this.#legs) {
      if (place.callId !== callId) continue;
      this.#dropLeg(legId, place);
      this.#send(place.transport, { type: 'close', legId });
    }
    this.#carriedMs.delete(callId);
    for (const [legId, ended] of this.#ended) if (ended.callId === callId) this.#ended.delete(legId);
  }

  /** What it had carried by its newest counters is kept with its call; `ended` has the last second. */
  #dropLeg(legId: number, { callId, side, transport }: LegPlace): void {
    const counters = this.#lines.get(transport)?.counters;
    const forwardedMs = counters?.get(legId)?.forwardedMs ?? 0;
    const carried = this.#carriedMs.get(callId) ?? { client: 0, model: 0 };
    carried[side] += forwardedMs;
    this.#carriedMs.set(callId, carried);
    this.#ended.set(legId, { callId, side, countedMs: forwardedMs });
    counters?.delete(legId);
    this.#legs.delete(legId);
  }

  legOf(legId: number): LegPlace | null {
    return this.#legs.get(legId) ?? null;
  }

  /** A leg's newest counters, at most a second old. */
  countersOfLeg(legId: number): LegCounters | null {
    for (const { counters } of this.#lines.values()) {
      const found = counters.get(legId);
      if (found) return found;
    }
    return null;
  }

  /** The newest counters of a call's legs, at most a second old. */
  countersOf(callId: CallId): LegCounters[] {
    return [...this.#lines.values()].flatMap(({ counters }) =>
      [...counters.values()].filter((leg) => leg.callId === callId),
    );
  }

  #addLine(options: MediaOptions): Line {
    const { transport } = options;
    const listener = {
      ready: (udpPort: number) => this.#resendAll(transport, udpPort),
      lost: (sinceMs: number) => this.#loseLegs(transport, sinceMs),
      message: (message: FromMedia) => this.#take(transport, message),
      isIdle: () => this.#isIdle(transport),
    };
    const supervisor = new MediaSupervisor(options, { log: this.#log, metrics: this.#metrics }, listener, this.#limits);
    const line = { supervisor, counters: new Map<number, LegCounters>(), udpPort: 0 };
    this.#lines.set(transport, line);
    return line;
  }

  #isIdle(transport: MediaTransport): boolean {
    if (transport === 'webrtc' && this.#tests.size > 0) return false;
    return ![...this.#legs.values()].some((place) => place.transport === transport);
  }

  #loseLegs(transport: MediaTransport, sinceMs: number): void {
    const lost = [...this.#legs].filter(([, place]) => place.transport === transport);
    const lostTests = transport === 'webrtc' ? [...this.#tests] : [];
    for (const [legId, place] of lost) this.#dropLeg(legId, place);
    for (const [legId] of lostTests) this.#tests.delete(legId);
    this.#lines.get(transport)?.counters.clear();
    for (const [legId] of lost) this.#ended.delete(legId);
    const why = 'media process ended';
    for (const [legId, { callId, side }] of lost) this.#onLeg({ type: 'down', legId, why, sinceMs, callId, side });
    for (const [legId, notify] of lostTests) notify({ type: 'down', legId, why, sinceMs });
  }

  #take(transport: MediaTransport, message: FromMedia): void {
    if (message.type === 'counters') {
      const line = this.#lines.get(transport);
      if (line) line.counters = new Map(message.legs.map((leg) => [leg.legId, leg]));
      return this.#onCounters();
    }
    if (!('legId' in message)) return;
    if (message.type === 'ended') return this.#takeEnded(message.legId, message.forwardedMs);
    const place = this.#legs.get(message.legId);
    if (place) this.#onLeg({ ...message, callId: place.callId, side: place.side });
    else this.#tests.get(message.legId)?.(message);
  }

  #takeEnded(legId: number, forwardedMs: number): void {
    const ended = this.#ended.get(legId);
    const carried = ended && this.#carriedMs.get(ended.callId);
    this.#ended.delete(legId);
    if (ended && carried) carried[ended.side] += Math.max(0, forwardedMs - ended.countedMs);
  }

  /** A new process hears of everything that there is for it. */
  #resendAll(transport: MediaTransport, udpPort: number): void {
    const line = this.#lines.get(transport);
    if (line) line.udpPort = udpPort;
    const calls = new Set<CallId>();
    for (const [legId, { callId, side, transport: of }] of this.#legs) {
      if (of !== transport) continue;
      this.#send(transport, { type: 'open', callId, legId, side });
      calls.add(callId);
    }
    for (const callId of calls) this.#sendTerms(callId, transport);
    if (transport !== 'webrtc') return;
    this.#send(transport, { type: 'addresses', addresses: [...this.#addresses] });
    for (const legId of this.#tests.keys()) this.#send(transport, { type: 'openTest', legId });
  }

  /** A process that has just got a leg of the call may not have had one before: it knows no lease and no gate. */
  #sendTerms(callId: CallId, transport: MediaTransport): void {
    const untilMs = this.#leases.get(callId);
    if (untilMs !== undefined) this.#send(transport, { type: 'lease', callId, untilMs });
    for (const side of this.#closedGates.get(callId) ?? [])
      this.#send(transport, { type: 'gate', callId, side, isOpen: false });
  }

  #send(transport: MediaTransport, message: ToMedia): void {
    this.#lines.get(transport)?.supervisor.send(message);
  }

  #sendTo(legId: number, message: ToMedia): void {
    this.#send(this.#legs.get(legId)?.transport ?? 'webrtc', message);
  }

  #sendAll(message: ToMedia): void {
    for (const transport of this.#lines.keys()) this.#send(transport, message);
  }
}
