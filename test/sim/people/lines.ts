// The media process of one run: legs that others bring up and down, packets of each person, and what of them passes
// under the leases and gates that main has given.
import type { CallMediaControl } from '../../../server/calls/deps.ts';
import { monotonicMs } from '../../../server/clock/index.ts';
import type { CallId, PersonId, ProbeArrivals, Side } from '../../../server/contract/index.ts';
import type { LegEvent, LegNotice } from '../../../server/media/index.ts';
import { type FlowEvent, MediaFlow } from '../../../server/media/process/media-flow.ts';

/** How often packets come and are looked at. */
export const LINE_TICK_MS = 100;

/**
 * What a person's page sends. `trickle`: a single packet each 2,150 ms. `cut`: nothing arrives, though the page sends.
 * `switches`: says that both are off, and is on for a moment each 50 s, without ever sending.
 */
export type Sending = 'all' | 'none' | 'trickle' | 'cut' | 'switches' | 'off';

/** What a person's link carries of a burst; `mute`: the page does not answer what it is asked. */
export type Uplink = 'fast' | 'slow' | 'mute';

export interface Line {
  sending: Sending;
  /** Fast where it is not said. */
  uplink?: Uplink;
}

interface Leg {
  readonly callId: CallId;
  readonly side: Side;
  readonly flow: MediaFlow;
  isUp: boolean;
  forwardedMs: number;
}

/** A leg of a probe. */
interface TestLeg {
  readonly onMessage: (news: LegNotice) => void;
  uplink: Uplink;
}

const TEST_UP_MS = 40;
const COUNT_MS = 1_000;
const BURST_MS = 300;
const BURST_PACKETS = 450;
const BURST_KBPS = { fast: 14_000, slow: 5_000, mute: 0 };
const FULL_QUEUE_MS = 180;
const TRICKLE_MS = 2_150;
const PACKETS_A_TICK = 4;

export class MediaDouble {
  readonly legs = new Map<number, Leg>();
  readonly leases = new Map<CallId, number>();
  readonly shut = new Map<CallId, Set<Side>>();
  readonly #carriedMs = new Map<CallId, number>();
  readonly #tests = new Map<number, TestLeg>();
  readonly #personOf: (callId: CallId, side: Side) => PersonId | null;
  readonly #lines: ReadonlyMap<PersonId, Line>;
  #onLeg: (event: LegEvent) => void = () => {};
  #onCounters: () => void = () => {};
  static #nextId = 1;

  constructor(lines: ReadonlyMap<PersonId, Line>, personOf: (callId: CallId, side: Side) => PersonId | null) {
    this.#lines = lines;
    this.#personOf = personOf;
  }

