// When the money runs out: the suspension, its grace, the restart.
import { stop } from './billable';
import { BY_CLIENT, Call, LIVE, SUSPENDED } from './call';
import { askLedger } from './charges';
import { close } from './ending';
import { emit, GRACE_OVER, RESTARTED, SUSPENDED_EVENT } from './events';
import { end, runIfNothingPauses } from './pauses';
import { LEDGER_WAIT } from './reasons';
import { absolute } from './time-base';

let graceMs: i32 = 0;

/** How long a suspended call waits for money, ms. */
export function setGraceMs(grace: i32): void {
  graceMs = grace;
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
