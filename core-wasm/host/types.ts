// The words of the metering core on the TypeScript side: what goes in, what comes out.
// Times are whole milliseconds on one monotonic clock, money is in whole minor units.

/** Names one call for ever; once the call is released the handle is stale and touches nothing. */
export type CallHandle = number & { readonly __brand: 'CallHandle' };

/**
 * Why the meter does not run. `no_media` and `reconnecting` are the model's; the client's and the appliance's have
 * names of their own. `ledger_wait` is the core's own: what is posted is used up and the ledger has not answered.
 */
export type PauseReason =
  | 'slow_link'
  | 'no_media'
  | 'reconnecting'
  | 'model_waived'
  | 'ledger_wait'
  | 'client_no_media'
  | 'client_reconnecting'
  | 'appliance_reconnecting';
/** The reasons that the host begins and ends; the others follow from probes, waivers and answers. */
export type HostPauseReason = Exclude<PauseReason, 'slow_link' | 'model_waived' | 'ledger_wait'>;

export type Tariff = 'per_minute' | 'per_second';
export type EndedBy = 'client' | 'model' | 'appliance';
export type MeterState = 'opened' | 'charging' | 'not_charging' | 'suspended' | 'closing' | 'closed';

/** What became of an input. Only `ok` changed anything. */
export type MeterResult =
  | 'ok'
  /** It was so already. */
  | 'no_change'
  /** The handle's call was released. */
  | 'stale_handle'
  /** The call's state does not allow it. */
  | 'wrong_state'
  /** An answer for a unit that is not with the ledger: a duplicate, or one that came too late. */
  | 'other_unit';

export interface MeterSettings {
  /** Calls that can be open at once, 1 to CAPACITY_MAX. */
  capacity: number;
  /** A conclusive probe under this is slow. */
  slowLinkKbps?: number;
  /** From the end of the paid time to the end of the call when a charge is refused. */
  graceMs?: number;
  /** Low when balance and paid time cover less than this. */
  lowMs?: number;
}

/** A fresh call needs only the first four; the rest is what was durable of a call found again after a crash. */
export interface OpenCall {
  tariff: Tariff;
  rateMinor: number;
  minimumMin: number;
  balanceMinor: number;
  billableMs?: number;
  /** Units that had fallen due. */
  unitsCharged?: number;
  /** Units that the ledger has posted, one ahead of its time included; `unitsCharged` when left out. */
  unitsPosted?: number;
  /** Must be what `unitsCharged` units of the tariff cost; it is checked, not believed. */
  chargedMinor?: number;
  /** Charging had begun, though perhaps nothing was charged: the minimum may be owed. */
  wasLive?: boolean;
  waived?: boolean;
  /** The pause `slow_link` was in force; probes end it. */
  slowLink?: boolean;
  /** Pauses that are in force from the first moment. */
  paused?: readonly HostPauseReason[];
  /** The call was suspended, and this much of its grace was left. */
  suspendedGraceLeftMs?: number;
}

export interface Probe {
  kbps: number;
  /** False when the page could not offer the load: such a probe counts for nothing. */
  conclusive: boolean;
  startedAtMs: number;
}

interface EventOf<K extends string> {
  kind: K;
  call: CallHandle;
  /** When it happened: a deadline's own time or the input's, never the tick's. */
  atMs: number;
  /** Billable time then. */
  billableMs: number;
}

/** The meter first runs, or goes on after a crash; of a fresh call that is when its first unit is posted. */
export type Started = EventOf<'started'>;
/** Post `amountMinor` under the key (call, unit): it falls due in `waitMs` of billable time (charging rule 4). */
export interface ChargeDue extends EventOf<'charge_due'> {
  unit: number;
  amountMinor: number;
  waitMs: number;
}
/** A posted unit has fallen due: it is what the call costs. */
export interface Charged extends EventOf<'charged'> {
  unit: number;
  amountMinor: number;
}
/** Units `unit` to `lastUnit` were posted ahead and will never fall due: give them back (charging rule 4). */
export interface ReleaseDue extends EventOf<'release_due'> {
  unit: number;
  lastUnit: number;
  amountMinor: number;
}
/** The model ended the call within a second after its client: she ended it (charging rule 5). */
export type EndedByBoth = EventOf<'ended_by_both'>;
/** Charging rule 5: post as much of `amountMinor` as the balance covers; the core wants no answer. `closed` follows. */
export interface MinimumDue extends EventOf<'minimum_due'> {
  unit: 0;
  amountMinor: number;
  /** What the client had when the call ended: `amountMinor` is no more than that. */
  capMinor: number;
}
/** Balance and paid time cover `timeLeftMs` of billable time, which is under the limit. */
export interface LowOn extends EventOf<'low_on'> {
  timeLeftMs: number;
}
/** No longer; `timeLeftMs` is null after a waiver. */
export interface LowOff extends EventOf<'low_off'> {
  timeLeftMs: number | null;
}
/** A reason began; its fault began at `sinceMs` and `billableMs` was cut back to it. */
export interface Paused extends EventOf<'paused'> {
  reason: PauseReason;
  sinceMs: number;
  /** Every reason in force now. */
  reasons: PauseReason[];
}
/** A reason ended; the meter runs when no other is left and the call is not suspended. */
export interface Resumed extends EventOf<'resumed'> {
  reason: PauseReason;
  reasons: PauseReason[];
}
/** Unit `unit` was refused. `atMs` is when billable time reached the end of the paid time. */
export interface Suspended extends EventOf<'suspended'> {
  unit: number;
  graceEndsAtMs: number;
}
/** The refused charge was taken after all and the call is live again. */
export interface Restarted extends EventOf<'restarted'> {
  unit: number;
  reasons: PauseReason[];
}
/** The grace ran out; `closed` follows. */
export type GraceOver = EventOf<'grace_over'>;
/** The last event of a call. `atMs` is when it ended; `chargedMinor` leaves out a minimum's rest. */
export interface Closed extends EventOf<'closed'> {
  unitsCharged: number;
  chargedMinor: number;
  endedBy: EndedBy;
  outOfFunds: boolean;
  minimum: MinimumReason;
}

/** Why the rest of the minimum falls due or does not (charging rule 5). */
export type MinimumReason = 'none' | 'due' | 'model_ended' | 'appliance_ended' | 'waived' | 'model_fault';

export type MeterEvent =
  | Started
  | Charged
  | ReleaseDue
  | EndedByBoth
  | ChargeDue
  | MinimumDue
  | LowOn
  | LowOff
  | Paused
  | Resumed
  | Suspended
  | Restarted
  | GraceOver
  | Closed;

/** A call as it stands at one moment. */
export interface Figures {
  state: MeterState;
  reasons: PauseReason[];
  billableMs: number;
  /** Units that have fallen due, and what they cost. */
  unitsCharged: number;
  chargedMinor: number;
  /** Units that the ledger has posted: at most one more, up to a second ahead of its time. */
  unitsPosted: number;
  balanceMinor: number;
  /** Billable time that is paid for, and what is left of it. */
  paidUntilBillableMs: number;
  paidLeftMs: number;
  /** Billable time that paid time and balance cover; null after a waiver. */
  timeLeftMs: number | null;
  isLow: boolean;
  /** Null unless suspended. */
  graceLeftMs: number | null;
  /** The unit that is with the ledger, and its price. */
  pendingUnit: number | null;
  pendingAmountMinor: number;
}
