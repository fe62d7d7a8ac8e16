// Module: clock. The machine's monotonic clock, which every process of the appliance reads. In: nothing.
// Out: milliseconds. A wall clock is for people and rows; no length of time is measured with it.

import fs from 'node:fs';

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Milliseconds on the machine's monotonic clock (CLOCK_MONOTONIC), with a fraction. Every process of
 * the machine reads the same clock, so a point in time can be handed from one to another.
 */
export function monotonicMs(): number {
  return performance.now() + offsetMs;
}

/** Names this start of the machine: monotonic times of two starts have nothing to do with each other. */
export const bootId = readBootId();

function readBootId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux: the time at which the machine was started, as near as can be told.
    return String(Math.round((Date.now() - monotonicMs()) / 60_000));
  }
}
