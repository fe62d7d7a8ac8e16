// The core against its reference: seeded scenarios of many calls, every event compared, every receipt
// worked out again. A failing seed is shrunk to a scenario that a person can read.
import fs from 'node:fs';
import path from 'node:path';
import { type Scenario, scenarioOf } from './core/scenario.ts';
import { failureOf, shrink } from './core/shrink.ts';
import { play } from './core/world.ts';

export interface CoreSimOptions {
  /** First seed, and how many from there. */
  seed: number;
  seeds: number;
  /** Calls in each scenario. */
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
const LINES_SHOWN_MAX = 40;

/** Plays the seeds; `say` hears of each failing one with its shrunk scenario. */
export function simulateCore(options: CoreSimOptions, say: (line: string) => void): CoreSimResult {
  const folder = process.env.PARLOUR_CORE_BUILD ?? path.resolve('core-wasm/build');
  const file = path.join(folder, options.build === 'release' ? 'core.wasm' : 'core.debug.wasm');
  const module = new WebAssembly.Module(fs.readFileSync(file));
  const result: CoreSimResult = { seeds: 0, calls: 0, events: 0, mismatches: 0, seconds: 0 };
  const startedAt = performance.now();
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const scenario = scenarioOf(seed, options.calls);
    result.seeds++;
    try {
      const played = play(module, scenario);
      result.calls += played.calls;
      result.events += played.events;
    } catch {
      result.mismatches++;
      printFailure(module, seed, options, scenario, say);
      if (result.mismatches >= FAILURES_TOLD_MAX) break;
    }
    if (seed % 500 === 0) say(`… seed ${seed}, ${result.calls} calls, ${result.events} events`);
  }
  result.seconds = (performance.now() - startedAt) / 1_000;
  return result;
}

function printFailure(
  module: WebAssembly.Module,
  seed: number,
  options: CoreSimOptions,
  scenario: Scenario,
  say: (line: string) => void,
) {
  say(
    `seed ${seed} fails: npm run sim -- core --seed ${seed} --seeds 1 --calls ${options.calls} --build ${options.build}`,
  );
  const short = shrink(module, scenario);
  const guilty = Math.max(0, failureOf(module, short)?.callIndex ?? 0);
  const failure = failureOf(module, short, guilty) as (Error & { trace?: string[] }) | null;
  const { calls, ...setting } = short;
  say(`  shrunk to ${calls.length} call(s): ${JSON.stringify(setting)}`);
  const trace = failure?.trace ?? [];
  if (trace.length > LINES_SHOWN_MAX) say(`  … ${trace.length - LINES_SHOWN_MAX} lines before`);
  for (const line of trace.slice(-LINES_SHOWN_MAX)) say(`  ${line}`);
  if (!failure?.trace) say(`  ${failure?.message}\n  ${JSON.stringify(calls)}`);
}

/** One line for people, and the exit code. */
export function coreSimReport(result: CoreSimResult): string {
  const rate = Math.round(result.calls / Math.max(result.seconds, 0.001));
  return (
    `core: ${result.seeds} seeds, ${result.calls} calls, ${result.events} events, ${result.mismatches} mismatches, ` +
    `${result.seconds.toFixed(1)} s, ${rate} calls/s`
  );
}
