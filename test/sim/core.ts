// The core against its reference: seeded stories of many calls, every event compared, every receipt
// worked out again. A failing seed is shrunk to a story that a person can read.
import fs from 'node:fs';
import path from 'node:path';
import { failureOf, shrink } from './core/shrink.ts';
import { type Story, storyOf } from './core/story.ts';
import { play } from './core/world.ts';

export interface CoreSimOptions {
  /** First seed, and how many from there. */
  seed: number;
  seeds: number;
  /** Calls in each story. */
  calls: number;
  /** The debug build has the core's own assertions in. */
  build: 'release' | 'debug';
}

export interface CoreSimResult {
  seeds: number;
  calls: number;
  events: number;
  mismatches: number;
  seconds: number;
}

export const CORE_SIM_DEFAULTS: CoreSimOptions = { seed: 1, seeds: 100, calls: 50, build: 'debug' };
/** After so many failing seeds the rest is left: one is enough to go on with. */
const FAILURES_TOLD_MAX = 3;
const LINES_TOLD_MAX = 40;

/** Plays the seeds; `say` hears of each failing one with its shrunk story. */
export function simulateCore(options: CoreSimOptions, say: (line: string) => void): CoreSimResult {
  const folder = process.env.PARLOUR_CORE_BUILD ?? path.resolve('core-wasm/build');
  const file = path.join(folder, options.build === 'release' ? 'core.wasm' : 'core.debug.wasm');
  const module = new WebAssembly.Module(fs.readFileSync(file));
  const result: CoreSimResult = { seeds: 0, calls: 0, events: 0, mismatches: 0, seconds: 0 };
  const startedAt = performance.now();
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const story = storyOf(seed, options.calls);
    result.seeds++;
    try {
      const played = play(module, story);
      result.calls += played.calls;
      result.events += played.events;
    } catch {
      result.mismatches++;
      tellFailure(module, seed, options, story, say);
      if (result.mismatches >= FAILURES_TOLD_MAX) break;
    }
    if (seed % 500 === 0) say(`… seed ${seed}, ${result.calls} calls, ${result.events} events`);
  }
  result.seconds = (performance.now() - startedAt) / 1_000;
  return result;
}

function tellFailure(
  module: WebAssembly.Module,
  seed: number,
  options: CoreSimOptions,
  story: Story,
  say: (line: string) => void,
) {
  say(
    `seed ${seed} fails: npm run sim -- core --seed ${seed} --seeds 1 --calls ${options.calls} --build ${options.build}`,
  );
  const short = shrink(module, story);
  const guilty = Math.max(0, failureOf(module, short)?.callIndex ?? 0);
  const failure = failureOf(module, short, guilty) as (Error & { told?: string[] }) | null;
  const { calls, ...setting } = short;
  say(`  shrunk to ${calls.length} call(s): ${JSON.stringify(setting)}`);
  const told = failure?.told ?? [];
  if (told.length > LINES_TOLD_MAX) say(`  … ${told.length - LINES_TOLD_MAX} lines before`);
  for (const line of told.slice(-LINES_TOLD_MAX)) say(`  ${line}`);
  if (!failure?.told) say(`  ${failure?.message}\n  ${JSON.stringify(calls)}`);
}

/** One line for people, and the exit code. */
export function tellCoreSim(result: CoreSimResult): string {
  const rate = Math.round(result.calls / Math.max(result.seconds, 0.001));
  return (
    `core: ${result.seeds} seeds, ${result.calls} calls, ${result.events} events, ${result.mismatches} mismatches, ` +
    `${result.seconds.toFixed(1)} s, ${rate} calls/s`
  );
}