  readonly control: CallMediaControl = {
    onLeg: (listener) => {
      this.#onLeg = listener;
    },
    onCounters: (listener) => {
      this.#onCounters = listener;
    },
    openLeg: (callId, side) => {
      for (const [legId, leg] of this.legs) if (leg.callId === callId && leg.side === side) this.#drop(legId, leg);
      const legId = MediaDouble.#nextId++;
      const flow = new MediaFlow(side, (event) => this.#notify(legId, event));
      this.legs.set(legId, { callId, side, flow, isUp: false, forwardedMs: 0 });
      return legId;
    },
    closeCall: (callId) => {
      for (const [legId, leg] of this.legs) if (leg.callId === callId) this.#drop(legId, leg);
      this.leases.delete(callId);
      this.shut.delete(callId);
      this.#carriedMs.delete(callId);
    },
    lease: (callId, untilMs) => void this.leases.set(callId, untilMs),
    gate: (callId, side, isOpen) => {
      const shut = this.shut.get(callId) ?? new Set();
      if (isOpen) shut.delete(side);
      else shut.add(side);
      this.shut.set(callId, shut);
    },
    switches: (legId, offSinceMs) => this.legs.get(legId)?.flow.switches(offSinceMs, monotonicMs()),
    legOf: (legId) => {
      const leg = this.legs.get(legId);
      return leg ? { callId: leg.callId, side: leg.side, transport: 'webrtc' } : null;
    },
    forwardedMs: (callId, side) => {
      const open = [...this.legs.values()].filter((leg) => leg.callId === callId && leg.side === side);
      const carried = side === 'model' ? (this.#carriedMs.get(callId) ?? 0) : 0;
      return open.reduce((sum, { forwardedMs }) => sum + forwardedMs, carried);
    },
    countersOfLeg: () => null,
    answer: () => {},
    candidate: () => {},
    probe: () => {},
    probeEnd: (legId, probeId) => {
      const test = this.#tests.get(legId);
      test?.onMessage({ type: 'probed', legId, arrivals: arrivalsOf(probeId, test.uplink) });
    },
    openTest: (onMessage) => {
      const legId = MediaDouble.#nextId++;
      this.#tests.set(legId, { onMessage, uplink: 'fast' });
      setTimeout(() => this.#tests.has(legId) && onMessage({ type: 'up', legId }), TEST_UP_MS);
      return legId;
    },
    closeTest: (legId) => void this.#tests.delete(legId),
    isTransportUp: () => true,
    udpPortOf: () => 1,
  };

  /** A page sends what it was asked for over the leg of a probe. */
  burst(legId: number, uplink: Uplink): void {
    const test = this.#tests.get(legId);
    if (test) test.uplink = uplink;
  }

  /** What a side sends now, whatever becomes of it on its way. */
  isSending(callId: CallId, side: Side): boolean {
    const sending = this.#sendingOf(callId, side);
    return sending === 'all' || (side === 'client' && this.isOff(callId, side));
  }

  /** A side that says that both its switches are off, truly or not. */
  isOff(callId: CallId, side: Side): boolean {
    const sending = this.#sendingOf(callId, side);
    return sending === 'off' || sending === 'switches';
  }

  legsOf(callId: CallId): Leg[] {
    return [...this.legs.values()].filter((leg) => leg.callId === callId);
  }

  isFlowing(callId: CallId): boolean {
    const legs = this.legsOf(callId);
    return legs.length === 2 && legs.every((leg) => leg.isUp && leg.flow.isFlowing);
  }

  /** Packets of a tenth of a second, and a look at who has fallen silent. */
  tick(nowMs: number): void {
    for (const leg of [...this.legs.values()]) {
      if (!leg.isUp) continue;
      const packets = this.#packetsOf(leg, nowMs);
      for (let i = 0; i < packets; i++) leg.flow.media(nowMs);
      leg.flow.watch(nowMs);
      if (packets > 0 && this.#mayPass(leg, nowMs)) leg.forwardedMs += LINE_TICK_MS;
    }
    if (Math.floor(nowMs / COUNT_MS) !== Math.floor((nowMs - LINE_TICK_MS) / COUNT_MS)) this.#onCounters();
  }

  up(legId: number): void {
    const leg = this.legs.get(legId);
    if (!leg || leg.isUp) return;
    leg.isUp = true;
    this.#notify(legId, { type: 'up' });
  }

  /** @param sinceMs when the process was last heard of, if it is the process that is gone */
  down(legId: number, sinceMs?: number): void {
    const leg = this.legs.get(legId);
    if (!leg) return;
    const { callId, side } = leg;
    this.#drop(legId, leg);
    this.#onLeg({ type: 'down', legId, why: 'gone', callId, side, ...(sinceMs !== undefined && { sinceMs }) });
  }

  #notify(legId: number, event: FlowEvent | { readonly type: 'up' }): void {
    const leg = this.legs.get(legId);
    if (leg) this.#onLeg({ ...event, legId, callId: leg.callId, side: leg.side });
  }

  #drop(legId: number, leg: Leg): void {
    this.legs.delete(legId);
    if (leg.side === 'model') this.#carriedMs.set(leg.callId, (this.#carriedMs.get(leg.callId) ?? 0) + leg.forwardedMs);
  }

  #sendingOf(callId: CallId, side: Side): Sending {
    const personId = this.#personOf(callId, side);
    return (personId !== null && this.#lines.get(personId)?.sending) || 'none';
  }

  #packetsOf({ callId, side }: Leg, nowMs: number): number {
    const sending = this.#sendingOf(callId, side);
    if (sending === 'all') return PACKETS_A_TICK;
    return sending === 'trickle' && nowMs % TRICKLE_MS < LINE_TICK_MS ? 1 : 0;
  }

  #mayPass({ callId, side }: Leg, nowMs: number): boolean {
    const hasOther = this.legsOf(callId).some((leg) => leg.side !== side && leg.isUp);
    return hasOther && nowMs < (this.leases.get(callId) ?? 0) && !this.shut.get(callId)?.has(side);
  }
}

/** What arrives of a burst: a slow link is full, so its queue grows. */
const arrivalsOf = (probeId: number, uplink: Uplink): ProbeArrivals => ({
  probeId,
  receivedPackets: uplink === 'fast' ? BURST_PACKETS : Math.round(BURST_PACKETS / 3),
  indexMax: BURST_PACKETS,
  measuredMs: BURST_MS,
  probeBytes: (BURST_KBPS[uplink] * BURST_MS) / 8,
  mediaBytes: 0,
  peakKbps: BURST_KBPS[uplink],
  queueMs: uplink === 'fast' ? 0 : FULL_QUEUE_MS,
});
