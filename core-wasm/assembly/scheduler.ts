// Which call's deadline has come: one array of deadlines is scanned, and only the calls that are due are touched.
import { billableAt, rebaseHistory } from './billable';
import { Call, FREE, NEVER } from './call';
import { BLOCK, callAt, deadlines, setDeadline, slotsToScan } from './calls';
import { nextDeadline, settle } from './deadlines';
import { rebaseProbes } from './evidence';
import { hasRoom } from './events';
import { REBASE_MS } from './limits';
import { earlier, moveBase } from './time-base';

/** Moves the base by REBASE_MS. Every call must have been settled up to `rebaseDueMs()`. */
export function rebase(): void {
  moveBase();
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
