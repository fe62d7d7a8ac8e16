// The calls: one record each in linear memory, found by a handle of slot and generation.
// Beside the records stands one array with each call's next deadline, the only thing a tick reads.
import { Call, CLOSED, FREE, NEVER } from './call';
import { dropHistory, placeChunks } from './history';
import { CAPACITY_MAX, SLOT_BITS } from './limits';

const CALL_BYTES: usize = (offsetof<Call>() + 7) & ~7;
/** Deadlines are scanned in blocks of this many (scheduler.ts). */
export const BLOCK: i32 = 64;

let capacity: i32 = 0;
let slotsUsed: i32 = 0;
let callsOpen: i32 = 0;
let firstFree: i32 = -1;
let records: usize = 0;
export let deadlines: usize = 0;

/** Lays out memory for `wanted` calls and a scratch one behind them. Returns the first byte after, 0 if it does not fit. */
export function layOut(wanted: i32, from: usize): usize {
  if (wanted < 1 || wanted > CAPACITY_MAX) return 0;
  capacity = wanted;
  const padded = <usize>((wanted + BLOCK - 1) & ~(BLOCK - 1));
  deadlines = (from + 63) & ~63;
  records = deadlines + (padded << 2);
  const end = records + <usize>(capacity + 1) * CALL_BYTES;
  const pagesMissing = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (pagesMissing > 0 && memory.grow(pagesMissing) < 0) return 0;
  for (let p = deadlines; p < records; p += 4) store<i32>(p, NEVER);
  memory.fill(records, 0, end - records);
  slotsUsed = 0;
  callsOpen = 0;
  firstFree = -1;
  placeChunks(end);
  return end;
}

export function callAt(slot: i32): Call {
  assert(slot >= 0 && slot <= capacity);
  return changetype<Call>(records + <usize>slot * CALL_BYTES);
}

/** The record behind all calls, in which a question is played through without touching the call. */
export function scratch(): Call {
  return callAt(capacity);
}

export function copyCall(to: Call, from: Call): void {
  memory.copy(changetype<usize>(to), changetype<usize>(from), CALL_BYTES);
}

export function setDeadline(slot: i32, at: i32): void {
  store<i32>(deadlines + (<usize>slot << 2), at);
}

/** Slots that were ever used: the tick need look no further. */
export function slotsToScan(): i32 {
  return slotsUsed;
}

export function openCount(): i32 {
  return callsOpen;
}

/** A free slot with a new generation and an empty record, or -1 when all are taken. */
export function takeSlot(): i32 {
  let slot = firstFree;
  if (slot >= 0) firstFree = callAt(slot).nextFree;
  else if (slotsUsed < capacity) slot = slotsUsed++;
  else return -1;
  const call = callAt(slot);
  const generation = nextGeneration(call.generation);
  memory.fill(changetype<usize>(call), 0, CALL_BYTES);
  call.generation = generation;
  callsOpen++;
  return slot;
}

export function freeSlot(slot: i32): void {
  const call = callAt(slot);
  assert(call.state == CLOSED);
  dropHistory(call);
  call.state = FREE;
  call.nextFree = firstFree;
  firstFree = slot;
  callsOpen--;
  setDeadline(slot, NEVER);
}

/** Generations start at 1 and skip 0, so that no handle is ever below 2^SLOT_BITS. */
function nextGeneration(generation: u32): u32 {
  const next = (generation + 1) & ((1 << (53 - SLOT_BITS)) - 1);
  return next == 0 ? 1 : next;
}

/** Slot and generation as one integer under 2^53. */
export function handleOf(call: Call): f64 {
  const slot = <u64>((changetype<usize>(call) - records) / CALL_BYTES);
  return <f64>((<u64>call.generation << SLOT_BITS) | slot);
}

/** The slot that a handle names, or -1 when the handle is stale: its call was released. */
export function slotOf(handle: f64): i32 {
  const bits = <u64>handle;
  const slot = <i32>(bits & ((1 << SLOT_BITS) - 1));
  if (slot >= slotsUsed) return -1;
  const call = callAt(slot);
  return call.state != FREE && <u64>call.generation == bits >> SLOT_BITS ? slot : -1;
}
