// The tariff: what a unit is, what units cost, up to when they are paid, and when the next is asked for and due.
// The only place of these rules (charging rules 2 to 4).
import { Call, PER_MINUTE } from './call';
import { AHEAD_MS } from './limits';

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
