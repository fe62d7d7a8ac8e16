// Time. The host counts f64 milliseconds from anywhere; the core keeps i32 against a base, so that
// one deadline is four bytes and many are compared at once. Before the distance leaves
// the i32 the base is moved up and every stored time with it.
import { openCount } from './calls';
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

/** Moves the base alone; scheduler.ts moves what is stored against it. */
export function moveBase(): void {
  baseMs += <f64>REBASE_MS;
}

/** A stored time against the base as it will be once it has been moved. */
export function earlier(at: i32): i32 {
  return <i32>max<i64>(<i64>at - <i64>REBASE_MS, -(<i64>REBASE_MS));
}
