// Charges: when a unit of the tariff falls due, what it costs, and what the ledger's answer means.
// One charge of a call is with the ledger at a time; its key is (call, unit).
import { billableAt, run, stopAtBillable } from './billable';
import { Call, CLOSING, LIVE, PER_MINUTE, SUSPENDED } from './calls';
import { finishClose } from './ending';
import { CHARGE_DUE, emit } from './events';
import { restarted, suspend } from './funds';
import { CHARGE_WAIT_MS } from './limits';
import { begin, end, isWaived, LEDGER_WAIT } from './pauses';

export function unitMs(call: Call): i64 {
  return call.tariff == PER_MINUTE ? 60_000 : 1_000;
}

/** Billable time that is paid for. */
export function paidUntilMs(call: Call): i64 {
  return <i64>call.unitsCharged * unitMs(call);
}

/** What the first `units` units cost together: charging rule 2 (minutes) or rule 3 (`ceil(rate · s / 60)`). */
export function priceOf(call: Call, units: i64): i64 {
  const price = <i64>call.rateMinor * units;
  return call.tariff == PER_MINUTE ? price : (price + 59) / 60;
}

export function chargedMinor(call: Call): i64 {
  return priceOf(call, call.unitsCharged);
}

export function nextAmountMinor(call: Call): i64 {
  return priceOf(call, <i64>call.unitsCharged + 1) - chargedMinor(call);
}

/** Of a call found again only the units that cost something are known: the free ones used since are counted here. */
export function countFreeUnits(call: Call): void {
  while (call.billableMs > paidUntilMs(call) && nextAmountMinor(call) == 0) call.unitsCharged++;
}

/**
 * The next unit is due. Under rule 3 a second of a cheap rate can cost nothing: it counts as charged
 * without an event, since a transfer of zero is none and the price of a second follows from its number.
 */
export function chargeIsDue(call: Call, at: i32): void {
  if (nextAmountMinor(call) == 0) {
    call.unitsCharged++;
    return;
  }
  askLedger(call, at, paidUntilMs(call) + CHARGE_WAIT_MS - billableAt(call, at));
}

/** Sends the next unit to the ledger, which has `waitMs` before the wait is felt. */
export function askLedger(call: Call, at: i32, waitMs: i64): void {
  assert(!call.pending);
  call.pending = true;
  const unit = <f64>call.unitsCharged + 1;
  emit(CHARGE_DUE, call, at, billableAt(call, at), unit, <f64>nextAmountMinor(call), <f64>max<i64>(waitMs, 0));
}

/** No answer for CHARGE_WAIT_MS past the end of paid time: the meter stands, and no time is given away. */
export function waitForLedger(call: Call, at: i32): void {
  begin(call, LEDGER_WAIT, at, at);
}

/** The ledger has posted the pending unit. */
export function posted(call: Call, balanceMinor: i64, at: i32): void {
  call.pending = false;
  call.unitsCharged++;
  call.balanceMinor = balanceMinor;
  if (call.state == CLOSING) finishClose(call);
  else if (call.state == SUSPENDED) restarted(call, at);
  else end(call, LEDGER_WAIT, at);
}

/** The ledger has refused the pending unit for want of funds. */
export function refused(call: Call, balanceMinor: i64, at: i32): void {
  call.pending = false;
  call.balanceMinor = balanceMinor;
  // A restart that is refused changes nothing: the grace goes on as it was.
  if (call.state == SUSPENDED) return;
  const isUsedUp = billableAt(call, at) >= paidUntilMs(call);
  const usedUpAt = isUsedUp ? stopAtBillable(call, paidUntilMs(call)) : at;
  if (call.state == CLOSING) finishClose(call);
  else if (isUsedUp && !isWaived(call)) suspend(call, usedUpAt, at);
  // A pause dated back has left paid time to use: media does not stop before its end, and the
  // unit falls due again there. After a waiver no money is needed at all.
  else end(call, LEDGER_WAIT, at);
}
