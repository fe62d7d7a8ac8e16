// The metering core: the charging rules as a deterministic machine. This is its whole public API.
//
// Units. Times `…Ms` are f64 milliseconds on the host's monotonic clock, whole numbers, any base.
// Money `…Minor` is f64 whole minor units, 0 to 2^53 - 1. A handle is an f64 whole number that names
// one call for ever; once the call is released it is stale and touches nothing.
//
// Every input carries the time `atMs` at which it happened. The call is first settled, deadline by
// deadline, up to that time, then the input takes effect. A time before the call's last happening
// counts as that. Inputs return one of the codes below; events wait in the ring (events.ts).
import { beginHistory, billableAt } from './billable';
import { BY_MODEL, Call, CLOSED, CLOSING, LIVE, NEVER, OPENED, SUSPENDED } from './call';
import { callAt, copyCall, freeSlot, handleOf, layOut, scratch, setDeadline, slotOf, takeSlot } from './calls';
import { nextDeadline, settle } from './deadlines';
import { close, endedByModelToo } from './ending';
import { consume, firstWaiting, hasRoom, mute, placeRing, ringStart, waiting } from './events';
import { setThreshold, takeProbe } from './evidence';
import { askAgainIfCovered, posted as chargePosted, refused as chargeRefused } from './ledger-answers';
import { judgeLow, setLowMs, timeLeftMs } from './low-funds';
import { begin, end as endReason, started, emitPauses } from './pauses';
import { isWaived, LEDGER_WAIT } from './reasons';
import { earliestDeadline, rebase as rebaseAll, tick as tickAll } from './scheduler';
import { graceLeftMs, restart as askToRestart, setGraceMs } from './suspension';
import { chargedMinor, countFreeUnits, nextAmountMinor, paidUntilMs } from './tariff';
import { absolute, reaches, rebaseDueMs as baseDueMs, relative, resetClock } from './time-base';
import { waive as waiveCall } from './waiver';

/** The input took effect. */
export const OK: i32 = 0;
/** It was true already; nothing changed. */
export const NO_CHANGE: i32 = 1;
/** The handle's call was released. */
export const STALE_HANDLE: i32 = 2;
/** The call's state does not allow it; nothing changed. */
export const WRONG_STATE: i32 = 3;
/** An answer for a unit that is not with the ledger; nothing changed. */
export const OTHER_UNIT: i32 = 4;
/** Not enough room in the ring; nothing changed. Drain, then repeat. */
export const RING_FULL: i32 = 5;
/** `atMs` is too far from the clock's base; nothing changed. Tick to rebaseDueMs(), rebase(), repeat. */
export const REBASE_DUE: i32 = 6;

/** Where figures() writes its answer: FIGURES f64. */
const FIGURES: i32 = 16;
let figuresPtr: usize = 0;

/** Prepares an empty core. False when there is no memory for `capacity` calls. */
export function init(capacity: i32, slowLinkKbps: i32, graceMs: i32, lowMs: i32): bool {
  figuresPtr = (__heap_base + 63) & ~63;
  const afterRing = placeRing(figuresPtr + (<usize>FIGURES << 3));
  // The ring lies before the calls, so its memory must be there before the calls ask for theirs.
  if (layOut(capacity, afterRing) == 0) return false;
  setThreshold(slowLinkKbps);
  setGraceMs(graceMs);
  setLowMs(lowMs);
  resetClock();
  mute(false);
  return true;
}

/**
 * Opens a call: a fresh one with zeros, or one found again after a crash with what was durable.
 * `graceLeftMs` at or over 0 opens it suspended; `reasons` are the pauses in force from its first
 * moment, `wasLive` that charging had begun. Returns its handle, or minus a code when it cannot
 * (-NO_CHANGE when every slot is taken).
 */
export function open(
  tariff: i32,
  rateMinor: f64,
  minimumMin: i32,
  balanceMinor: f64,
  billableMs: f64,
  unitsPosted: f64,
  unitsCharged: f64,
  reasons: i32,
  wasLive: bool,
  graceLeftMs: f64,
  atMs: f64,
): f64 {
  if (!reaches(atMs)) return -(<f64>REBASE_DUE);
  const slot = takeSlot();
  if (slot < 0) return -(<f64>NO_CHANGE);
  const at = relative(atMs);
  const call = callAt(slot);
  call.state = graceLeftMs < 0 ? OPENED : SUSPENDED;
  call.tariff = <u8>tariff;
  call.rateMinor = <u32>rateMinor;
  call.minimumMin = minimumMin;
  call.balanceMinor = <i64>balanceMinor;
  call.billableMs = <i64>billableMs;
  call.unitsPosted = <u32>unitsPosted;
  call.unitsCharged = <u32>unitsCharged;
  call.wasLive = wasLive || unitsPosted > 0 || billableMs > 0;
  countFreeUnits(call);
  // More than is paid for is nobody's debt.
  call.billableMs = min(call.billableMs, paidUntilMs(call));
  call.reasons = <u8>reasons;
  call.modelFaultSince = at;
  call.seenAt = at;
  if (call.state == SUSPENDED) {
    beginHistory(call, at, false);
    call.graceEndsAt = at + <i32>graceLeftMs;
    call.wasLive = true;
    emitPauses(call, at);
  }
  setDeadline(slot, nextDeadline(call));
  return handleOf(call);
}

