// Makes a failing story short: drops whatever can be dropped while it still fails.

import type { CallStory, Story } from './story.ts';
import { Mismatch, play } from './world.ts';

/** The mismatch that the story ends in, or null; a trap of the core counts as one. */
export function failureOf(module: WebAssembly.Module, story: Story, tell = -1): Mismatch | null {
  try {
    play(module, story, tell);
    return null;
  } catch (error) {
    if (error instanceof Mismatch) return error;
    return new Mismatch(-1, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** A shorter story that fails too. */
export function shrink(module: WebAssembly.Module, story: Story): Story {
  const fails = (candidate: Story) => failureOf(module, candidate) !== null;
  let best = story;
  const failure = failureOf(module, story);
  const guilty = failure && failure.callIndex >= 0 ? story.calls[failure.callIndex] : undefined;
  if (guilty && fails({ ...best, calls: [guilty] })) best = { ...best, calls: [guilty] };
  best = withFewer(best, (calls) => ({ ...best, calls }), best.calls, fails);
  for (const simpler of [{ crashes: [] }, { stalls: [] }, { tickMs: 0 }, { baseMs: 0 }, { capacity: 1 }]) {
    if (fails({ ...best, ...simpler })) best = { ...best, ...simpler };
  }
  for (let i = 0; i < best.calls.length; i++) best = shrinkCall(best, i, fails);
  return best;
}

function shrinkCall(story: Story, index: number, fails: (candidate: Story) => boolean): Story {
  const replace = (s: Story, change: Partial<CallStory>): Story => ({
    ...s,
    calls: s.calls.map((call, i) => (i === index ? { ...call, ...change } : call)),
  });
  const call = story.calls[index] as CallStory;
  let best = withFewer(story, (steps) => replace(story, { steps }), call.steps, fails);
  for (const simpler of [{ openAfterMs: 0 }, { ledger: 'at_once' as const }, { minimumMin: 0 }, { rateMinor: 60 }]) {
    const candidate = replace(best, simpler);
    if (fails(candidate)) best = candidate;
  }
  return best;
}

/** Leaves out halves, quarters, … and single ones for as long as it still fails. */
function withFewer<T>(
  story: Story,
  make: (list: T[]) => Story,
  list: T[],
  fails: (candidate: Story) => boolean,
): Story {
  let kept = list;
  let best = story;
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
