// Billable time: the part of the live time in which the meter runs.
//
// A call keeps the times of its last run and stop changes, newest first, and its billable time at
// the newest. Changes alternate, so everything before follows from the times alone, and a pause
// that is noticed late can be dated back by forgetting the changes that came after its fault.
import { Call, NEVER } from './calls';
import { CHANGES_KEPT } from './limits';

function changeAt(call: Call, index: i32): i32 {
  assert(index < <i32>call.changes);
  return load<i32>(changetype<usize>(call) + offsetof<Call>('change0') + (<usize>index << 2));
}

function setChange(call: Call, index: i32, at: i32): void {
  store<i32>(changetype<usize>(call) + offsetof<Call>('change0') + (<usize>index << 2), at);
}

/** Billable time at `at`, which must not lie before the newest change. */
export function billableAt(call: Call, at: i32): i64 {
  if (!call.running) return call.billableMs;
  assert(at >= changeAt(call, 0));
  return call.billableMs + <i64>at - <i64>changeAt(call, 0);
}

/** When billable time will be `target` if nothing intervenes; now if it is already, NEVER if it stands. */
export function timeOfBillable(call: Call, target: i64): i32 {
  if (!call.running) return NEVER;
  const at = <i64>changeAt(call, 0) + target - call.billableMs;
  if (at <= <i64>call.seenAt) return call.seenAt;
  return at < <i64>NEVER ? <i32>at : NEVER;
}

/** The first change of a call's live time; it runs or stands from `at`. */
export function beginHistory(call: Call, at: i32, running: bool): void {
  call.changes = 1;
  setChange(call, 0, at);
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
 * that moment, at most to the oldest change that is remembered. Returns the moment that was taken.
 */
export function stopSince(call: Call, since: i32): i32 {
  while (call.changes > 1 && changeAt(call, 0) >= since) pop(call);
  const from = max(since, changeAt(call, 0));
  if (call.running) stop(call, from);
  return from;
}

/** The meter has stood since billable time reached `target`. Returns when that was. */
export function stopAtBillable(call: Call, target: i64): i32 {
  while (call.changes > 1 && call.billableMs >= target) pop(call);
  const newest = changeAt(call, 0);
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
  assert(at >= changeAt(call, 0));
  const first = changetype<usize>(call) + offsetof<Call>('change0');
  memory.copy(first + 4, first, <usize>(CHANGES_KEPT - 1) << 2);
  setChange(call, 0, at);
  if (<i32>call.changes < CHANGES_KEPT) call.changes++;
  call.running = !call.running;
}

/** Forgets the newest change: what came before it holds on. */
function pop(call: Call): void {
  assert(call.changes > 1);
  if (!call.running) call.billableMs -= <i64>changeAt(call, 0) - <i64>changeAt(call, 1);
  const first = changetype<usize>(call) + offsetof<Call>('change0');
  memory.copy(first, first + 4, <usize>(CHANGES_KEPT - 1) << 2);
  call.changes--;
  call.running = !call.running;
}

/** Moves the call's history when the clock is re-based; what would fall before `floor` is let go. */
export function rebaseHistory(call: Call, byMs: i32, floor: i32): void {
  if (call.changes == 0) return;
  for (let i = 0; i < <i32>call.changes; i++) {
    const at = <i64>changeAt(call, i) - <i64>byMs;
    if (at < <i64>floor) {
      if (i > 0) {
        call.changes = <u8>i;
        return;
      }
      if (call.running) call.billableMs += <i64>floor - at;
      setChange(call, 0, floor);
      call.changes = 1;
      return;
    }
    setChange(call, i, <i32>at);
  }
}