/** Both sides are live: billable time runs from here (charging rule 1). */
export function start(handle: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state != OPENED) return WRONG_STATE;
  call.state = LIVE;
  call.wasLive = true;
  beginHistory(call, admittedAt, call.reasons == 0);
  call.modelFaultSince = admittedAt;
  // A fresh call's meter starts with the ledger's answer for its first unit (pauses.ts, waitQuietly).
  if (!call.running || call.unitsPosted > 0) started(call, admittedAt);
  return done(call);
}

/** A pause begins; its fault began at `sinceMs`, at or before `atMs`, and billable time is cut back to it. */
export function pauseBegin(handle: f64, reason: i32, sinceMs: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state != LIVE && call.state != SUSPENDED) return WRONG_STATE;
  if (!begin(call, <u8>reason, relative(min(sinceMs, atMs)), admittedAt)) return NO_CHANGE;
  return done(call);
}

export function pauseEnd(handle: f64, reason: i32, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state != LIVE && call.state != SUSPENDED) return WRONG_STATE;
  if (!endReason(call, <u8>reason, admittedAt)) return NO_CHANGE;
  return done(call);
}

/** A conclusive probe of the model's uplink that began at `startedAtMs`. */
export function probe(handle: f64, kbps: i32, startedAtMs: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state != LIVE && call.state != SUSPENDED) return WRONG_STATE;
  takeProbe(call, kbps, relative(min(startedAtMs, atMs)), admittedAt);
  return done(call);
}

/** The model stops the meter for good (charging rule 8); not while the call is suspended. */
export function waive(handle: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state != LIVE) return WRONG_STATE;
  if (!waiveCall(call, admittedAt)) return NO_CHANGE;
  return done(call);
}

/** The ledger's word on the client's balance. */
export function balance(handle: f64, balanceMinor: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state == CLOSED) return WRONG_STATE;
  call.balanceMinor = <i64>balanceMinor;
  askAgainIfCovered(call);
  return done(call);
}

/** The ledger has posted the unit; `balanceMinor` is what it left. */
export function posted(handle: f64, unit: f64, balanceMinor: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (!isPending(call, unit)) return OTHER_UNIT;
  chargePosted(call, <i64>balanceMinor, admittedAt);
  return done(call);
}

/** The ledger has refused the unit for want of funds. */
export function refused(handle: f64, unit: f64, balanceMinor: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (!isPending(call, unit)) return OTHER_UNIT;
  chargeRefused(call, <i64>balanceMinor, admittedAt);
  return done(call);
}

/** A suspended call's client restarts it and both media legs are up: the refused unit falls due again. */
export function restart(handle: f64, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state != SUSPENDED) return WRONG_STATE;
  if (call.pending) return NO_CHANGE;
  askToRestart(call, admittedAt);
  return done(call);
}

/**
 * The call ends, by the client (0), the model (1) or the appliance (2). A model who ends it within BOTH_END_MS after
 * the client hung up has ended it herself (charging rule 5).
 */
export function end(handle: f64, by: i32, isHangUp: bool, atMs: f64): i32 {
  const code = admit(handle, atMs);
  if (code != OK) return code;
  const call = admitted;
  if (call.state == CLOSING && <u8>by == BY_MODEL && endedByModelToo(call, admittedAt)) return done(call);
  if (call.state == CLOSING || call.state == CLOSED) return WRONG_STATE;
  close(call, <u8>by, admittedAt, isHangUp);
  return done(call);
}

/** Gives a closed call's slot back; its handle is stale from now on. */
export function release(handle: f64): i32 {
  const slot = slotOf(handle);
  if (slot < 0) return STALE_HANDLE;
  if (callAt(slot).state != CLOSED) return WRONG_STATE;
  freeSlot(slot);
  return OK;
}

/**
 * Lets everything fall due up to `nowMs`, from slot `from` (0 to begin). Returns -1 when all is done,
 * -2 when the clock must be re-based first, else the slot to go on from after draining the ring.
 */
