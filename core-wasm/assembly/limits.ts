// Every bound of the core, by name. The public API (core-wasm/index.ts) refuses what is outside of them.

/** Calls that one core can hold: 2^23, just under the 1 GiB of memory that a core may take. */
export const CAPACITY_MAX: i32 = 1 << 23;

/** Bits of a handle that name the slot; the rest is the slot's generation. */
export const SLOT_BITS: i32 = 24;

/** How long before a unit falls due it may be posted (charging rule 4). */
export const AHEAD_MS: i64 = 1_000;

/** How long the ledger may take over the first unit before the wait is told: the meter starts with the answer. */
export const QUIET_MS: i32 = 250;

/** Both sides that end a call within this: the model ended it (charging rule 5). */
export const BOTH_END_MS: i32 = 1_000;

/** A meter that has stood for so long for a cause on the model's side keeps the minimum from the client (charging rule 5). */
export const MODEL_FAULT_MS: i64 = 10_000;

/** Pages of 64 KiB by which memory grows for the history of calls. */
export const GROW_PAGES: i32 = 16;

/** Conclusive probes that are judged together, and how many of them decide. */
export const PROBES_JUDGED: i32 = 3;
export const PROBES_DECIDING: i32 = 2;

/** Records in the event ring (a power of two). */
export const RING_RECORDS: i32 = 4096;

/** No input and no deadline run emits more events than this for one call; checked in debug builds. */
export const EVENTS_PER_INPUT_MAX: i32 = 16;

/** The clock is re-based when it has run this far from its base (12.4 days), well inside an i32. */
export const REBASE_MS: i32 = 1 << 30;

/** Units that a balance is said to buy at most; keeps time left inside 2^53 ms whatever the balance. */
export const UNITS_AHEAD_MAX: i64 = 1 << 31;
