// What the core tells its host: a ring of fixed records in linear memory, written here, read there.
// Nothing is ever overwritten: whoever emits first makes sure of room (index.ts refuses, tick stops).
import { Call } from './call';
import { handleOf } from './calls';
import { EVENTS_PER_INPUT_MAX, RING_RECORDS } from './limits';
import { absolute } from './time-base';

export const CHARGE_DUE: i32 = 1;
export const MINIMUM_DUE: i32 = 2;
export const LOW_ON: i32 = 3;
export const LOW_OFF: i32 = 4;
export const PAUSED: i32 = 5;
export const RESUMED: i32 = 6;
export const SUSPENDED_EVENT: i32 = 7;
export const RESTARTED: i32 = 8;
export const GRACE_OVER: i32 = 9;
export const CLOSED_EVENT: i32 = 10;
export const CHARGED: i32 = 11;
export const RELEASE_DUE: i32 = 12;
export const STARTED: i32 = 13;
export const ENDED_BY_BOTH: i32 = 14;

/** A record is eight f64: kind, handle, at, billable, and four fields that depend on the kind. */
export const RECORD_BYTES: i32 = 64;

let ring: usize = 0;
let head: u32 = 0;
let tail: u32 = 0;
/** While a question is played through on the scratch record, nothing is told. */
let muted: bool = false;

/** Gives the ring its place in memory. Returns the first byte after it. */
export function placeRing(from: usize): usize {
  ring = (from + 63) & ~63;
  head = 0;
  tail = 0;
  return ring + <usize>(RING_RECORDS * RECORD_BYTES);
}

export function mute(on: bool): void {
  muted = on;
}

/** Whether the scratch record is being played. */
export function isMuted(): bool {
  return muted;
}

export function ringStart(): usize {
  return ring;
}

export function waiting(): i32 {
  return <i32>(head - tail);
}

export function firstWaiting(): i32 {
  return <i32>(tail & (RING_RECORDS - 1));
}

export function consume(count: i32): void {
  assert(count >= 0 && count <= waiting());
  tail += <u32>count;
}

/** Whether everything that one input or one call's deadlines can emit fits. */
export function hasRoom(): bool {
  return waiting() + EVENTS_PER_INPUT_MAX <= RING_RECORDS;
}

export function emit(kind: i32, call: Call, at: i32, billableMs: i64, a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0): void {
  if (muted) return;
  assert(waiting() < RING_RECORDS);
  const record = ring + <usize>((head & (RING_RECORDS - 1)) * RECORD_BYTES);
  store<f64>(record, <f64>kind);
  store<f64>(record, handleOf(call), 8);
  store<f64>(record, absolute(at), 16);
  store<f64>(record, <f64>billableMs, 24);
  store<f64>(record, a, 32);
  store<f64>(record, b, 40);
  store<f64>(record, c, 48);
  store<f64>(record, d, 56);
  head++;
}