export function tick(nowMs: f64, from: i32): i32 {
  return reaches(nowMs) ? tickAll(relative(nowMs), from) : -2;
}

/** The earliest deadline of all calls in ms, or infinity. */
export function nextDeadlineMs(): f64 {
  const at = earliestDeadline();
  return at == NEVER ? Infinity : absolute(at);
}

/**
 * The call as it stands at `atMs` if nothing but time intervenes; changes nothing and emits nothing.
 * Writes to figuresAt(): state, reasons, billable, units charged, charged, balance, paid until,
 * time left (-1 after a waiver), is low, grace left (-1 if not suspended), pending unit (0 if none),
 * its amount, units posted.
 */
export function figures(handle: f64, atMs: f64): i32 {
  if (!reaches(atMs)) return REBASE_DUE;
  const slot = slotOf(handle);
  if (slot < 0) return STALE_HANDLE;
  const call = scratch();
  copyCall(call, callAt(slot));
  const at = max(relative(atMs), call.seenAt);
  mute(true);
  settle(call, at);
  mute(false);
  store<f64>(figuresPtr, <f64>call.state);
  // A first unit that is waited for a moment is no pause that anybody is told of.
  const reasons = call.isQuiet ? call.reasons & ~LEDGER_WAIT : call.reasons;
  store<f64>(figuresPtr, <f64>reasons, 8);
  store<f64>(figuresPtr, <f64>billableAt(call, at), 16);
  store<f64>(figuresPtr, <f64>call.unitsCharged, 24);
  store<f64>(figuresPtr, <f64>chargedMinor(call), 32);
  store<f64>(figuresPtr, <f64>call.balanceMinor, 40);
  store<f64>(figuresPtr, <f64>paidUntilMs(call), 48);
  store<f64>(figuresPtr, isWaived(call) ? -1 : <f64>timeLeftMs(call, at), 56);
  store<f64>(figuresPtr, <f64>call.isLow, 64);
  store<f64>(figuresPtr, call.state == SUSPENDED ? <f64>graceLeftMs(call, at) : -1, 72);
  store<f64>(figuresPtr, call.pending ? <f64>call.unitsPosted + 1 : 0, 80);
  store<f64>(figuresPtr, call.pending ? <f64>nextAmountMinor(call) : 0, 88);
  store<f64>(figuresPtr, <f64>call.unitsPosted, 96);
  return OK;
}

export function figuresAt(): usize {
  return figuresPtr;
}

/** The unit that is with the ledger now, 0 when there is none, minus a code when the handle is stale. */
export function pendingUnit(handle: f64): f64 {
  const slot = slotOf(handle);
  if (slot < 0) return -(<f64>STALE_HANDLE);
  const call = callAt(slot);
  return call.pending ? <f64>call.unitsPosted + 1 : 0;
}

/** What that unit costs. */
export function pendingAmountMinor(handle: f64): f64 {
  const slot = slotOf(handle);
  return slot < 0 ? 0 : <f64>nextAmountMinor(callAt(slot));
}

// The ring: `eventsWaiting()` records of 64 bytes from index `eventsFirst()`, wrapping at its end.

export function ringAt(): usize {
  return ringStart();
}
export function eventsWaiting(): i32 {
  return waiting();
}
export function eventsFirst(): i32 {
  return firstWaiting();
}
export function eventsConsume(count: i32): void {
  consume(count);
}

// Re-basing, see REBASE_DUE.

export function rebaseDueMs(): f64 {
  return baseDueMs();
}
export function rebase(): void {
  rebaseAll();
}

/** The call that admit() let in, and when. */
let admitted: Call = changetype<Call>(0);
let admittedAt: i32 = 0;

/** Common entry of every input: finds the call and settles it up to `atMs`. */
function admit(handle: f64, atMs: f64): i32 {
  if (!reaches(atMs)) return REBASE_DUE;
  const slot = slotOf(handle);
  if (slot < 0) return STALE_HANDLE;
  if (!hasRoom()) return RING_FULL;
  const call = callAt(slot);
  const at = max(relative(atMs), call.seenAt);
  settle(call, at);
  admitted = call;
  admittedAt = at;
  setDeadline(slot, nextDeadline(call));
  return OK;
}

/** Common exit: what the input changed may be low, or due at this very moment. */
function done(call: Call): i32 {
  call.seenAt = admittedAt;
  judgeLow(call, admittedAt);
  settle(call, admittedAt);
  setDeadline(slotOf(handleOf(call)), nextDeadline(call));
  return OK;
}

function isPending(call: Call, unit: f64): bool {
  return call.pending && unit == <f64>call.unitsPosted + 1;
}
