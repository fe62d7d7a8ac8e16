// Why the meter does not run. Reasons are bits: overlapping ones count once, and the meter runs again
// when the last has ended. A pause is dated back to when its fault began, not when it was noticed.
import { billableAt, run, stopSince } from './billable';
import { Call, LIVE } from './call';
import { emit, PAUSED, RESUMED, STARTED } from './events';
import {
  APPLIANCE_RECONNECTING,
  CLIENT_NO_MEDIA,
  CLIENT_RECONNECTING,
  LEDGER_WAIT,
  MODEL_FAULTS,
  NO_MEDIA,
  RECONNECTING,
} from './reasons';
import { absolute } from './time-base';

/** Reasons that a call is opened with and that its log has not named yet. */
const EMITTED_AT_START: u8 =
  NO_MEDIA | RECONNECTING | CLIENT_NO_MEDIA | CLIENT_RECONNECTING | APPLIANCE_RECONNECTING;

/** Begins a pause whose fault began at `since`. False when the reason is in force already. */
export function begin(call: Call, reason: u8, since: i32, at: i32): bool {
  if (call.reasons & reason) return false;
  endQuiet(call);
  const hadFault = (call.reasons & MODEL_FAULTS) != 0;
  call.reasons |= reason;
  const from = stopSince(call, min(since, at));
  if (reason & MODEL_FAULTS) call.modelFaultSince = hadFault ? min(call.modelFaultSince, from) : from;
  emit(PAUSED, call, at, call.billableMs, <f64>reason, absolute(from), <f64>call.reasons);
  return true;
}

/** Ends a pause; the meter runs from `at` if it was the last. False when the reason is not in force. */
export function end(call: Call, reason: u8, at: i32): bool {
  if (!(call.reasons & reason)) return false;
  const wasQuiet = call.isQuiet && reason == LEDGER_WAIT;
  call.isQuiet = call.isQuiet && !wasQuiet;
  call.reasons &= ~reason;
  runIfNothingPauses(call, at);
  if (wasQuiet) emitStarted(call, at);
  else emit(RESUMED, call, at, billableAt(call, at), <f64>reason, 0, <f64>call.reasons);
  return true;
}

/** The first unit is with the ledger: for a moment nobody is told that the meter waits, it starts with the answer. */
export function waitQuietly(call: Call, at: i32): void {
  call.reasons |= LEDGER_WAIT;
  call.isQuiet = true;
  stopSince(call, at);
}

/** The ledger takes longer, or something else happens: the wait is told from its beginning. */
export function endQuiet(call: Call): void {
  if (!call.isQuiet) return;
  call.isQuiet = false;
  const since = call.changedAt;
  emitStarted(call, since);
  emit(PAUSED, call, max(since, call.seenAt), call.billableMs, <f64>LEDGER_WAIT, absolute(since), <f64>call.reasons);
}

function emitStarted(call: Call, at: i32): void {
  call.isStarted = true;
  emit(STARTED, call, at, call.billableMs);
}

/** The call's live time begins; what kept its meter from the first moment is told after that. */
export function started(call: Call, at: i32): void {
  emitStarted(call, at);
  emitPauses(call, at);
}

/** Pauses that a call is opened with, and that its log has not named yet. */
export function emitPauses(call: Call, at: i32): void {
  for (let bit: i32 = 1; bit < 256; bit <<= 1) {
    const reason = <u8>(bit & <i32>call.reasons & <i32>EMITTED_AT_START);
    if (reason != 0) emit(PAUSED, call, at, call.billableMs, <f64>reason, absolute(at), <f64>call.reasons);
  }
}

export function runIfNothingPauses(call: Call, at: i32): void {
  if (call.state == LIVE && call.reasons == 0 && !call.running) run(call, at);
}



