// Charges: a unit is asked of the ledger, falls due, or is given back. One charge of a call is with the ledger at a
// time; its key is (call, unit).
import { billableAt } from './billable';
import { Call } from './call';
import { CHARGE_DUE, CHARGED, emit, RELEASE_DUE } from './events';
import { chargedMinor, dueFromMs, nextAmountMinor, paidUntilMs, postedMinor } from './tariff';

/** Sends the next unit to the ledger, which has `waitMs` before the wait is felt. */
export function askLedger(call: Call, at: i32, waitMs: i64): void {
  assert(!call.pending);
  call.pending = true;
  const unit = <f64>call.unitsPosted + 1;
  emit(CHARGE_DUE, call, at, billableAt(call, at), unit, <f64>nextAmountMinor(call), <f64>max<i64>(waitMs, 0));
}

/**
 * The next unit is wanted. Under rule 3 a second of a cheap rate can cost nothing: it counts as posted
 * without an event, since a transfer of zero is none and the price of a second follows from its number.
 */
export function wantUnit(call: Call, at: i32): void {
  if (nextAmountMinor(call) == 0) {
    call.unitsPosted++;
    return;
  }
  askLedger(call, at, paidUntilMs(call) - billableAt(call, at));
}

/** A posted unit falls due: from now on it is what the call costs. */
export function unitIsDue(call: Call, at: i32): void {
  const before = chargedMinor(call);
  call.unitsCharged++;
  const amount = chargedMinor(call) - before;
  if (amount > 0) emit(CHARGED, call, at, billableAt(call, at), <f64>call.unitsCharged, <f64>amount);
}

/** Of a call found again and never started: units that had fallen due by its billable time, and that nobody heard of. */
export function chargeWhatIsUsed(call: Call, at: i32): void {
  while (call.unitsCharged < call.unitsPosted && call.billableMs >= dueFromMs(call)) unitIsDue(call, at);
}

/** What was posted ahead and will never fall due is given back (charging rule 4). */
export function releaseAhead(call: Call, at: i32): void {
  chargeWhatIsUsed(call, at);
  const amount = postedMinor(call) - chargedMinor(call);
  const first = <f64>call.unitsCharged + 1;
  const last = <f64>call.unitsPosted;
  call.unitsPosted = call.unitsCharged;
  if (amount > 0) emit(RELEASE_DUE, call, at, billableAt(call, at), first, last, <f64>amount);
}
