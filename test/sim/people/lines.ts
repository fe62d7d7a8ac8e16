// The media process of one run: legs that others bring up and down, packets of each person, and what of them passes
// under the leases and gates that main has given.
import type { CallMediaControl } from '../../../server/calls/dependencies.ts';
import { monotonicMs } from '../../../server/clock/index.ts';
import type { CallId, PersonId, Side } from '../../../server/contract/index.ts';
import type { LegEvent } from '../../../server/media/index.ts';
import { type FlowNews, MediaFlow } from '../../../server/media/process/media-flow.ts';

/** How often packets come and are looked at. */
export const LINE_TICK_MS = 100;

/**
 * What a person's page sends. `trickle`: a single packet each 2,150 ms. `cut`: nothing arrives, though the page sends.
 * `switches`: says that both are off, and is on for a moment each 50 s, without ever sending.
 */
export type Sending = 'all' | 'none' | 'trickle' | 'cut' | 'switches' | 'off';

export interface Line {
  sending: Sending;
}

interface Leg {
  readonly callId: CallId;
  readonly side: Side;
  readonly flow: MediaFlow;
  isUp: boolean;
  forwardedMs: number;
}

const TRICKLE_MS = 2_150;
const PACKETS_A_TICK = 4;

export class MediaDouble {
  readonly legs = new Map<number, Leg>();
  readonly leases = new Map<CallId, number>();
  readonly shut = new Map<CallId, Set<Side>>();
  readonly #carriedMs = new Map<CallId, number>();
  readonly #personOf: (callId: CallId, side: Side) => PersonId | null;
  readonly #lines: ReadonlyMap<PersonId, Line>;
  #onLeg: (event: LegEvent) => void = () => {};
  static #nextId = 1;

  constructor(lines: ReadonlyMap<PersonId, Line>, personOf: (callId: CallId, side: Side) => PersonId | null) {
    this.#lines = lines;
    this.#personOf = personOf;
  }

  readonly control: CallMediaControl = {
    onLeg: (listener) => {
      this.#onLeg = listener;
    },
    onCounters: () => {},
    openLeg: (callId, side) => {
      for (const [legId, leg] of this.legs) if (leg.callId === callId && leg.side === side) this.#drop(legId, leg);
      const legId = MediaDouble.#nextId++;
      const flow = new MediaFlow(side, (event) => this.#tell(legId, event));
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
    switches: (legId, isOff) => this.legs.get(legId)?.flow.switches(isOff, monotonicMs()),
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
    probeEnd: () => {},
    openTest: () => MediaDouble.#nextId++,
    closeTest: () => {},
    isTransportUp: () => true,
    udpPortOf: () => 1,
  };

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
  }

  up(legId: number): void {
    const leg = this.legs.get(legId);
    if (!leg || leg.isUp) return;
    leg.isUp = true;
    this.#tell(legId, { type: 'up' });
  }

  /** @param sinceMs when the process was last heard of, if it is the process that is gone */
  down(legId: number, sinceMs?: number): void {
    const leg = this.legs.get(legId);
    if (!leg) return;
    const { callId, side } = leg;
    this.#drop(legId, leg);
    this.#onLeg({ type: 'down', legId, why: 'gone', callId, side, ...(sinceMs !== undefined && { sinceMs }) });
  }

  #tell(legId: number, event: FlowNews | { readonly type: 'up' }): void {
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
