// The meters of many calls: checks what goes in, turns codes into words, empties the ring before it is full.

import {
  CAPACITY_MAX,
  GRACE_MS_MAX,
  LOW_MS_MAX,
  MeterFullError,
  MeterInputError,
  MINIMUM_MIN_MAX,
  money,
  PROBE_KBPS_MAX,
  RATE_MINOR_MAX,
  RATE_MINOR_MIN,
  time,
  UNITS_MAX,
  whole,
} from './limits.ts';
import { priceMinor } from './tariff.ts';
import type {
  CallHandle,
  EndedBy,
  Figures,
  HostPauseReason,
  MeterEvent,
  MeterResult,
  MeterSettings,
  OpenCall,
  PauseReason,
  Probe,
} from './types.ts';
import {
  type CoreExports,
  endedByCode,
  eventAt,
  FIGURES_FIELDS,
  figuresOf,
  REASON_BITS,
  REBASE_DUE,
  RECORD_FIELDS,
  RESULTS,
  RING_FULL,
  RING_RECORDS,
  TICK_REBASE_DUE,
} from './wire.ts';

export const SLOW_LINK_KBPS_DEFAULT = 12_000;
export const GRACE_MS_DEFAULT = 300_000;
export const LOW_MS_DEFAULT = 120_000;

/** Many calls' meters over one instance of core.wasm. Owns its memory; the host owns the clock. */
export class MeterCore {
  readonly capacity: number;
  readonly #core: CoreExports;
  #ring!: Float64Array;
  #figures!: Float64Array;
  /** Events taken out of the ring to make room, not yet handed out. */
  #taken: MeterEvent[] = [];

  /** @param module compiled core.wasm (it imports nothing) */
  static instantiate(module: WebAssembly.Module, settings: MeterSettings): MeterCore {
    return new MeterCore(new WebAssembly.Instance(module, {}).exports as unknown as CoreExports, settings);
  }

  private constructor(core: CoreExports, settings: MeterSettings) {
    const capacity = whole('capacity', settings.capacity, 1, CAPACITY_MAX);
    const slowLinkKbps = whole('slowLinkKbps', settings.slowLinkKbps ?? SLOW_LINK_KBPS_DEFAULT, 0, PROBE_KBPS_MAX);
    const graceMs = whole('graceMs', settings.graceMs ?? GRACE_MS_DEFAULT, 0, GRACE_MS_MAX);
    const lowMs = whole('lowMs', settings.lowMs ?? LOW_MS_DEFAULT, 1, LOW_MS_MAX);
    if (!core.init(capacity, slowLinkKbps, graceMs, lowMs)) {
      throw new Error(`metering core: no memory for ${capacity} calls`);
    }
    this.capacity = capacity;
    this.#core = core;
    this.#look();
  }

  /** Views of the core's memory, made anew when it has grown: a grown memory has another buffer. */
  #look(): void {
    const { buffer } = this.#core.memory;
    if (this.#ring?.buffer === buffer) return;
    this.#ring = new Float64Array(buffer, this.#core.ringAt(), RING_RECORDS * RECORD_FIELDS);
    this.#figures = new Float64Array(buffer, this.#core.figuresAt(), FIGURES_FIELDS);
  }

  /** Bytes of memory that the core holds for all its calls. */
  get memoryBytes(): number {
    return this.#core.memory.buffer.byteLength;
  }

