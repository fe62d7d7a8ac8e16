// When the money runs out: the warning, the suspension, its grace, the restart.
import { billableAt, stop } from './billable';
import { BY_CLIENT, Call, LIVE, PER_MINUTE, SUSPENDED } from './calls';
import { askLedger, paidUntilMs, postedMinor, unitMs } from './charging';
import { absolute } from './clock';
import { close } from './ending';
import { emit, GRACE_OVER, LOW_OFF, LOW_ON, RESTARTED, SUSPENDED_EVENT } from './events';
import { UNITS_AHEAD_MAX } from './limits';
import { end, isWaived, LEDGER_WAIT, runIfNothingPauses } from './pauses';

let graceMs: i32 = 0;
let lowMs: i32 = 0;

export function setFunds(grace: i32, low: i32): void {
  graceMs = grace;
  lowMs = low;
}

/** Further units that the balance pays for. Per second: the most s with priceOf(units + s) within it. */
function unitsAhead(call: Call): i64 {
  const rate = <i64>call.rateMinor;
  if (call.tariff == PER_MINUTE) return min(call.balanceMinor / rate, UNITS_AHEAD_MAX);
  const inAll = ((call.balanceMinor + postedMinor(call)) * 60) / rate;
  return min(inAll - <i64>call.unitsPosted, UNITS_AHEAD_MAX);
}

/** The billable time that paid time and balance together reach to. */
function coveredUntilMs(call: Call): i64 {
  return paidUntilMs(call) + unitsAhead(call) * unitMs(call);
}

export function timeLeftMs(call: Call, at: i32): i64 {
  return max<i64>(coveredUntilMs(call) - billableAt(call, at), 0);
}

/** The billable time from which the client is low. */
export function lowFromMs(call: Call): i64 {
  return coveredUntilMs(call) - <i64>lowMs + 1;
}

/**
 * Low: balance and paid time together cover less than `lowMs`. Not judged while a charge is with
 * the ledger: the balance may or may not hold it already, and the answer tells.
 */
export function judgeLow(call: Call, at: i32): void {
  if (call.state != LIVE || call.pending || isWaived(call)) return;
  const left = timeLeftMs(call, at);
  const isLow = left < <i64>lowMs;
  if (isLow == call.isLow) return;
  call.isLow = isLow;
  emit(isLow ? LOW_ON : LOW_OFF, call, at, billableAt(call, at), <f64>left);
}

/** After a waiver nobody is low. */
export function clearLow(call: Call, at: i32): void {
  if (!call.isLow) return;
  call.isLow = false;
  emit(LOW_OFF, call, at, billableAt(call, at), -1);
}

/**
 * The next unit is refused and the paid time was used up at `usedUpAt`: media stops there. The grace starts when
 * that is known, so that a slow ledger costs the client nothing of it.
 */
export function suspend(call: Call, usedUpAt: i32, at: i32): void {
  if (call.running) stop(call, usedUpAt);
  call.state = SUSPENDED;
  call.isRefused = false;
  call.graceEndsAt = at + graceMs;
  end(call, LEDGER_WAIT, at);
  emit(SUSPENDED_EVENT, call, usedUpAt, call.billableMs, <f64>call.unitsPosted + 1, absolute(call.graceEndsAt));
}

/** The client restarts: the refused charge is taken first. */
export function restart(call: Call, at: i32): void {
  askLedger(call, at, <i64>call.graceEndsAt - <i64>at);
}

/** The refused charge was taken: billable time goes on where it stood. */
export function restarted(call: Call, at: i32): void {
  call.state = LIVE;
  runIfNothingPauses(call, at);
  emit(RESTARTED, call, at, call.billableMs, <f64>call.unitsPosted, 0, <f64>call.reasons);
}

/** The grace is over: the call ends with `out_of_funds`, and rule 5 holds as if the client had ended it. */
export function graceIsOver(call: Call, at: i32): void {
  call.outOfFunds = true;
  emit(GRACE_OVER, call, at, call.billableMs);
  close(call, BY_CLIENT, at, false);
}

/** What is left of the grace; a restart's charge that is with the ledger holds it at 0. */
export function graceLeftMs(call: Call, at: i32): i64 {
  return max<i64>(<i64>call.graceEndsAt - <i64>at, 0);
}
