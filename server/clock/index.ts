// Room: clock. The machine's monotonic clock, which every process of the appliance reads. In: nothing.
// Out: milliseconds. A wall clock is for people and rows; no length of time is measured with it.

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Milliseconds on the machine's monotonic clock (CLOCK_MONOTONIC), with a fraction. Every process of
 * the machine reads the same clock, so a point in time can be handed from one to another.
 */
export function monotonicMs(): number {
  return performance.now() + offsetMs;
}
