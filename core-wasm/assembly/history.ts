// Where a call's run and stop changes are kept, all but the newest: a stack in chunks of memory that calls take
// and give back, so that a pause can be dated back exactly however many changes have come since (charging rules).
import { Call } from './call';
import { GROW_PAGES } from './limits';

/** A chunk: the address of the one below it, then changes, oldest first. */
const CHUNK_BYTES: usize = 64;
const CHUNK_CHANGES: u32 = 15;

let firstFree: usize = 0;
let next: usize = 0;
let limit: usize = 0;

/** Chunks lie behind everything else; memory grows for them. */
export function placeChunks(from: usize): void {
  next = (from + 63) & ~63;
  limit = <usize>memory.size() << 16;
  firstFree = 0;
}

/** 0 when there is no memory left. */
function takeChunk(): usize {
  if (firstFree != 0) {
    const chunk = firstFree;
    firstFree = load<u32>(chunk);
    return chunk;
  }
  if (next + CHUNK_BYTES > limit) {
    if (memory.grow(GROW_PAGES) < 0) return 0;
    limit = <usize>memory.size() << 16;
  }
  const chunk = next;
  next += CHUNK_BYTES;
  return chunk;
}

function giveChunk(chunk: usize): void {
  store<u32>(chunk, <u32>firstFree);
  firstFree = chunk;
}

/** Changes below the newest. */
function depth(call: Call): u32 {
  return call.changes - 1;
}

function place(call: Call, index: u32): usize {
  return <usize>call.olderChanges + 4 + (<usize>index << 2);
}

/** Keeps a change below a newer one. Without memory what came before is forgotten: it bounds how far back can be dated. */
export function keepChange(call: Call, at: i32): void {
  const index = depth(call) % CHUNK_CHANGES;
  if (index == 0) {
    const chunk = takeChunk();
    if (chunk == 0) {
      dropHistory(call);
      call.changes = 0; // with the new one there is one
      return;
    }
    store<u32>(chunk, call.olderChanges);
    call.olderChanges = <u32>chunk;
  }
  store<i32>(place(call, index), at);
}

/** Takes out the change below the newest. */
export function takeChange(call: Call): i32 {
  assert(depth(call) > 0);
  const index = (depth(call) - 1) % CHUNK_CHANGES;
  const at = load<i32>(place(call, index));
  if (index == 0) {
    const chunk = <usize>call.olderChanges;
    call.olderChanges = load<u32>(chunk);
    giveChunk(chunk);
  }
  return at;
}

/** Gives back all chunks of a call. */
export function dropHistory(call: Call): void {
  while (call.olderChanges != 0) {
    const chunk = <usize>call.olderChanges;
    call.olderChanges = load<u32>(chunk);
    giveChunk(chunk);
  }
  if (call.changes > 1) call.changes = 1;
}

/** Moves every kept change when the clock is re-based, none below `floor`. */
export function rebaseChanges(call: Call, byMs: i32, floor: i32): void {
  let left = call.changes > 0 ? depth(call) : 0;
  for (let chunk = <usize>call.olderChanges; left > 0; chunk = <usize>load<u32>(chunk)) {
    const inChunk = (left - 1) % CHUNK_CHANGES + 1;
    for (let i: u32 = 0; i < inChunk; i++) {
      const at = chunk + 4 + (<usize>i << 2);
      store<i32>(at, <i32>max<i64>(<i64>load<i32>(at) - <i64>byMs, <i64>floor));
    }
    left -= inChunk;
  }
}
