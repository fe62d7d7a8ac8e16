import type { CallId, FromMedia, LegCounters, ProcessCounters, Side, TransportDescription } from '../contract/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { type MediaOptions, MediaSupervisor, type RecycleLimits } from './supervisor.ts';

/** What a leg has to say. `legId` is unique for the life of this process. */
export type LegNews = Extract<FromMedia, { legId: number }>;
export type LegEvent = LegNews & { readonly callId: CallId; readonly side: Side };

interface LegPlace {
  readonly callId: CallId;
  readonly side: Side;
}

/** The WebRTC media process as main sees it: legs, leases, gates, probes, and what flowed. */
export class MediaControl {
  readonly #supervisor: MediaSupervisor;
  readonly #legs = new Map<number, LegPlace>();
  readonly #tests = new Map<number, (news: LegNews) => void>();
  /** Kept for a process that is not ready yet: it hears of them with its legs. */
  readonly #leases = new Map<CallId, number>();
  readonly #closedGates = new Map<CallId, Set<Side>>();
  #addresses: readonly string[] = [];
  #counters = new Map<number, LegCounters>();
  #udpPort = 0;
  /** Starts at the wall clock: a page that outlives a restart of the appliance must not take a new leg for an old one. */
  #nextLegId = Date.now();
  #onLeg: (event: LegEvent) => void = () => {};
  #onCounters: () => void = () => {};

  constructor(options: MediaOptions, log: Log, metrics: Metrics, limits: Partial<RecycleLimits> = {}) {
    const listener = {
      ready: (udpPort: number) => this.#tellAll(udpPort),
      lost: (sinceMs: number) => this.#loseLegs(sinceMs),
      message: (message: FromMedia) => this.#take(message),
      isIdle: () => this.#legs.size === 0 && this.#tests.size === 0,
    };
    this.#supervisor = new MediaSupervisor(options, { log, metrics }, listener, limits);
  }

  onLeg(listener: (event: LegEvent) => void): void {
    this.#onLeg = listener;
  }

  /** Called once a second, when the counters of all legs have come. */
  onCounters(listener: () => void): void {
    this.#onCounters = listener;
  }

  get isUp(): boolean {
    return this.#supervisor.isUp;
  }

  get restartCount(): number {
    return this.#supervisor.restartCount;
  }

  get udpPort(): number {
    return this.#udpPort;
  }

  get pid(): number | null {
    return this.#supervisor.pid;
  }

  get processCounters(): ProcessCounters | null {
    return this.#supervisor.counters;
  }

  /** @throws MediaPortInUse when its port or address cannot be had */
  start(): Promise<void> {
    return this.#supervisor.start();
  }

  stop(): void {
    this.#supervisor.stop();
  }

  /** Addresses under which pages outside reach the media port; offered beside the machine's own. */
  announce(addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#supervisor.send({ type: 'addresses', addresses: [...addresses] });
  }