  /**
   * Opens a call, fresh or found again after a crash. Nothing runs before start(), except the grace
   * of one that was suspended. Throws MeterFullError when all slots are taken.
   */
  open(o: OpenCall, atMs: number): CallHandle {
    const rateMinor = whole('rateMinor', o.rateMinor, RATE_MINOR_MIN, RATE_MINOR_MAX);
    const unitsCharged = whole('unitsCharged', o.unitsCharged ?? 0, 0, UNITS_MAX);
    const unitsPosted = whole('unitsPosted', o.unitsPosted ?? unitsCharged, unitsCharged, UNITS_MAX);
    const price = priceMinor(o.tariff, rateMinor, unitsCharged);
    if (o.chargedMinor !== undefined && BigInt(o.chargedMinor) !== price) {
      throw new MeterInputError('chargedMinor', o.chargedMinor, `${price}, the price of ${unitsCharged} units`);
    }
    money('price of unitsPosted', Number(priceMinor(o.tariff, rateMinor, unitsPosted)));
    const args = [
      o.tariff === 'per_minute' ? 0 : 1,
      rateMinor,
      whole('minimumMin', o.minimumMin, 0, MINIMUM_MIN_MAX),
      money('balanceMinor', o.balanceMinor),
      whole('billableMs', o.billableMs ?? 0, 0, Number.MAX_SAFE_INTEGER),
      unitsPosted,
      unitsCharged,
      openReasons(o),
      o.wasLive === true,
      o.suspendedGraceLeftMs === undefined
        ? -1
        : whole('suspendedGraceLeftMs', o.suspendedGraceLeftMs, 0, GRACE_MS_MAX),
      time('atMs', atMs),
    ] as const;
    let handle = this.#core.open(...args);
    while (handle === -REBASE_DUE) {
      this.#rebase();
      handle = this.#core.open(...args);
    }
    if (handle < 0) throw new MeterFullError(this.capacity);
    return handle as CallHandle;
  }

  /** Both sides are live: billable time runs from here (charging rule 1). */
  start(h: CallHandle, atMs: number): MeterResult {
    time('atMs', atMs);
    return this.#input(() => this.#core.start(h, atMs));
  }

  /** A pause begins whose fault began at `sinceMs` (at most `atMs`): billable time is cut back to it. */
  pauseBegin(h: CallHandle, reason: HostPauseReason, sinceMs: number, atMs: number): MeterResult {
    time('sinceMs', sinceMs);
    time('atMs', atMs);
    return this.#input(() => this.#core.pauseBegin(h, hostReason(reason), sinceMs, atMs));
  }

  pauseEnd(h: CallHandle, reason: HostPauseReason, atMs: number): MeterResult {
    time('atMs', atMs);
    return this.#input(() => this.#core.pauseEnd(h, hostReason(reason), atMs));
  }

  /** A probe of the model's uplink; two of the last three conclusive ones begin or end `slow_link`. */
  probe(h: CallHandle, probe: Probe, atMs: number): MeterResult {
    const kbps = whole('kbps', probe.kbps, 0, PROBE_KBPS_MAX);
    const startedAtMs = time('startedAtMs', probe.startedAtMs);
    time('atMs', atMs);
    if (!probe.conclusive) return 'no_change';
    return this.#input(() => this.#core.probe(h, kbps, startedAtMs, atMs));
  }

  /** Free from now on (charging rule 8). `wrong_state` while suspended: restart or end it. */
  waive(h: CallHandle, atMs: number): MeterResult {
    time('atMs', atMs);
    return this.#input(() => this.#core.waive(h, atMs));
  }

  /** The ledger's word on the client's balance. */
  balance(h: CallHandle, balanceMinor: number, atMs: number): MeterResult {
    money('balanceMinor', balanceMinor);
    time('atMs', atMs);
    return this.#input(() => this.#core.balance(h, balanceMinor, atMs));
  }

  /** The ledger has posted `unit` and left `balanceMinor`. */
  posted(h: CallHandle, unit: number, balanceMinor: number, atMs: number): MeterResult {
    money('balanceMinor', balanceMinor);
    time('atMs', atMs);
    return this.#input(() => this.#core.posted(h, unit, balanceMinor, atMs));
  }

  /** The ledger has refused `unit` for want of funds; the balance is `balanceMinor`. */
  refused(h: CallHandle, unit: number, balanceMinor: number, atMs: number): MeterResult {
    money('balanceMinor', balanceMinor);
    time('atMs', atMs);
    return this.#input(() => this.#core.refused(h, unit, balanceMinor, atMs));
  }

