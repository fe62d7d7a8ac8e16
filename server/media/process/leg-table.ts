import { monotonicMs } from '../../clock/index.ts';
import type { FromMedia, LegCounters, Side, ToMedia } from '../../contract/index.ts';
import { CallPipe, type PipeEnd } from './call-pipe.ts';
import { send } from './main-channel.ts';
import type { MediaFlow } from './media-flow.ts';
import { ProbeCounter } from './probe-arrivals.ts';
import type { ProbeSlot } from './probe-slot.ts';
import { type Carried, processCounters } from './process-counters.ts';

/** A page's leg, whatever its transport. */
export interface MediaLeg extends PipeEnd {
  readonly counters: LegCounters;
  readonly flow: MediaFlow;
  readonly probes: ProbeSlot;
  /** Called several times a second. */
  watch(nowMs: number): void;
  close(): void;
}

/** What is asked of legs, their leases and gates by main, apart from how a leg comes up. */
type TableMessage = Extract<
  ToMedia,
  { type: 'open' | 'openTest' | 'lease' | 'gate' | 'switches' | 'probe' | 'probeEnd' | 'close' }
>;

/** The legs of a media process and the pipes between them. */
export class LegTable<Leg extends MediaLeg> {
  readonly #make: (legId: number, side: Side, pipe: CallPipe<Leg>) => Leg;
  readonly #pipes = new Map<number, CallPipe<Leg>>();
  readonly #legs = new Map<number, { leg: Leg; pipe: CallPipe<Leg> }>();
  readonly #carried: Carried = { packets: 0, bytes: 0, held: 0 };
  #opened = 0;

  constructor(make: (legId: number, side: Side, pipe: CallPipe<Leg>) => Leg) {
    this.#make = make;
  }

  get(legId: number): Leg | undefined {
    return this.#legs.get(legId)?.leg;
  }

  handle(message: TableMessage): void {
    switch (message.type) {
      case 'open':
        return this.#open(message.callId, message.legId, message.side);
      case 'openTest':
        return this.#open(0, message.legId, 'model');
      case 'lease':
        return this.#pipes.get(message.callId)?.lease(message.untilMs, monotonicMs());
      case 'gate':
        return this.#pipes.get(message.callId)?.gate(message.side, message.isOpen);
      case 'switches':
        return this.get(message.legId)?.flow.switches(message.offSinceMs, monotonicMs());
      case 'probe':
        return this.#probe(message);
      case 'probeEnd':
        return this.get(message.legId)?.probes.sent(message.probeId);
      case 'close':
        return this.#close(message.legId);
    }
  }

  watch(nowMs: number): void {
    for (const { leg } of this.#legs.values()) leg.watch(nowMs);
  }

  isAnyOpen(nowMs: number): boolean {
    return [...this.#pipes.values()].some((pipe) => pipe.isOpen(nowMs));
  }

  counters(): Extract<FromMedia, { type: 'counters' }> {
    const legs = [...this.#legs.values()].map(({ leg }) => leg.counters);
    return { type: 'counters', process: processCounters(legs, this.#opened, this.#carried), legs };
  }

  /** @param callId 0: a test of a connection, in a pipe of its own that no lease ever opens */
  #open(callId: number, legId: number, side: Side): void {
    if (this.#legs.has(legId)) return;
    const pipe = this.#pipes.get(callId) ?? new CallPipe<Leg>(callId);
    if (callId !== 0) this.#pipes.set(callId, pipe);
    const leg = this.#make(legId, side, pipe);
    const before = pipe.place(leg);
    if (before) this.#close(before.legId);
    this.#legs.set(legId, { leg, pipe });
    this.#opened += 1;
  }

  #close(legId: number): void {
    const entry = this.#legs.get(legId);
    if (!entry) return;
    const { packets, bytes, held, forwardedMs } = entry.leg.counters;
    send({ type: 'ended', legId, forwardedMs });
    this.#carried.packets += packets;
    this.#carried.bytes += bytes;
    this.#carried.held += held;
    this.#legs.delete(legId);
    entry.pipe.remove(entry.leg);
    if (entry.pipe.isEmpty) this.#pipes.delete(entry.pipe.callId);
    entry.leg.close();
  }

  #probe({ legId, probeId, measureMs, besideLegId }: Extract<ToMedia, { type: 'probe' }>): void {
    const counter = new ProbeCounter(probeId, measureMs);
    this.get(legId)?.probes.count(counter);
    if (besideLegId !== null) this.get(besideLegId)?.probes.count(counter);
  }
}
