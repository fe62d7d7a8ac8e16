// What the public API accepts. A value outside is a bug of the host and throws MeterInputError.

/** Calls one core can hold. */
export const CAPACITY_MAX = 1 << 23;
/** Price of a minute. Rule 3's `rate · s` then stays exact in an i64 for any number of seconds. */
export const RATE_MINOR_MIN = 1;
export const RATE_MINOR_MAX = 1_000_000_000;
/** A day. */
export const MINIMUM_MIN_MAX = 1_440;
/** Charged units of one call: 68 years of seconds. */
export const UNITS_MAX = 2 ** 31;
/** Any balance that a double holds exactly. */
export const MONEY_MINOR_MAX = Number.MAX_SAFE_INTEGER;
/** A day each. */
export const GRACE_MS_MAX = 86_400_000;
export const LOW_MS_MAX = 86_400_000;
/** A terabit a second. */
export const PROBE_KBPS_MAX = 1_000_000_000;
/** How long before it falls due a unit may be posted (charging rule 4). */
export const AHEAD_MS = 1_000;
/** A model who ends a call so soon after its client has ended it herself (charging rule 5). */
export const BOTH_END_MS = 1_000;

/** A value that the host must not pass: its name, what it was, and what is allowed. */
export class MeterInputError extends RangeError {
  readonly code = 'meter_input';
  readonly field: string;
  constructor(field: string, value: unknown, allowed: string) {
    super(`metering core: ${field} is ${String(value)}; allowed is ${allowed}`);
    this.name = 'MeterInputError';
    this.field = field;
  }
}

/** Every slot is taken: admit no more calls than the core's capacity. */
export class MeterFullError extends Error {
  readonly code = 'meter_full';
  constructor(capacity: number) {
    super(`metering core: all ${capacity} calls are in use`);
    this.name = 'MeterFullError';
  }
}

/** A whole number from `least` to `most`, or MeterInputError. */
export function whole(field: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new MeterInputError(field, value, `a whole number from ${least} to ${most}`);
}

export const time = (field: string, value: number) =>
  whole(field, value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const money = (field: string, value: number) => whole(field, value, 0, MONEY_MINOR_MAX);