  /** A suspended call's client restarts it and both media legs are up: the refused unit falls due again. */
  restart(h: CallHandle, atMs: number): MeterResult {
    time('atMs', atMs);
    return this.#input(() => this.#core.restart(h, atMs));
  }

  /**
   * The call ends. With a charge at the ledger it is `closing` until the answer, then `closed`. After a hang-up of the
   * client that makes the minimum due it is `closing` for BOTH_END_MS, in which the model's own end still counts.
   */
  end(h: CallHandle, by: EndedBy, atMs: number, isHangUp = false): MeterResult {
    time('atMs', atMs);
    const code = endedByCode(by);
    if (code < 0) throw new MeterInputError('by', by, 'client, model or appliance');
    return this.#input(() => this.#core.end(h, code, isHangUp, atMs));
  }

  /** Gives a closed call's slot back. */
  release(h: CallHandle): MeterResult {
    return this.#input(() => this.#core.release(h));
  }

  /** Lets everything fall due up to `nowMs`. How often it is called changes no event, only when it is heard. */
  tick(nowMs: number): void {
    time('nowMs', nowMs);
    for (let from = this.#core.tick(nowMs, 0); from !== -1; from = this.#core.tick(nowMs, Math.max(from, 0))) {
      if (from === TICK_REBASE_DUE) this.#rebase();
      else this.#emptyRing();
    }
  }

  /** Every event since the last drain(), oldest first. */
  drain(): MeterEvent[] {
    this.#emptyRing();
    const events = this.#taken;
    this.#taken = [];
    return events;
  }

  /** The call as it stands at `atMs` if nothing but time intervenes; null for a stale handle. Changes nothing. */
  figures(h: CallHandle, atMs: number): Figures | null {
    time('atMs', atMs);
    const result = this.#input(() => this.#core.figures(h, atMs));
    this.#look();
    return result === 'ok' ? figuresOf(this.#figures) : null;
  }

  /** When something next falls due; Infinity when nothing will. */
  nextDeadlineMs(): number {
    return this.#core.nextDeadlineMs();
  }

  /** The charge that is with the ledger: the host repeats it under its key until it is answered. */
  pendingCharge(h: CallHandle): { unit: number; amountMinor: number } | null {
    const unit = this.#core.pendingUnit(h);
    return unit > 0 ? { unit, amountMinor: this.#core.pendingAmountMinor(h) } : null;
  }

  #input(send: () => number): MeterResult {
    for (;;) {
      const code = send();
      if (code === RING_FULL) this.#emptyRing();
      else if (code === REBASE_DUE) this.#rebase();
      else return RESULTS[code] as MeterResult;
    }
  }

  /** Everything up to the limit of the i32 clock happens first, then its base moves up. */
  #rebase(): void {
    this.tick(this.#core.rebaseDueMs());
    this.#core.rebase();
  }

  #emptyRing(): void {
    const count = this.#core.eventsWaiting();
    const first = this.#core.eventsFirst();
    this.#look();
    for (let i = 0; i < count; i++) this.#taken.push(eventAt(this.#ring, (first + i) & (RING_RECORDS - 1)));
    this.#core.eventsConsume(count);
  }
}

/** Reasons that a host begins and ends. */
export const HOST_REASONS: readonly HostPauseReason[] = [
  'no_media',
  'reconnecting',
  'client_no_media',
  'client_reconnecting',
  'appliance_reconnecting',
];

export const isHostReason = (reason: PauseReason): reason is HostPauseReason =>
  (HOST_REASONS as readonly string[]).includes(reason);

function hostReason(reason: HostPauseReason): number {
  if (isHostReason(reason)) return REASON_BITS[reason];
  throw new MeterInputError('reason', reason, `${HOST_REASONS.join(', ')}; the core sets the others itself`);
}

function openReasons({ waived, slowLink, paused = [] }: OpenCall): number {
  const bits = paused.reduce((sum, reason) => sum | hostReason(reason), 0);
  return bits | (waived ? REASON_BITS.model_waived : 0) | (slowLink ? REASON_BITS.slow_link : 0);
}
