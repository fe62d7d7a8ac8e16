// The model stops the meter for good (charging rule 8).
import { Call } from './call';
import { releaseAhead } from './charges';
import { clearLow } from './low-funds';
import { begin, end } from './pauses';
import { LEDGER_WAIT, MODEL_WAIVED } from './reasons';

/** Charging rule 8: free from now on. Nothing waits for money any more. */
export function waive(call: Call, at: i32): bool {
  if (!begin(call, MODEL_WAIVED, at, at)) return false;
  end(call, LEDGER_WAIT, at);
  clearLow(call, at);
  if (!call.pending) releaseAhead(call, at);
  return true;
}
