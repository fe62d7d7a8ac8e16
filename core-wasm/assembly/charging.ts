// Charges: when a unit of the tariff is asked for and falls due, what it costs, and what the ledger's answer means.
// One charge of a call is with the ledger at a time; its key is (call, unit).
import { billableAt, stopAtBillable } from './billable';
import { Call, CLOSING, LIVE, PER_MINUTE, SUSPENDED } from './calls';
import { closeWhenKnown } from './ending';
import { CHARGE_DUE, CHARGED, emit, RELEASE_DUE } from './events';
import { restarted, suspend } from './funds';
import { AHEAD_MS } from './limits';
import { begin, end, endQuiet, isWaived, LEDGER_WAIT, waitQuietly } from './pauses';

export function unitMs(call: Call): i64 {
  return call.tariff == PER_MINUTE ? 60_000 : 1_000;
}

/** Billable time that is paid for. */
export function paidUntilMs(call: Call): i64 {
  return <i64>call.unitsPosted * unitMs(call);
}

/** What the first `units` units cost together: charging rule 2 (minutes) or rule 3 (`ceil(rate · s / 60)`). */
export function priceOf(call: Call, units: i64): i64 {
  const price = <i64>call.rateMinor * units;
  return call.tariff == PER_MINUTE ? price : (price + 59) / 60;
}

/** What has fallen due. */
export function chargedMinor(call: Call): i64 {
  return priceOf(call, call.unitsCharged);
}

/** What the ledger has taken, a unit ahead of its time included. */
export function postedMinor(call: Call): i64 {
  return priceOf(call, call.unitsPosted);
}

export function nextAmountMinor(call: Call): i64 {
  return priceOf(call, <i64>call.unitsPosted + 1) - postedMinor(call);
}

/** Of a call found again only the units that cost something are known: the free ones used since are counted here. */
export function countFreeUnits(call: Call): void {
  while (call.billableMs > paidUntilMs(call) && nextAmountMinor(call) == 0) call.unitsPosted++;
  while (call.unitsCharged < call.unitsPosted && call.billableMs >= dueFromMs(call)) {
    if (priceOf(call, <i64>call.unitsCharged + 1) != chargedMinor(call)) return;
    call.unitsCharged++;
  }
}

/** The billable time from which the next unit is asked for: up to AHEAD_MS before it falls due (charging rule 4). */
export function askFromMs(call: Call): i64 {
  return paidUntilMs(call) - AHEAD_MS + 1;
}

/** The billable time at which the next posted unit falls due (charging rules 2 and 3). */
export function dueFromMs(call: Call): i64 {
  return <i64>call.unitsCharged * unitMs(call) + 1;
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

/** Sends the next unit to the ledger, which has `waitMs` before the wait is felt. */
export function askLedger(call: Call, at: i32, waitMs: i64): void {
  assert(!call.pending);
  call.pending = true;
  const unit = <f64>call.unitsPosted + 1;
  emit(CHARGE_DUE, call, at, billableAt(call, at), unit, <f64>nextAmountMinor(call), <f64>max<i64>(waitMs, 0));
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

/** What is paid is used up and the ledger has not answered: the meter stands, and no time is given away. */
export function waitForLedger(call: Call, at: i32): void {
  if (!call.isStarted && call.reasons == 0) waitQuietly(call, at);
  else begin(call, LEDGER_WAIT, at, at);
}

/** The ledger has posted the pending unit. */
export function posted(call: Call, balanceMinor: i64, at: i32): void {
  call.pending = false;
  call.unitsPosted++;
  call.balanceMinor = balanceMinor;
  if (call.state == CLOSING) closeWhenKnown(call, at);
  else if (call.state == SUSPENDED) restarted(call, at);
  else if (isWaived(call)) releaseAhead(call, at);
  else end(call, LEDGER_WAIT, at);
}

/** The ledger has refused the pending unit for want of funds. */
export function refused(call: Call, balanceMinor: i64, at: i32): void {
  call.pending = false;
  call.balanceMinor = balanceMinor;
  // A restart that is refused changes nothing: the grace goes on as it was.
  if (call.state == SUSPENDED) return;
  if (call.state == CLOSING) return closeWhenKnown(call, at);
  if (isWaived(call)) return;
  endQuiet(call);
  const usedMs = billableAt(call, at);
  if (usedMs >= paidUntilMs(call)) suspend(call, stopAtBillable(call, paidUntilMs(call)), at);
  else {
    // Paid time is left, since the unit was asked for ahead or a pause was dated back: media does not stop before
    // its end. Where that is far off, the ledger is asked once more.
    call.isRefused = usedMs >= askFromMs(call);
    end(call, LEDGER_WAIT, at);
  }
}

/** A unit that was refused ahead of its time and is covered by now is asked for again. */
export function askAgainIfCovered(call: Call): void {
  if (call.isRefused && call.balanceMinor >= nextAmountMinor(call)) call.isRefused = false;
}

/** The paid time is used up and the next unit was refused before (charging rules, "When the money runs out"). */
export function fundsAreUsedUp(call: Call, at: i32): void {
  suspend(call, stopAtBillable(call, paidUntilMs(call)), at);
}
