// The call's life under random events: whoever vanishes, whenever, the call ends in exactly one outcome.
import { pairs } from '../../server/calls/machine.ts';
import { Random } from './core/random.ts';
import { goesLive, LifeWorld, somethingHappens } from './life/world.ts';

export interface LifeSimOptions {
  readonly seed: number;
  readonly seeds: number;
  /** Calls of a seed. */
  readonly calls: number;
}

export interface LifeSimResult {
  readonly calls: number;
  readonly events: number;
  readonly faults: string[];
  readonly outcomes: Map<string, number>;
  /** Pairs of state and event that the machine knows and no story has met. */
  readonly unvisited: string[];
}

export const LIFE_SIM_DEFAULTS: LifeSimOptions = { seed: 1, seeds: 200, calls: 50 };
const STEPS_MAX = 200;
/** Calls that go live first, as most do. */
const LIVE_SHARE = 0.7;
const LINES_SHOWN_MAX = 30;

export function simulateLife(options: LifeSimOptions): LifeSimResult {
  const outcomes = new Map<string, number>();
  const visited = new Set<string>();
  const faults: string[] = [];
  let calls = 0;
  let events = 0;
  for (let seed = options.seed; seed < options.seed + options.seeds && faults.length < 3; seed++) {
    const random = new Random(seed);
    for (let call = 0; call < options.calls; call++) {
      const world = new LifeWorld();
      calls += 1;
      try {
        playToTheEnd(world, random);
      } catch (error) {
        const story = world.trace.slice(-LINES_SHOWN_MAX).map((line) => `    ${line}`);
        faults.push([`seed ${seed}, call ${call}: ${(error as Error).message}`, ...story].join('\n'));
        break;
      }
      // A model who hung up at the same moment has ended it herself.
      if (world.facts.outcome === 'client_ended' && random.chance(0.2)) world.take({ type: 'hang_up', by: 'model' });
      events += world.trace.length;
      for (const pair of world.visited) visited.add(pair);
      const outcome = world.facts.outcome ?? 'none';
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  const unvisited = pairs()
    .map(([state, type]) => `${state} ${type}`)
    .filter((pair) => !visited.has(pair));
  return { calls, events, faults, outcomes, unvisited };
}

/** Random steps, then nobody does anything any more: timers and the grace alone must end the call. */
function playToTheEnd(world: LifeWorld, random: Random): void {
  if (random.chance(LIVE_SHARE)) goesLive(world, random);
  const steps = random.whole(1, STEPS_MAX);
  for (let i = 0; i < steps && !hasEnded(world); i++) somethingHappens(world, random);
  if (hasEnded(world)) return;
  for (const by of ['client', 'model'] as const) world.take({ type: 'detached', by });
  while (world.passTime());
  if (world.facts.state === 'suspended') world.take({ type: 'grace_over' });
  if (!hasEnded(world)) throw new Error(`left alone, the call sticks in ${world.facts.state}`);
}

const hasEnded = (world: LifeWorld): boolean => world.facts.state === 'ended';

export function lifeSimReport(result: LifeSimResult): string {
  const outcomes = [...result.outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `  ${outcome} ${count}`);
  return [
    ...result.faults,
    ...outcomes,
    ...result.unvisited.map((pair) => `  never met: ${pair}`),
    `life: ${result.calls} calls, ${result.events} events, ${result.faults.length} faults`,
  ].join('\n');
}
