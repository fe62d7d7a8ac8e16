// Why the meter does not run. Reasons are bits: overlapping ones count once, and the meter runs again
// when the last has ended. A pause is dated back to when its fault began, not when it was noticed.
import { billableAt, run, stopSince } from './billable';
import { Call, LIVE } from './calls';
import { absolute } from './clock';
import { emit, PAUSED, RESUMED } from './events';
import { clearLow } from './funds';

export const SLOW_LINK: u8 = 1;
export const NO_MEDIA: u8 = 2;
export const RECONNECTING: u8 = 4;
export const MODEL_WAIVED: u8 = 8;
export const LEDGER_WAIT: u8 = 16;

/** Begins a pause whose fault began at `since`. False when the reason is in force already. */
export function begin(call: Call, reason: u8, since: i32, at: i32): bool {
  if (call.reasons & reason) return false;
  call.reasons |= reason;
  const from = stopSince(call, min(since, at));
  emit(PAUSED, call, at, call.billableMs, <f64>reason, absolute(from), <f64>call.reasons);
  return true;
}

/** Ends a pause; the meter runs from `at` if it was the last. False when the reason is not in force. */
export function end(call: Call, reason: u8, at: i32): bool {
  if (!(call.reasons & reason)) return false;
  call.reasons &= ~reason;
  runIfNothingPauses(call, at);
  emit(RESUMED, call, at, billableAt(call, at), <f64>reason, 0, <f64>call.reasons);
  return true;
}

export function runIfNothingPauses(call: Call, at: i32): void {
  if (call.state == LIVE && call.reasons == 0 && !call.running) run(call, at);
}

export function isWaived(call: Call): bool {
  return (call.reasons & MODEL_WAIVED) != 0;
}

/** Charging rule 8: free from now on. Nothing waits for money any more. */
export function waive(call: Call, at: i32): bool {
  if (!begin(call, MODEL_WAIVED, at, at)) return false;
  end(call, LEDGER_WAIT, at);
  clearLow(call, at);
  return true;
}
