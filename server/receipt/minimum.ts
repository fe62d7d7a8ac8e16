import type { MinimumWhy } from '../contract/index.ts';
import type { Fault, FaultCode } from './faults.ts';
import type { Line } from './lines.ts';
import type { ReceiptTerms } from './tariff.ts';

export const MODEL_FAULT_MS = 10_000;

/** What the events say of how the call ended. */
export interface Ending {
  readonly endedBy: string;
  readonly isWaived: boolean;
  readonly wasLive: boolean;
  /** How long a cause on the model's side had been in force, at least and at most. */
  readonly faultMs: { readonly least: number; readonly most: number };
  readonly chargedMinor: number;
}

export interface MinimumAnswer {
  readonly why: MinimumWhy;
  readonly dueMinor: number;
  readonly amountMinor: number;
}

/** Charging rule 5, and what the log says became of it. */
export function judgeMinimum(
  ending: Ending,
  terms: ReceiptTerms,
  closed: Line | undefined,
  taken: readonly Line[],
  faults: Fault[],
): MinimumAnswer {
  const fault = (code: FaultCode, sentence: string, line: Line | undefined) =>
    faults.push({ code, sentence, seq: line?.seq ?? null });
  const rest = ending.wasLive ? terms.rateMinor * terms.minimumMin - ending.chargedMinor : 0;
  const said = closed?.detail.minimum;
  // Logs of older versions say no reason, and knew no fault on the model's side.
  const why = whyOf(ending, rest, said);
  if (said !== undefined && said !== why)
    fault('minimum_why_wrong', `the log says "${said}" of the minimum; by rule 5 it is "${why}"`, closed);
  const cap = closed?.detail.minimumCappedBy;
  const dueMinor = why === 'due' ? Math.min(rest, typeof cap === 'number' ? cap : rest) : 0;
  const claimed = closed?.detail.minimumDueMinor;
  if (said !== undefined && claimed !== dueMinor)
    fault('minimum_due_wrong', `the log says that ${claimed} of the minimum is due; it is ${dueMinor}`, closed);
  const [first, second] = taken;
  const amountMinor = taken.reduce((sum, { detail }) => sum + Number(detail.amountMinor), 0);
  if (second) fault('minimum_twice', 'the rest of the minimum is taken twice', second);
  if (first && why !== 'due')
    fault('minimum_not_due', `${amountMinor} of the minimum is taken, and none is due: ${why} (rule 5)`, first);
  else if (first && amountMinor > dueMinor)
    fault('minimum_too_high', `${amountMinor} of the minimum is taken; its rest is ${dueMinor} (rule 5)`, first);
  return { why, dueMinor, amountMinor };
}

function whyOf({ endedBy, isWaived, faultMs }: Ending, rest: number, said: unknown): MinimumWhy {
  if (rest <= 0) return 'none';
  if (endedBy === 'model') return 'model_ended';
  if (endedBy !== 'client') return 'appliance_ended';
  if (isWaived) return 'waived';
  if (said === undefined || faultMs.most < MODEL_FAULT_MS) return 'due';
  if (faultMs.least >= MODEL_FAULT_MS) return 'model_fault';
  return said === 'model_fault' ? 'model_fault' : 'due';
}
