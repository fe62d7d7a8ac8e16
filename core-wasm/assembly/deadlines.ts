// What falls due in a call by the passing of time alone, and when. A call is settled deadline by
// deadline, each stamped with its own time: how often the host ticks changes nothing.
import { billableAt, timeOfBillable } from './billable';
import { Call, CLOSING, LIVE, NEVER, SUSPENDED } from './call';
import { unitIsDue, wantUnit } from './charges';
import { finishClose } from './ending';
import { fundsAreUsedUp, waitForLedger } from './ledger-answers';
import { QUIET_MS } from './limits';
import { judgeLow, lowFromMs } from './low-funds';
import { endQuiet } from './pauses';
import { isWaived } from './reasons';
import { graceIsOver } from './suspension';
import { askFromMs, dueFromMs, paidUntilMs } from './tariff';

export function nextDeadline(call: Call): i32 {
  if (call.state == SUSPENDED) {
    // A restart's charge may have been posted: the grace does not end before the ledger has answered.
    return call.pending ? NEVER : max(call.graceEndsAt, call.seenAt);
  }
  if (call.state == CLOSING) return call.pending ? NEVER : max(call.closesAt, call.seenAt);
  if (call.isQuiet) return max(call.changedAt + QUIET_MS, call.seenAt);
  if (!call.running) return NEVER;
  // Only a live call's billable time runs, and of what stands nothing falls due.
  let at = call.unitsCharged < call.unitsPosted ? timeOfBillable(call, dueFromMs(call)) : NEVER;
  const nextMs = call.pending || call.isRefused ? paidUntilMs(call) : askFromMs(call);
  at = min(at, timeOfBillable(call, nextMs));
  if (!call.isLow && !call.pending) at = min(at, timeOfBillable(call, lowFromMs(call)));
  return at;
}

/** Lets everything happen to the call that falls due up to and at `until`. */
export function settle(call: Call, until: i32): void {
  for (let at = nextDeadline(call); at <= until; at = nextDeadline(call)) {
    assert(at >= call.seenAt);
    call.seenAt = at;
    fallDue(call, at);
  }
  check(call, until);
}

function fallDue(call: Call, at: i32): void {
  if (call.state == SUSPENDED) return graceIsOver(call, at);
  if (call.state == CLOSING) return finishClose(call);
  if (call.isQuiet) return endQuiet(call);
  const usedMs = billableAt(call, at);
  if (call.unitsCharged < call.unitsPosted && usedMs >= dueFromMs(call)) return unitIsDue(call, at);
  if (call.pending || call.isRefused) {
    if (usedMs >= paidUntilMs(call)) return call.pending ? waitForLedger(call, at) : fundsAreUsedUp(call, at);
  } else if (usedMs >= askFromMs(call)) return wantUnit(call, at);
  judgeLow(call, at);
}

/** What must hold of a settled call at any time. Asserted in debug builds only. */
function check(call: Call, until: i32): void {
  assert(call.running == (call.state == LIVE && call.reasons == 0));
  assert(call.billableMs >= 0 && call.balanceMinor >= 0);
  assert(call.unitsCharged <= call.unitsPosted);
  if (call.state != LIVE) return;
  // What is used is paid, always (charging rule 4).
  const used = billableAt(call, max(until, call.seenAt));
  assert(used <= paidUntilMs(call) || isWaived(call));
}
