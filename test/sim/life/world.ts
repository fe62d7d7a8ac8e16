// One call as a world of its own: two people, their pages and legs, timers, a meter that can run out.
// It carries out the machine's effects without sockets or clocks and checks what must hold at every step.
import {
  type CallEvent,
  type CallFacts,
  type Effect,
  foundCall,
  isLost,
  LOST_TIMERS,
  type LostBy,
  newCall,
  step,
  type TimerName,
} from '../../../server/calls/machine.ts';
import { RECONNECT_MS, type Side } from '../../../server/contract/index.ts';
import type { Random } from '../core/random.ts';

const SIDES = ['client', 'model'] as const;

/** What the runner keeps beside the facts. */
export class LifeWorld {
  facts: CallFacts = newCall();
  nowMs = 0;
  readonly timers = new Map<TimerName, number>([['ring', 45_000]]);
  /** Legs of both sides: none, being made, or each up or not. */
  legs: Record<Side, 'none' | 'made' | 'up'> = { client: 'none', model: 'none' };
  meter: 'none' | 'running' | 'ended' = 'none';
  /** Who is waited for, as the meter has been told. */
  pausedBy = new Set<LostBy>();
  isRestarting = false;
  endings = 0;
  readonly visited = new Set<string>();
  readonly trace: string[] = [];

  /** Takes an event as the runner would: what the state refuses changes nothing. */
  take(event: CallEvent): void {
    const before = this.facts;
    // A copy: what a refusal must leave alone is compared with what it was, not with itself.
    const copy = JSON.stringify(before);
    const result = step(before, event);
    if (JSON.stringify(before) !== copy) throw new Error('an event changed the facts that it was given');
    this.trace.push(`${this.nowMs} ms, ${before.state}: ${JSON.stringify(event)}`);
    if ('refusal' in result) {
      return;
    }
    this.visited.add(`${before.state} ${event.type}`);
    this.facts = result.call;
    if (event.type === 'restart') this.isRestarting = true;
    for (const effect of result.effects) this.#perform(effect);
    if (this.facts.state === 'ended') this.timers.clear();
    this.check();
  }

  /** The next timer ends. @returns false when none runs */
  passTime(): boolean {
    const [next] = [...this.timers].sort((a, b) => a[1] - b[1]);
    if (!next) return false;
    this.nowMs = next[1];
    this.timers.delete(next[0]);
    this.take({ type: 'timed_out', timer: next[0] });
    return true;
  }

  /** kill -9 and a new start: all but what is durable is gone. */
  crash(): void {
    if (this.facts.state === 'ended') return;
    this.trace.push(`${this.nowMs} ms: crash and recovery`);
    const { state } = this.facts;
    const left = new Map(this.timers);
    this.timers.clear();
    this.facts = foundCall(state);
    this.legs = { client: 'none', model: 'none' };
    this.isRestarting = false;
    if (state === 'ringing') {
      this.timers.set('ring', left.get('ring') ?? this.nowMs);
      this.take({ type: 'detached', by: 'client' });
    }
    if (state === 'confirming') this.timers.set('confirm', left.get('confirm') ?? this.nowMs);
    if (state === 'live' || state === 'suspended') {
      this.pausedBy = new Set(['appliance']);
      this.timers.set('recovery', this.nowMs + RECONNECT_MS);
    }
    this.check();
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'start_timer':
        this.timers.set(effect.timer, this.nowMs + effect.ms);
        return;
      case 'stop_timer':
        this.timers.delete(effect.timer);
        return;
      case 'open_media':
        this.legs = { client: 'made', model: 'made' };
        return;
      case 'start_media':
        hold(this.legs.client === 'up' && this.legs.model === 'up', 'media starts with a leg missing');
        return;
      case 'close_media':
        this.legs = { client: 'none', model: 'none' };
        return;
      case 'start_meter':
        hold(this.meter === 'none', 'the meter starts twice');
        this.meter = 'running';
        return;
      case 'pause_meter':
        hold(!this.pausedBy.has(effect.lostBy), 'a pause begins twice');
        this.pausedBy.add(effect.lostBy);
        return;
      case 'resume_meter':
        hold(this.pausedBy.delete(effect.lostBy), 'a pause ends that had not begun');
        return;
      case 'waive_meter':
        return;
      case 'end_meter':
        this.endings += 1;
        if (this.meter === 'running') this.meter = 'ended';
        return;
    }
  }

  /** What must hold of a call at any time. */
  check(): void {
    const { state, outcome, sides } = this.facts;
    const goesOn = state === 'live' || state === 'suspended';
    hold((state === 'ended') === (outcome !== null), 'an outcome without an end, or an end without one');
    hold(this.endings === (state === 'ended' ? 1 : 0), `the call has ended ${this.endings} times`);
    hold(goesOn === (this.meter === 'running'), `state ${state}, meter ${this.meter}`);
    const lost = SIDES.filter((side) => isLost(sides[side]));
    const waits = this.facts.lostBy === null ? [] : [this.facts.lostBy];
    if (goesOn) hold(`${[...this.pausedBy]}` === `${waits}`, `lost by ${waits}, paused by ${[...this.pausedBy]}`);
    if (goesOn) hold(lost.length > 0 === waits.length > 0, `lost ${lost}, and waited for ${waits}`);
    // Nothing sticks: whoever vanishes, a timer will end it.
    if (state === 'ringing') hold(this.timers.has('ring'), 'a ring without an end');
    if (state === 'confirming') hold(this.timers.has('confirm'), 'a confirmation without an end');
    if (goesOn) {
      for (const [lostBy, timer] of Object.entries(LOST_TIMERS))
        hold(this.timers.has(timer) === (this.facts.lostBy === lostBy), `${timer}, lost by ${this.facts.lostBy}`);
      hold(!this.timers.has('ring') && !this.timers.has('confirm'), 'an old timer runs on');
    }
    if (state === 'ringing' || state === 'ended') hold(this.legs.client === 'none', `legs in ${state}`);
    if (state === 'ended') return;
    for (const side of SIDES) hold(!sides[side].hasMedia || this.legs[side] === 'up', `${side} has media on no leg`);
  }
}