  /** Makes a leg for a side of a call, in place of the one it had. Its offer comes as an event. */
  openLeg(callId: CallId, side: Side): number {
    const legId = this.#nextLegId++;
    for (const [id, place] of this.#legs) if (place.callId === callId && place.side === side) this.#legs.delete(id);
    this.#legs.set(legId, { callId, side });
    this.#supervisor.send({ type: 'open', callId, legId, side });
    return legId;
  }

  /** Makes a leg of no call, to test a page's link with. `tell` hears of it until it is closed. */
  openTest(tell: (news: LegNews) => void): number {
    const legId = this.#nextLegId++;
    this.#tests.set(legId, tell);
    this.#supervisor.send({ type: 'openTest', legId });
    return legId;
  }

  closeTest(legId: number): void {
    if (!this.#tests.delete(legId)) return;
    this.#counters.delete(legId);
    this.#supervisor.send({ type: 'close', legId });
  }

  answer(legId: number, transport: TransportDescription): void {
    this.#supervisor.send({ type: 'answer', legId, transport });
  }

  candidate(legId: number, candidate: string): void {
    this.#supervisor.send({ type: 'candidate', legId, candidate });
  }

  /** Lets media of the call pass until then (monotonic ms) and no longer. */
  lease(callId: CallId, untilMs: number): void {
    this.#leases.set(callId, untilMs);
    this.#supervisor.send({ type: 'lease', callId, untilMs });
  }

  /** Stops what a side sends, or lets it pass again, whatever the lease says. */
  gate(callId: CallId, side: Side, isOpen: boolean): void {
    const closed = this.#closedGates.get(callId) ?? new Set<Side>();
    if (closed.has(side) === !isOpen) return;
    if (isOpen) closed.delete(side);
    else closed.add(side);
    this.#closedGates.set(callId, closed);
    this.#supervisor.send({ type: 'gate', callId, side, isOpen });
  }

  /** Whether the side's silence is its person's will: then signs of life of the leg count as media does. */
  willing(legId: number, isSilentByWill: boolean): void {
    this.#supervisor.send({ type: 'willing', legId, isSilentByWill });
  }

  /**
   * Counts what arrives of the burst `probeId`, and the media of `besideLegId`; `probed` follows some time
   * after `probeEnd`.
   */
  probe(legId: number, probeId: number, measureMs: number, besideLegId: number | null): void {
    this.#supervisor.send({ type: 'probe', legId, probeId, measureMs, besideLegId });
  }

  probeEnd(legId: number, probeId: number): void {
    this.#supervisor.send({ type: 'probeEnd', legId, probeId });
  }

  closeCall(callId: CallId): void {
    this.#leases.delete(callId);
    this.#closedGates.delete(callId);
    for (const [legId, place] of this.#legs) {
      if (place.callId !== callId) continue;
      this.#legs.delete(legId);
      this.#counters.delete(legId);
      this.#supervisor.send({ type: 'close', legId });
    }
  }

  legOf(legId: number): LegPlace | null {
    return this.#legs.get(legId) ?? null;
  }

  /** A leg's newest counters, at most a second old. */
  countersOfLeg(legId: number): LegCounters | null {
    return this.#counters.get(legId) ?? null;
  }

  /** The newest counters of a call's legs, at most a second old. */
  countersOf(callId: CallId): LegCounters[] {
    return [...this.#counters.values()].filter((counters) => counters.callId === callId);
  }

  #loseLegs(sinceMs: number): void {
    const lost = [...this.#legs];
    const lostTests = [...this.#tests];
    this.#legs.clear();
    this.#tests.clear();
    this.#counters.clear();
    const why = 'media process ended';
    for (const [legId, place] of lost) this.#onLeg({ type: 'down', legId, why, sinceMs, ...place });
    for (const [legId, tell] of lostTests) tell({ type: 'down', legId, why, sinceMs });
  }

  #take(message: FromMedia): void {
    if (message.type === 'counters') {
      this.#counters = new Map(message.legs.map((leg) => [leg.legId, leg]));
      return this.#onCounters();
    }
    if (!('legId' in message)) return;
    const place = this.#legs.get(message.legId);
    if (place) this.#onLeg({ ...message, ...place });
    else this.#tests.get(message.legId)?.(message);
  }

  /** A new process hears of everything that there is. */
  #tellAll(udpPort: number): void {
    this.#udpPort = udpPort;
    const send = this.#supervisor.send.bind(this.#supervisor);
    send({ type: 'addresses', addresses: [...this.#addresses] });
    for (const [legId, { callId, side }] of this.#legs) send({ type: 'open', callId, legId, side });
    for (const legId of this.#tests.keys()) send({ type: 'openTest', legId });
    for (const [callId, untilMs] of this.#leases) send({ type: 'lease', callId, untilMs });
    for (const [callId, sides] of this.#closedGates)
      for (const side of sides) send({ type: 'gate', callId, side, isOpen: false });
  }
}
