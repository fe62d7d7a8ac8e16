// Makes a failing scenario short: drops whatever can be dropped while it still fails.

import type { CallScenario, Scenario } from './scenario.ts';
import { Mismatch, play } from './world.ts';

/** The mismatch that the scenario ends in, or null; a trap of the core counts as one. */
export function failureOf(module: WebAssembly.Module, scenario: Scenario, tracedCall = -1): Mismatch | null {
  try {
    play(module, scenario, tracedCall);
    return null;
  } catch (error) {
    if (error instanceof Mismatch) return error;
    return new Mismatch(-1, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** A shorter scenario that fails too. */
export function shrink(module: WebAssembly.Module, scenario: Scenario): Scenario {
  const fails = (candidate: Scenario) => failureOf(module, candidate) !== null;
  let best = scenario;
  const failure = failureOf(module, scenario);
  const guilty = failure && failure.callIndex >= 0 ? scenario.calls[failure.callIndex] : undefined;
  if (guilty && fails({ ...best, calls: [guilty] })) best = { ...best, calls: [guilty] };
  best = withFewer(best, (calls) => ({ ...best, calls }), best.calls, fails);
  for (const simpler of [{ crashes: [] }, { stalls: [] }, { tickMs: 0 }, { baseMs: 0 }, { capacity: 1 }]) {
    if (fails({ ...best, ...simpler })) best = { ...best, ...simpler };
  }
  for (let i = 0; i < best.calls.length; i++) best = shrinkCall(best, i, fails);
  return best;
}

function shrinkCall(scenario: Scenario, index: number, fails: (candidate: Scenario) => boolean): Scenario {
  const replace = (s: Scenario, change: Partial<CallScenario>): Scenario => ({
    ...s,
    calls: s.calls.map((call, i) => (i === index ? { ...call, ...change } : call)),
  });
  const call = scenario.calls[index] as CallScenario;
  let best = withFewer(scenario, (steps) => replace(scenario, { steps }), call.steps, fails);
  for (const simpler of [{ openAfterMs: 0 }, { ledger: 'at_once' as const }, { minimumMin: 0 }, { rateMinor: 60 }]) {
    const candidate = replace(best, simpler);
    if (fails(candidate)) best = candidate;
  }
  return best;
}

/** Leaves out halves, quarters, … and single ones for as long as it still fails. */
function withFewer<T>(
  scenario: Scenario,
  make: (list: T[]) => Scenario,
  list: T[],
  fails: (candidate: Scenario) => boolean,
): Scenario {
  let kept = list;
  let best = scenario;
  for (let chunk = Math.ceil(kept.length / 2); chunk >= 1; chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2)) {
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + chunk)];
      const candidate = make(without);
      if (without.length > 0 && fails(candidate)) {
        kept = without;
        best = candidate;
      } else from += chunk;
    }
  }
  return best;
}
