// Several people, their devices and the real runner of the calls: never in two calls, never a sticky ring,
// exactly one outcome each, no charge without media from both, every cent accounted for.
import FakeTimers from '@sinonjs/fake-timers';
import { Random } from './core/random.ts';
import { COVERING_SEEDS, unmetOf } from './people/coverage.ts';
import { loadTestCore } from './people/run.ts';
import { type PeopleTally, PeopleWorld } from './people/world.ts';

export interface PeopleSimOptions {
  readonly seed: number;
  readonly seeds: number;
  /** Steps of a seed. */
  readonly steps: number;
}

export interface PeopleSimResult extends PeopleTally {
  readonly faults: string[];
  /** What was not met of what can be; nothing where the seeds are too few to tell. */
  readonly unmet: string[];
}

export const PEOPLE_SIM_DEFAULTS: PeopleSimOptions = { seed: 1, seeds: 100, steps: 300 };
const FAULTS_MAX = 3;
const LINES_SHOWN_MAX = 40;

export async function simulatePeople(options: PeopleSimOptions): Promise<PeopleSimResult> {
  const result: PeopleSimResult = {
    steps: 0,
    calls: 0,
    crashes: 0,
    outcomes: new Map(),
    answers: new Map(),
    met: new Map(),
    faults: [],
    unmet: [],
  };
  const core = loadTestCore();
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const fault = await playSeed(seed, options.steps, core, result);
    if (fault) result.faults.push(fault);
    if (result.faults.length === FAULTS_MAX) break;
  }
  if (options.seeds >= COVERING_SEEDS) result.unmet.push(...unmetOf(result));
  return result;
}

const installClock = () =>
  FakeTimers.install({
    now: Date.UTC(2026, 10, 22),
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });

/** What becomes of a row that no call stands for. */
export async function sweepLostRow(): Promise<{ found: string[]; outcome: string | null }> {
  const clock = installClock();
  try {
    const total = { steps: 0, calls: 0, crashes: 0, outcomes: new Map(), answers: new Map(), met: new Map() };
    const world = new PeopleWorld(new Random(1), clock, loadTestCore(), total);
    await world.open();
    return await world.sweepLostRow();
  } finally {
    clock.uninstall();
  }
}

/** @returns what went wrong, with what led to it */
async function playSeed(
  seed: number,
  steps: number,
  core: WebAssembly.Module,
  total: PeopleTally,
): Promise<string | null> {
  const clock = installClock();
  const rejections: unknown[] = [];
  const onRejection = (error: unknown) => rejections.push(error);
  process.on('unhandledRejection', onRejection);
  const world = new PeopleWorld(new Random(seed), clock, core, total);
  // When the next probe is due is left to chance: here it is the seed's, too.
  const { random } = Math;
  const chance = new Random(~seed);
  Math.random = () => chance.next();
  try {
    await world.open();
    for (let step = 0; step < steps && rejections.length === 0; step++) await world.step();
    if (rejections.length === 0) await world.end();
    if (rejections.length > 0) throw rejections[0];
    return null;
  } catch (error) {
    const story = world.trace.slice(-LINES_SHOWN_MAX).map((line) => `    ${line}`);
    return [`seed ${seed}: ${(error as Error).stack}`, ...story].join('\n');
  } finally {
    process.off('unhandledRejection', onRejection);
    Math.random = random;
    clock.uninstall();
  }
}

export function peopleSimReport(result: PeopleSimResult): string {
  const table = (counts: Map<string, number>) =>
    [...counts].sort((a, b) => b[1] - a[1]).map(([what, n]) => `  ${what} ${n}`);
  return [
    ...result.faults,
    ...table(result.answers),
    ...table(result.outcomes),
    ...table(result.met),
    ...result.unmet.map((what) => `not met: ${what}`),
    `people: ${result.calls} calls, ${result.steps} steps, ${result.crashes} crashes, ${result.faults.length} faults`,
  ].join('\n');
}
