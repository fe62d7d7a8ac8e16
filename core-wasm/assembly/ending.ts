// How a call ends, and what it still costs (charging rule 5).
import { stop } from './billable';
import { BY_CLIENT, Call, CLOSED, CLOSING } from './calls';
import { chargedMinor, paidUntilMs } from './charging';
import { CLOSED_EVENT, emit, MINIMUM_DUE } from './events';
import { isWaived } from './pauses';

/**
 * Ends the call at `at`. A charge that is with the ledger fell due before: the call stays `closing`
 * until it is known, so that the minimum's rest and the receipt count what was really charged.
 */
export function close(call: Call, by: u8, at: i32): void {
  if (call.running) stop(call, at);
  call.state = CLOSING;
  call.endedBy = by;
  call.endedAt = at;
  if (!call.pending) finishClose(call);
}

export function finishClose(call: Call): void {
  call.state = CLOSED;
  // Only a call found again and never restarted can have used more than is paid; it is nobody's debt.
  call.billableMs = min(call.billableMs, paidUntilMs(call));
  const rest = minimumRestMinor(call);
  if (rest > 0) emit(MINIMUM_DUE, call, call.endedAt, call.billableMs, 0, <f64>rest);
  emit(
    CLOSED_EVENT,
    call,
    call.endedAt,
    call.billableMs,
    <f64>call.unitsCharged,
    <f64>chargedMinor(call),
    <f64>call.endedBy,
    <f64>call.outOfFunds,
  );
}

/** Charging rule 5: rate · minimum − charged so far, if the client ended a call that had begun and was not waived. */
function minimumRestMinor(call: Call): i64 {
  if (call.endedBy != BY_CLIENT || !call.wasLive || isWaived(call)) return 0;
  return <i64>call.rateMinor * <i64>call.minimumMin - chargedMinor(call);
}
