// One call: its record in linear memory, and the codes that stand in it.

// What a call is doing. `LIVE` is charging or not charging, depending on the pause reasons.
export const FREE: u8 = 0;
export const OPENED: u8 = 1;
export const LIVE: u8 = 2;
export const SUSPENDED: u8 = 3;
export const CLOSING: u8 = 4;
export const CLOSED: u8 = 5;

export const PER_MINUTE: u8 = 0;
export const PER_SECOND: u8 = 1;

export const BY_CLIENT: u8 = 0;
export const BY_MODEL: u8 = 1;
export const BY_APPLIANCE: u8 = 2;

/** No deadline: later than any time the clock can show. */
export const NEVER: i32 = i32.MAX_VALUE;

/** One call. Times are i32 ms against the clock's base (time-base.ts), money is in minor units. */
@unmanaged
export class Call {
  balanceMinor: i64;
  /** Billable time at the newest run or stop change (billable.ts). */
  billableMs: i64;
  /** What the rest of the minimum may take at most: fixed when the call ends (charging rule 5). */
  minimumCapMinor: i64;
  generation: u32;
  /** Units that the ledger has posted; the last may be posted ahead of its time (charging rule 4). */
  unitsPosted: u32;
  /** Units that have fallen due and are posted: these are what the call costs. */
  unitsCharged: u32;
  rateMinor: u32;
  minimumMin: u32;
  /** Time of the last thing that happened to this call; nothing is dated before it. */
  seenAt: i32;
  graceEndsAt: i32;
  endedAt: i32;
  /** A call that the client ended waits until then for the model to have ended it as well. */
  closesAt: i32;
  /** Since when a cause on the model's side has been in force; read only while one is. */
  modelFaultSince: i32;
  nextFree: i32;
  /** Time of the newest run or stop change, and the chunk with those before it (history.ts). */
  changedAt: i32;
  olderChanges: u32;
  changes: u32;
  // Starts of the last conclusive probes, newest first; read by index in evidence.ts.
  probe0: i32;
  probe1: i32;
  probe2: i32;
  state: u8;
  tariff: u8;
  /** Pause reasons in force, bits of reasons.ts. */
  reasons: u8;
  probes: u8;
  /** Bit i is set when probe i was slow. */
  slowProbes: u8;
  endedBy: u8;
  /** Whether billable time runs. */
  running: bool;
  /** Unit `unitsPosted + 1` is with the ledger, which has not answered. */
  pending: bool;
  /** The ledger has refused unit `unitsPosted + 1` before it fell due. */
  isRefused: bool;
  isLow: bool;
  /** Charging has begun at some time: before it nothing can be owed. */
  wasLive: bool;
  outOfFunds: bool;
  /** It has been told that the meter first ran, or stood from the first moment. */
  isStarted: bool;
  /** The first unit is with the ledger, and nobody has been told yet that the meter waits for it. */
  isQuiet: bool;
}
