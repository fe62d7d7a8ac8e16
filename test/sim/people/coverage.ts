// What a run of the simulation must have met: a world that never comes to a rule proves nothing of it.
import { MeterLogKind, Outcome, PauseReason } from '../../../server/contract/index.ts';
import type { PeopleTally } from './world.ts';

/** So many seeds meet everything. */
export const COVERING_SEEDS = 60;

const literals = (union: { readonly anyOf: readonly { readonly const: string }[] }): string[] =>
  union.anyOf.map((literal) => literal.const);

const STATES = ['ringing', 'confirming', 'live', 'suspended'].map((state) => `state ${state}`);
const VERDICTS = ['pass', 'fail', 'inconclusive'].map((verdict) => `probed ${verdict}`);
const PAUSES = literals(PauseReason).map((reason) => `paused ${reason}`);
const MET = [...STATES, ...VERDICTS, ...PAUSES, ...literals(MeterLogKind), 'gate shut', 'no database'];
const DONE = [
  'ring',
  'accept',
  'reject',
  'connect',
  'hang_up',
  'restart',
  'waive',
  'attached',
  'tip',
  'block',
  'both hang up',
];
const REFUSED = ['ring: model_busy', 'ring: too_many_rings', 'ring: looked_too_often', 'tip: balance_too_low'];
const ANSWERS = [...DONE.map((what) => `${what}: ok`), 'operator ends: ok', ...REFUSED];

/** @returns what was not met of what can be */
export function unmetOf({ outcomes, answers, met }: PeopleTally): string[] {
  return [
    // A call fails by a fault of our own alone.
    ...literals(Outcome).filter((outcome) => outcome !== 'failed' && !outcomes.has(outcome)),
    ...ANSWERS.filter((answer) => !answers.has(answer)),
    ...MET.filter((what) => !met.has(what)),
  ];
}
