// Time. The host counts f64 milliseconds from anywhere; the core keeps i32 against a base, so that
// one deadline is four bytes and many are compared at once. Before the distance leaves
// the i32 the base is moved up and every stored time with it.
import { billableAt, rebaseHistory } from './billable';
import { BLOCK, Call, callAt, deadlines, FREE, NEVER, openCount, setDeadline, slotsToScan } from './calls';
import { nextDeadline, settle } from './deadlines';
import { rebaseProbes } from './evidence';
import { hasRoom } from './events';
import { REBASE_MS } from './limits';

let baseMs: f64 = 0;
let isSet: bool = false;

export function resetClock(): void {
  isSet = false;
}

/** False when the base has to be moved first: tick to `rebaseDueMs()`, then `rebase()`. */
export function reaches(atMs: f64): bool {
  if (!isSet || (openCount() == 0 && atMs - baseMs > <f64>REBASE_MS)) {
    baseMs = atMs;
    isSet = true;
  }
  return atMs - baseMs <= <f64>REBASE_MS;
}

export function rebaseDueMs(): f64 {
  return baseMs + <f64>REBASE_MS;
}

/** A host time against the base; a time too long ago is as long ago as can be told. */
export function relative(atMs: f64): i32 {
  return <i32>max<f64>(atMs - baseMs, -(<f64>REBASE_MS));
}

export function absolute(at: i32): f64 {
  return baseMs + <f64>at;
}

/** Moves the base by REBASE_MS. Every call must have been settled up to `rebaseDueMs()`. */
export function rebase(): void {
  baseMs += <f64>REBASE_MS;
  for (let slot = 0; slot < slotsToScan(); slot++) {
    const call = callAt(slot);
    if (call.state == FREE) continue;
    const billableBefore = billableAt(call, max(REBASE_MS, call.seenAt));
    call.seenAt = earlier(call.seenAt);
    call.graceEndsAt = earlier(call.graceEndsAt);
    call.endedAt = earlier(call.endedAt);
    call.closesAt = earlier(call.closesAt);
    call.modelFaultSince = earlier(call.modelFaultSince);
    rebaseHistory(call, REBASE_MS, -REBASE_MS);
    rebaseProbes(call);
    assert(billableAt(call, max(0, call.seenAt)) == billableBefore);
    setDeadline(slot, nextDeadline(call));
  }
}

export function earlier(at: i32): i32 {
  return <i32>max<i64>(<i64>at - <i64>REBASE_MS, -(<i64>REBASE_MS));
}

// @ts-ignore: decorator
@inline
function least16(least: v128, p: usize): v128 {
  least = i32x4.min_s(i32x4.min_s(least, v128.load(p)), v128.load(p, 16));
  return i32x4.min_s(i32x4.min_s(least, v128.load(p, 32)), v128.load(p, 48));
}

/** The least of 64 deadlines, in four lanes. One running minimum: more would spill registers and cost more. */
// @ts-ignore: decorator
@inline
function leastOf64(p: usize): v128 {
  return least16(least16(least16(least16(v128.load(p), p), p + 64), p + 128), p + 192);
}

/**
 * Settles every call whose deadline has come, from slot `from` on. Returns -1 when all are done,
 * or the slot at which it stopped because the ring is full: drain, then go on from there.
 */
export function tick(now: i32, from: i32): i32 {
  const nows = i32x4.splat(now);
  const end = slotsToScan();
  for (let slot = from & ~(BLOCK - 1); slot < end; slot += BLOCK) {
    const block = deadlines + (<usize>slot << 2);
    if (!v128.any_true(i32x4.le_s(leastOf64(block), nows))) continue;
    for (let i = 0; i < BLOCK; i++) {
      if (load<i32>(block + (<usize>i << 2)) > now) continue;
      if (!hasRoom()) return slot + i;
      settle(callAt(slot + i), now);
      setDeadline(slot + i, nextDeadline(callAt(slot + i)));
    }
  }
  return -1;
}

/** The earliest deadline of all calls, or NEVER. */
export function earliestDeadline(): i32 {
  let least = i32x4.splat(NEVER);
  const end = deadlines + (<usize>slotsToScan() << 2);
  for (let p = deadlines; p < end; p += 16) least = i32x4.min_s(least, v128.load(p));
  const a = min(i32x4.extract_lane(least, 0), i32x4.extract_lane(least, 1));
  const b = min(i32x4.extract_lane(least, 2), i32x4.extract_lane(least, 3));
  return min(a, b);
}
