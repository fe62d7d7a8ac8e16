// How long the client's money lasts, and the warning before it ends.
import { billableAt } from './billable';
import { Call, LIVE, PER_MINUTE } from './call';
import { emit, LOW_OFF, LOW_ON } from './events';
import { UNITS_AHEAD_MAX } from './limits';
import { isWaived } from './reasons';
import { paidUntilMs, postedMinor, unitMs } from './tariff';

let lowMs: i32 = 0;

/** From how much time left on the client is warned, ms. */
export function setLowMs(low: i32): void {
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
