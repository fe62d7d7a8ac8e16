// What falls due in a call by the passing of time alone, and when. A call is settled deadline by
// deadline, each stamped with its own time: how often the host ticks changes nothing.
import { billableAt, timeOfBillable } from './billable';
import { Call, LIVE, NEVER, SUSPENDED } from './calls';
import { chargeIsDue, paidUntilMs, waitForLedger } from './charging';
import { graceIsOver, judgeLow, lowFromMs } from './funds';
import { isWaived } from './pauses';
import { CHARGE_WAIT_MS } from './limits';

export function nextDeadline(call: Call): i32 {
  if (call.state == SUSPENDED) {
    // A restart's charge may have been posted: the grace does not end before the ledger has answered.
    return call.pending ? NEVER : max(call.graceEndsAt, call.seenAt);
  }
  // Only a live call's billable time runs, and of what stands nothing falls due: timeOfBillable is NEVER.
  const paidUntil = paidUntilMs(call);
  if (call.pending) return timeOfBillable(call, paidUntil + CHARGE_WAIT_MS);
  // Charging rules 2 and 3: due as soon as billable time is greater than what is paid.
  const chargeAt = timeOfBillable(call, paidUntil + 1);
  return call.isLow ? chargeAt : min(chargeAt, timeOfBillable(call, lowFromMs(call)));
}

/** Lets everything happen to the call that falls due up to and at `until`. */
export function settle(call: Call, until: i32): void {
  for (let at = nextDeadline(call); at <= until; at = nextDeadline(call)) {
    assert(at >= call.seenAt);
    call.seenAt = at;
    if (call.state == SUSPENDED) graceIsOver(call, at);
    else if (call.pending) waitForLedger(call, at);
    else if (billableAt(call, at) > paidUntilMs(call)) chargeIsDue(call, at);
    else judgeLow(call, at);
  }
  check(call, until);
}

/** What must hold of a settled call at any time. Asserted in debug builds only. */
function check(call: Call, until: i32): void {
  assert(call.running == (call.state == LIVE && call.reasons == 0));
  assert(call.billableMs >= 0 && call.balanceMinor >= 0);
  if (call.state != LIVE) return;
  // Charged = units(billable time): what is used is paid, but for what is with the ledger.
  const used = billableAt(call, max(until, call.seenAt)) - paidUntilMs(call);
  assert(used <= (call.pending ? <i64>CHARGE_WAIT_MS : 0) || isWaived(call) || !call.running);
}
