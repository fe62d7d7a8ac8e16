// The core's side of the wire: its exports, its codes, and how its numbers become words.
import type {
  CallHandle,
  EndedBy,
  Figures,
  MeterEvent,
  MeterResult,
  MeterState,
  MinimumReason,
  PauseReason,
} from './types.ts';

/** The exports of core.wasm; units and meanings in core-wasm/assembly/index.ts. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  init(capacity: number, slowLinkKbps: number, graceMs: number, lowMs: number): number;
  open(
    tariff: number,
    rateMinor: number,
    minimumMin: number,
    balanceMinor: number,
    billableMs: number,
    unitsPosted: number,
    unitsCharged: number,
    reasons: number,
    wasLive: boolean,
    graceLeftMs: number,
    atMs: number,
  ): number;
  start(handle: number, atMs: number): number;
  pauseBegin(handle: number, reason: number, sinceMs: number, atMs: number): number;
  pauseEnd(handle: number, reason: number, atMs: number): number;
  probe(handle: number, kbps: number, startedAtMs: number, atMs: number): number;
  waive(handle: number, atMs: number): number;
  balance(handle: number, balanceMinor: number, atMs: number): number;
  posted(handle: number, unit: number, balanceMinor: number, atMs: number): number;
  refused(handle: number, unit: number, balanceMinor: number, atMs: number): number;
  restart(handle: number, atMs: number): number;
  end(handle: number, by: number, isHangUp: boolean, atMs: number): number;
  release(handle: number): number;
  tick(nowMs: number, from: number): number;
  nextDeadlineMs(): number;
  figures(handle: number, atMs: number): number;
  figuresAt(): number;
  pendingUnit(handle: number): number;
  pendingAmountMinor(handle: number): number;
  ringAt(): number;
  eventsWaiting(): number;
  eventsFirst(): number;
  eventsConsume(count: number): void;
  rebaseDueMs(): number;
  rebase(): void;
}

/** Answers of the core by code. The last two never leave MeterCore: it makes room or moves the clock's base. */
export const RESULTS = [
  'ok',
  'no_change',
  'stale_handle',
  'wrong_state',
  'other_unit',
] as const satisfies MeterResult[];
export const RING_FULL = 5;
export const REBASE_DUE = 6;

/** tick() says that the clock's base has to be moved first. */
export const TICK_REBASE_DUE = -2;

export const RING_RECORDS = 4096;
/** A record is eight f64: kind, handle, at, billable, and four that depend on the kind. */
export const RECORD_FIELDS = 8;

export const REASON_BITS: Record<PauseReason, number> = {
  slow_link: 1,
  no_media: 2,
  reconnecting: 4,
  model_waived: 8,
  ledger_wait: 16,
  client_no_media: 32,
  client_reconnecting: 64,
  appliance_reconnecting: 128,
};
const REASONS = Object.keys(REASON_BITS) as PauseReason[];
const ENDED_BY: EndedBy[] = ['client', 'model', 'appliance'];
const MINIMUM_REASONS: MinimumReason[] = ['none', 'due', 'model_ended', 'appliance_ended', 'waived', 'model_fault'];
/** Fields that figures() writes. */
export const FIGURES_FIELDS = 13;

export const endedByCode = (by: EndedBy) => ENDED_BY.indexOf(by);
export const reasonsOf = (bits: number) => REASONS.filter((reason) => (bits & REASON_BITS[reason]) !== 0);
const reasonOf = (bit: number) => REASONS[31 - Math.clz32(bit)] as PauseReason;

/** One record of the ring as an event. */
export function eventAt(ring: Float64Array, index: number): MeterEvent {
  const i = index * RECORD_FIELDS;
  const call = ring[i + 1] as CallHandle;
  const atMs = ring[i + 2] as number;
  const billableMs = ring[i + 3] as number;
  const a = ring[i + 4] as number;
  const b = ring[i + 5] as number;
  const c = ring[i + 6] as number;
  const d = ring[i + 7] as number;
  switch (ring[i]) {
    case 1:
      return { kind: 'charge_due', call, atMs, billableMs, unit: a, amountMinor: b, waitMs: c };
    case 2:
      return { kind: 'minimum_due', call, atMs, billableMs, unit: 0, amountMinor: b, capMinor: c };
    case 3:
      return { kind: 'low_on', call, atMs, billableMs, timeLeftMs: a };
    case 4:
      return { kind: 'low_off', call, atMs, billableMs, timeLeftMs: a < 0 ? null : a };
    case 5:
      return { kind: 'paused', call, atMs, billableMs, reason: reasonOf(a), sinceMs: b, reasons: reasonsOf(c) };
    case 6:
      return { kind: 'resumed', call, atMs, billableMs, reason: reasonOf(a), reasons: reasonsOf(c) };
    case 7:
      return { kind: 'suspended', call, atMs, billableMs, unit: a, graceEndsAtMs: b };
    case 8:
      return { kind: 'restarted', call, atMs, billableMs, unit: a, reasons: reasonsOf(c) };
    case 9:
      return { kind: 'grace_over', call, atMs, billableMs };
    case 10: {
      const endedBy = ENDED_BY[c] as EndedBy;
      const outOfFunds = (d & 1) === 1;
      const minimum = MINIMUM_REASONS[d >> 1] as MinimumReason;
      return { kind: 'closed', call, atMs, billableMs, unitsCharged: a, chargedMinor: b, endedBy, outOfFunds, minimum };
    }
    case 11:
      return { kind: 'charged', call, atMs, billableMs, unit: a, amountMinor: b };
    case 12:
      return { kind: 'release_due', call, atMs, billableMs, unit: a, lastUnit: b, amountMinor: c };
    case 13:
      return { kind: 'started', call, atMs, billableMs };
    case 14:
      return { kind: 'ended_by_both', call, atMs, billableMs };
    default:
      throw new Error(`metering core: unknown event kind ${ring[i]}; core.wasm and this file differ in version`);
  }
}

/** What figures() of the core wrote. */
export function figuresOf(fields: Float64Array): Figures {
  const at = (i: number) => fields[i] as number;
  const reasons = reasonsOf(at(1));
  return {
    state: stateOf(at(0), reasons.length > 0),
    reasons,
    billableMs: at(2),
    unitsCharged: at(3),
    chargedMinor: at(4),
    unitsPosted: at(12),
    balanceMinor: at(5),
    paidUntilBillableMs: at(6),
    paidLeftMs: Math.max(0, at(6) - at(2)),
    timeLeftMs: at(7) < 0 ? null : at(7),
    isLow: at(8) === 1,
    graceLeftMs: at(9) < 0 ? null : at(9),
    pendingUnit: at(10) || null,
    pendingAmountMinor: at(11),
  };
}

function stateOf(code: number, isPaused: boolean): MeterState {
  if (code === 2) return isPaused ? 'not_charging' : 'charging';
  return (['opened', 'opened', 'charging', 'suspended', 'closing', 'closed'] as const)[code] as MeterState;
}
