// Billable time: the part of the live time in which the meter runs.
//
// A call keeps the times of its run and stop changes and its billable time at the newest. Changes alternate, so
// everything before follows from the times alone, and a pause that is noticed late is dated back exactly by
// forgetting the changes that came after its fault.
import { Call, NEVER } from './call';
import { isMuted } from './events';
import { keepChange, rebaseChanges, takeChange } from './history';

/** Billable time at `at`, which must not lie before the newest change. */
export function billableAt(call: Call, at: i32): i64 {
  if (!call.running) return call.billableMs;
  assert(at >= call.changedAt);
  return call.billableMs + <i64>at - <i64>call.changedAt;
}

/** When billable time will be `target` if nothing intervenes; now if it is already, NEVER if it stands. */
export function timeOfBillable(call: Call, target: i64): i32 {
  if (!call.running) return NEVER;
  const at = <i64>call.changedAt + target - call.billableMs;
  if (at <= <i64>call.seenAt) return call.seenAt;
  return at < <i64>NEVER ? <i32>at : NEVER;
}

/** The first change of a call's live time; it runs or stands from `at`. */
export function beginHistory(call: Call, at: i32, running: bool): void {
  call.changes = 1;
  call.changedAt = at;
  call.running = running;
}

export function run(call: Call, at: i32): void {
  assert(!call.running);
  push(call, at);
}

/** The meter stands from now on. */
export function stop(call: Call, at: i32): void {
  assert(call.running);
  call.billableMs = billableAt(call, at);
  push(call, at);
}

/**
 * The meter has stood since `since`, whatever we thought until now: billable time is cut back to
 * that moment. Returns the moment that was taken.
 */
export function stopSince(call: Call, since: i32): i32 {
  while (call.changes > 1 && call.changedAt >= since && pop(call)) {}
  const from = max(since, call.changedAt);
  if (call.running) stop(call, from);
  return from;
}

/** The meter has stood since billable time reached `target`. Returns when that was. */
export function stopAtBillable(call: Call, target: i64): i32 {
  while (call.changes > 1 && call.billableMs >= target && pop(call)) {}
  const newest = call.changedAt;
  if (call.billableMs >= target) {
    call.billableMs = target;
    if (call.running) push(call, newest);
    return newest;
  }
  assert(call.running);
  const at = newest + <i32>(target - call.billableMs);
  stop(call, at);
  return at;
}

function push(call: Call, at: i32): void {
  assert(at >= call.changedAt);
  // A question that is played through on the scratch record must leave the call's own chunks alone.
  if (!isMuted()) {
    keepChange(call, call.changedAt);
    call.changes++;
  }
  call.changedAt = at;
  call.running = !call.running;
}

/** Forgets the newest change: what came before it holds on. False on the scratch record, which goes forward only. */
function pop(call: Call): bool {
  assert(call.changes > 1);
  if (isMuted()) return false;
  const at = takeChange(call);
  if (!call.running) call.billableMs -= <i64>call.changedAt - <i64>at;
  call.changedAt = at;
  call.changes--;
  call.running = !call.running;
  return true;
}

/** Moves the call's history when the clock is re-based; nothing is kept from before `floor`. */
export function rebaseHistory(call: Call, byMs: i32, floor: i32): void {
  if (call.changes == 0) return;
  rebaseChanges(call, byMs, floor);
  const at = <i64>call.changedAt - <i64>byMs;
  if (at < <i64>floor && call.running) call.billableMs += <i64>floor - at;
  call.changedAt = <i32>max<i64>(at, <i64>floor);
}