/** The way that most calls take; what befalls them comes afterwards, or in between. */
export function goesLive(world: LifeWorld, random: Random): void {
  const events: CallEvent[] = [
    { type: 'accept', by: 'model' },
    { type: 'connect', by: 'model' },
    { type: 'connect', by: 'client' },
  ];
  for (const event of events) {
    world.take(event);
    if (random.chance(0.05)) somethingHappens(world, random);
    for (const side of SIDES) if (random.chance(0.9)) legChanges(world, side, random);
  }
}

/** Something that may happen now: what people do, rightly or wrongly, and what befalls their pages and legs. */
export function somethingHappens(world: LifeWorld, random: Random): void {
  const side = random.pick<Side>('client', 'model');
  const { sides } = world.facts;
  const act = random.whole(0, 99);
  if (act < 40) return world.take(somePersonDoes(side, random));
  if (act < 52) return world.take({ type: sides[side].isPresent ? 'detached' : 'attached', by: side });
  if (act < 54) return world.take({ type: 'attached', by: side });
  if (act < 55) return world.take({ type: 'stalled', by: side });
  if (act < 78) return legChanges(world, side, random);
  if (act < 86) return void world.passTime();
  if (act < 93) return meterSays(world, random);
  if (act < 94) return world.take({ type: random.pick('operator_ended', 'failed') });
  if (act < 96) return world.crash();
  world.nowMs += random.whole(1, 4_000);
  for (const [timer, endsAtMs] of [...world.timers]) {
    if (endsAtMs > world.nowMs) continue;
    world.timers.delete(timer);
    world.take({ type: 'timed_out', timer });
  }
}

function somePersonDoes(by: Side, random: Random): CallEvent {
  const type = random.pick(
    'accept',
    'accept',
    'reject',
    'connect',
    'connect',
    'connect',
    'hang_up',
    'restart',
    'waive',
    'mute',
  );
  // Most people do not hang up at once, or no call would ever live.
  if (type === 'hang_up' && random.chance(0.8)) return { type: 'connect', by };
  if (type === 'reject' && random.chance(0.8)) return { type: 'accept', by: 'model' };
  return type === 'mute' ? { type, by, isMuted: random.chance(0.5), isCameraOff: false } : { type, by };
}

function legChanges(world: LifeWorld, side: Side, random: Random): void {
  if (world.legs[side] === 'made' && random.chance(0.9)) {
    world.legs[side] = 'up';
    return world.take({ type: 'media_up', by: side });
  }
  if (world.legs[side] === 'up' && random.chance(0.1)) {
    world.legs[side] = 'none';
    world.take({ type: 'media_down', by: side, ...(random.chance(0.3) && { applianceLostAtMs: 0 }) });
  }
}

function meterSays(world: LifeWorld, random: Random): void {
  if (world.meter !== 'running') return;
  const { state } = world.facts;
  if (state === 'live' && world.pausedBy.size === 0) return world.take({ type: 'suspended' });
  if (state !== 'suspended') return;
  if (world.isRestarting) {
    world.isRestarting = false;
    if (random.chance(0.8)) world.take({ type: 'restarted' });
  } else if (random.chance(0.3)) world.take({ type: 'grace_over' });
}

function hold(isTrue: boolean, fault: string): void {
  if (!isTrue) throw new Error(fault);
}
