// How a call ends, and what it still costs (charging rule 5).
import { stop } from './billable';
import { BY_CLIENT, BY_MODEL, Call, CLOSED, CLOSING } from './call';
import { chargeWhatIsUsed, releaseAhead } from './charges';
import { CLOSED_EVENT, emit, ENDED_BY_BOTH, MINIMUM_DUE } from './events';
import { BOTH_END_MS, MODEL_FAULT_MS } from './limits';
import { endQuiet } from './pauses';
import { isWaived, modelFaultMs } from './reasons';
import { chargedMinor, postedMinor } from './tariff';

// Why the rest of the minimum is taken or not; the last field of CLOSED_EVENT.
const NO_REST: i32 = 0;
const REST_DUE: i32 = 1;
const MODEL_ENDED: i32 = 2;
const APPLIANCE_ENDED: i32 = 3;
const WAIVED: i32 = 4;
const MODEL_FAULT: i32 = 5;

/**
 * Ends the call at `at`. A charge that is with the ledger is waited for, so that what was posted is known. Where the
 * rest of the minimum would fall due, the model has BOTH_END_MS to have ended the call herself.
 * @param isHangUp the client pressed, and was not merely gone or out of funds
 */
export function close(call: Call, by: u8, at: i32, isHangUp: bool): void {
  endQuiet(call);
  if (call.running) stop(call, at);
  chargeWhatIsUsed(call, at);
  call.state = CLOSING;
  call.endedBy = by;
  call.endedAt = at;
  // Credit that comes later is never touched; a unit that goes back is the client's again at this moment.
  call.minimumCapMinor = call.balanceMinor + postedMinor(call) - chargedMinor(call);
  call.closesAt = isHangUp && whyMinimum(call) == REST_DUE ? at + BOTH_END_MS : at;
  closeWhenKnown(call, at);
}

/** The model ends a call that its client ended a moment ago: then she ended it (charging rule 5). False when it is too late. */
export function endedByModelToo(call: Call, at: i32): bool {
  if (call.endedBy != BY_CLIENT || call.closesAt <= call.endedAt || at > call.closesAt) return false;
  call.endedBy = BY_MODEL;
  call.closesAt = call.endedAt;
  emit(ENDED_BY_BOTH, call, at, call.billableMs);
  closeWhenKnown(call, at);
  return true;
}

/** Closes for good once nothing is waited for any more. */
export function closeWhenKnown(call: Call, at: i32): void {
  if (!call.pending && call.closesAt <= at) finishClose(call);
}

export function finishClose(call: Call): void {
  call.state = CLOSED;
  releaseAhead(call, call.endedAt);
  const why = whyMinimum(call);
  const rest = why == REST_DUE ? min(minimumRestMinor(call), call.minimumCapMinor) : 0;
  if (rest > 0) {
    emit(MINIMUM_DUE, call, call.endedAt, call.billableMs, 0, <f64>rest, <f64>call.minimumCapMinor);
  }
  emit(
    CLOSED_EVENT,
    call,
    call.endedAt,
    call.billableMs,
    <f64>call.unitsCharged,
    <f64>chargedMinor(call),
    <f64>call.endedBy,
    <f64>((why << 1) | <i32>call.outOfFunds),
  );
}

function minimumRestMinor(call: Call): i64 {
  return call.wasLive ? <i64>call.rateMinor * <i64>call.minimumMin - chargedMinor(call) : 0;
}

/** Charging rule 5: rate · minimum − charged so far, if the client ended a call that had begun. */
function whyMinimum(call: Call): i32 {
  if (minimumRestMinor(call) <= 0) return NO_REST;
  if (call.endedBy == BY_MODEL) return MODEL_ENDED;
  if (call.endedBy != BY_CLIENT) return APPLIANCE_ENDED;
  if (isWaived(call)) return WAIVED;
  return modelFaultMs(call, call.endedAt) >= MODEL_FAULT_MS ? MODEL_FAULT : REST_DUE;
}
