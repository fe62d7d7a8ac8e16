import {
  type CallHandle,
  type EndedBy,
  type Figures,
  type HostPauseReason,
  MeterCore,
  type MeterEvent,
  type MeterResult,
  priceMinor,
} from '../../core-wasm/index.ts';
import { monotonicMs } from '../clock/index.ts';
import {
  type CallId,
  type Millis,
  type Minor,
  type PersonId,
  type ProbeEvidence,
  type Tariff,
  toMillis,
  toMinor,
} from '../contract/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { MeterLog, MeterLogKind } from './log.ts';

/** The terms of a call, copied when it rang. */
export interface MeterTerms {
  readonly callId: CallId;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly rateMinor: number;
  readonly minimumMin: number;
  readonly tariff: Tariff;
  readonly sharePercent: number;
}

/** What was durable of a call that was live when the appliance ended. */
export interface RecoveredMeter {
  readonly billableMs: number;
  /** Units that had fallen due. */
  readonly unitsCharged: number;
  /** Units that the ledger has posted, and the transfers of those that had not fallen due. */
  readonly unitsPosted: number;
  readonly postedAhead: ReadonlyMap<number, number>;
  readonly isWaived: boolean;
  /** The pause `slow_link` was in force. */
  readonly isSlow: boolean;
  /** The call was suspended, and this much of its grace is left. */
  readonly graceLeftMs: number | null;
  /** How long the appliance was down, in ms; null when the machine itself was started anew. */
  readonly downMs: number | null;
}

export interface DueCharge {
  readonly callId: CallId;
  readonly unit: number;
  readonly amountMinor: Minor;
  /** What the units before it cost: the split is cumulative (charging rule 7). */
  readonly chargedBeforeMinor: Minor;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly sharePercent: number;
}

export interface ChargeAnswer {
  readonly status: 'posted' | 'refused';
  readonly transferId: number | null;
  /** The client's. */
  readonly balanceMinor: Minor;
  /** The model's earnings, where they are known. */
  readonly earningsMinor: Minor | null;
  /** Her share of the charge. */
  readonly shareMinor: Minor;
}

/** Posts a tick's charges, all under their keys; rejects when it is unknown what was posted. */
export type ChargePoster = (charges: readonly DueCharge[]) => Promise<ChargeAnswer[]>;

/** What happened to a call's meter. */
export type MeterNotice = { readonly callId: CallId; readonly billableMs: number; readonly atMs: Millis } & (
  | {
      /** `posted`: paid, up to a second ahead; `refused`: no funds. With what the ledger says both have now. */
      readonly kind: 'posted' | 'refused';
      readonly unit: number;
      readonly amountMinor: Minor;
      readonly answer: ChargeAnswer;
    }
  /** Fallen due, so that the call costs it. */
  | { readonly kind: 'charged'; readonly unit: number; readonly amountMinor: Minor }
  /** These units were posted ahead and will never fall due: they are to be given back. */
  | { readonly kind: 'release_due'; readonly unit: number; readonly lastUnit: number }
  | {
      readonly kind:
        | 'started'
        | 'paused'
        | 'resumed'
        | 'restarted'
        | 'suspended'
        | 'low_on'
        | 'low_off'
        | 'grace_over'
        | 'ended_by_both';
    }
  | {
      readonly kind: 'closed';
      readonly unitsCharged: number;
      readonly chargedMinor: Minor;
      readonly minimumDueMinor: Minor;
    }
);

interface Open {
  readonly handle: CallHandle;
  readonly terms: MeterTerms;
  minimumDueMinor: Minor;
  minimumCapMinor: Minor;
  /** Transfers of units that are posted and have not fallen due. */
  readonly transfers: Map<number, number>;
}

interface Waiting {
  readonly charge: DueCharge;
  readonly billableMs: number;
  readonly dueAtMs: number;
  /** A charge that the ledger found wrong is tried by itself, and later, so that it holds up no other. */
  isAlone: boolean;
  notBeforeMs: number;
}

/** How often the core is asked at least; besides, it is asked at its next deadline. */
const TICK_MS = 100;
/** Charges in one batch. */
const BATCH_MAX = 10_000;
const RETRY_MS = 100;
/** Before a charge that the ledger found wrong is tried again. */
const WRONG_RETRY_MS = 5_000;

export class Meter {
  readonly #core: MeterCore;
  readonly #post: ChargePoster;
  readonly #meterLog: Pick<MeterLog, 'append'>;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #byCall = new Map<CallId, Open>();
  readonly #byHandle = new Map<CallHandle, Open>();
  #onNotice: (notice: MeterNotice) => void = () => {};
  #waiting: Waiting[] = [];
  #isPosting = false;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(
    module: WebAssembly.Module,
    settings: { capacity: number; slowLinkKbps: number; graceMs: number },
    deps: { post: ChargePoster; meterLog: Pick<MeterLog, 'append'>; log: Log; metrics: Metrics },
  ) {
    this.#core = MeterCore.instantiate(module, settings);
    this.#post = deps.post;
    this.#meterLog = deps.meterLog;
    this.#log = deps.log;
    this.#metrics = deps.metrics;
    this.#schedule();
  }

  onNotice(listener: (notice: MeterNotice) => void): void {
    this.#onNotice = listener;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /**
   * Opens a call's meter; nothing runs before `start`, except the grace of a recovered suspension.
   * @param paused pauses that are in force from its first moment
   */
  open(
    terms: MeterTerms,
    balanceMinor: Minor,
    { recovered, paused = [] }: { recovered?: RecoveredMeter; paused?: readonly HostPauseReason[] } = {},
  ): void {
    const atMs = nowMs();
    const handle = this.#core.open(
      {
        tariff: terms.tariff,
        rateMinor: terms.rateMinor,
        minimumMin: terms.minimumMin,
        balanceMinor,
        paused,
        ...(recovered && {
          billableMs: recovered.billableMs,
          unitsCharged: recovered.unitsCharged,
          unitsPosted: recovered.unitsPosted,
          wasLive: true,
          waived: recovered.isWaived,
          slowLink: recovered.isSlow,
          ...(recovered.graceLeftMs !== null && { suspendedGraceLeftMs: recovered.graceLeftMs }),
        }),
      },
      atMs,
    );
    const open: Open = {
      handle,
      terms,
      minimumDueMinor: toMinor(0),
      minimumCapMinor: toMinor(0),
      transfers: new Map(recovered?.postedAhead),
    };
    this.#byCall.set(terms.callId, open);
    this.#byHandle.set(handle, open);
    if (recovered) {
      const { unitsCharged, downMs, graceLeftMs } = recovered;
      this.#write(open, 'recovered', atMs, recovered.billableMs, { unitsCharged, downMs, graceLeftMs });
    }
  }

  isOpen(callId: CallId): boolean {
    return this.#byCall.has(callId);
  }

  /** Both sides are live since `atMs` (charging rule 1). */
  start(callId: CallId, atMs: number): void {
    this.#input(callId, (open, now) => this.#core.start(open.handle, Math.min(toMillis(atMs), now)));
  }

  /** @param sinceMs when the fault began: billable time is cut back to it */
  pause(callId: CallId, reason: HostPauseReason, sinceMs: number): void {
    this.#input(callId, (open, now) =>
      this.#core.pauseBegin(open.handle, reason, Math.min(toMillis(sinceMs), now), now),
    );
  }

  resume(callId: CallId, reason: HostPauseReason): void {
    this.#input(callId, (open, now) => this.#core.pauseEnd(open.handle, reason, now));
  }

  /**
   * A probe of the model's uplink: a line of the log in any case, and evidence for or against a pause.
   * @param startedAtMs when its burst began, on the monotonic clock
   */
  probe(callId: CallId, evidence: ProbeEvidence, startedAtMs: number): void {
    this.#input(callId, (open, now) => {
      const at = Math.min(toMillis(startedAtMs), now);
      this.#write(open, 'probed', now, this.#core.figures(open.handle, now)?.billableMs ?? 0, evidence);
      const { kbps, verdict } = evidence;
      return this.#core.probe(open.handle, { kbps, conclusive: verdict !== 'inconclusive', startedAtMs: at }, now);
    });
  }

  /**
   * So many probes that the model's page has not answered that they count as slow. Each stands in the log as it ended.
   * @param row when the first and the last of them began, on the monotonic clock in ms
   */
  unanswered(callId: CallId, { firstMs, lastMs }: { firstMs: number; lastMs: number }): void {
    for (const ms of [firstMs, lastMs])
      this.#input(callId, (open, now) =>
        this.#core.probe(open.handle, { kbps: 0, conclusive: true, startedAtMs: Math.min(toMillis(ms), now) }, now),
      );
  }

  waive(callId: CallId): MeterResult {
    return this.#input(callId, (open, now) => this.#core.waive(open.handle, now));
  }

  /** The ledger's word on what a client has now. */
  credit(callId: CallId, balanceMinor: Minor): void {
    this.#input(callId, (open, now) => this.#core.balance(open.handle, balanceMinor, now));
  }

  /** The client goes on after a suspension: the refused charge falls due again. The grace does not end before the answer. */
  restart(callId: CallId): MeterResult {
    return this.#input(callId, (open, now) => this.#core.restart(open.handle, now));
  }

  /**
   * Ends the call; a notice `closed` follows, at once, or when the ledger has answered, or when the model can no longer
   * have ended it as well (charging rule 5).
   * @param isHangUp the client pressed, and was not merely gone
   */
  end(callId: CallId, by: EndedBy, isHangUp = false): MeterResult {
    return this.#input(callId, (open, now) => this.#core.end(open.handle, by, now, isHangUp));
  }

  /** The call as it stands now; null when its meter is not open. */
  figures(callId: CallId): Figures | null {
    const open = this.#byCall.get(callId);
    return open ? this.#core.figures(open.handle, nowMs()) : null;
  }

  /** A line about what became of a call's money beside its meter. */
  writeLine(
    callId: CallId,
    kind: 'minimum' | 'released' | 'media',
    billableMs: number,
    detail: { readonly [key: string]: unknown },
  ): void {
    this.#meterLog.append({ callId, kind, at: new Date(), monoMs: nowMs(), billableMs, detail });
  }

  #input(callId: CallId, send: (open: Open, now: number) => MeterResult): MeterResult {
    const open = this.#byCall.get(callId);
    if (!open) return 'stale_handle';
    const result = send(open, nowMs());
    this.#work();
    return result;
  }

  /** Lets everything happen that is due, then sleeps until the next deadline. */
  #tick(): void {
    if (this.#isStopped) return;
    this.#core.tick(nowMs());
    this.#work();
  }

  #work(): void {
    this.#takeAll();
    if (!this.#isPosting && this.#waiting.length > 0) void this.#postWaiting();
    this.#schedule();
  }

  /** A fault with one call's event must not lose the others theirs. */
  #takeAll(): void {
    for (const event of this.#core.drain()) {
      try {
        this.#take(event);
      } catch (error) {
        this.#log.error({ err: error, event }, 'what the core said of a call could not be taken');
      }
    }
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const untilDeadline = this.#core.nextDeadlineMs() - nowMs();
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, Math.min(TICK_MS, untilDeadline)));
  }

  #take(event: MeterEvent): void {
    const open = this.#byHandle.get(event.call);
    if (!open) throw new Error(`the core speaks of a call that is not open: ${event.kind}`);
    const { callId, clientId, modelId, sharePercent } = open.terms;
    const common = { callId, billableMs: event.billableMs, atMs: toMillis(event.atMs) };
    switch (event.kind) {
      case 'charge_due': {
        const amountMinor = toMinor(event.amountMinor);
        const { tariff, rateMinor } = open.terms;
        const chargedBeforeMinor = toMinor(Number(priceMinor(tariff, rateMinor, event.unit - 1)));
        const charge = { callId, unit: event.unit, amountMinor, chargedBeforeMinor, clientId, modelId, sharePercent };
        const { billableMs, atMs: dueAtMs } = event;
        this.#waiting.push({ charge, billableMs, dueAtMs, isAlone: false, notBeforeMs: 0 });
        return;
      }
      case 'minimum_due':
        open.minimumDueMinor = toMinor(event.amountMinor);
        open.minimumCapMinor = toMinor(event.capMinor);
        return;
      case 'charged': {
        const { unit } = event;
        const amountMinor = toMinor(event.amountMinor);
        const transferId = open.transfers.get(unit) ?? null;
        open.transfers.delete(unit);
        this.#write(open, 'charged', event.atMs, event.billableMs, { unit, amountMinor, transferId });
        return this.#onNotice({ ...common, kind: 'charged', unit, amountMinor });
      }
      case 'release_due':
        return this.#onNotice({ ...common, kind: 'release_due', unit: event.unit, lastUnit: event.lastUnit });
      case 'paused':
        this.#write(open, 'paused', event.atMs, event.billableMs, {
          reason: event.reason,
          since: wallClock(event.sinceMs).toISOString(),
          sinceMonoMs: event.sinceMs,
        });
        return this.#onNotice({ ...common, kind: 'paused' });
      case 'resumed':
        this.#write(open, 'resumed', event.atMs, event.billableMs, { reason: event.reason });
        return this.#onNotice({ ...common, kind: 'resumed' });
      case 'suspended':
      case 'restarted':
        this.#write(open, event.kind, event.atMs, event.billableMs, { unit: event.unit });
        return this.#onNotice({ ...common, kind: event.kind });
      case 'started':
      case 'low_on':
      case 'low_off':
      case 'grace_over':
      case 'ended_by_both':
        this.#write(open, event.kind, event.atMs, event.billableMs, {});
        return this.#onNotice({ ...common, kind: event.kind });
      case 'closed': {
        const { unitsCharged, endedBy, outOfFunds, minimum } = event;
        const { minimumDueMinor, minimumCapMinor } = open;
        const cap = minimum === 'due' && { minimumCappedBy: minimumCapMinor };
        const detail = { unitsCharged, endedBy, outOfFunds, minimumDueMinor, minimum, ...cap };
        this.#write(open, 'closed', event.atMs, event.billableMs, detail);
        this.#byCall.delete(callId);
        this.#byHandle.delete(open.handle);
        this.#core.release(open.handle);
        const chargedMinor = toMinor(event.chargedMinor);
        return this.#onNotice({ ...common, kind: 'closed', unitsCharged, chargedMinor, minimumDueMinor });
      }
    }
  }

  /** One batch at a time, the same charges again under the same keys until the ledger has answered. */
  async #postWaiting(): Promise<void> {
    this.#isPosting = true;
    for (let batch = this.#nextBatch(); batch.length > 0 && !this.#isStopped; batch = this.#nextBatch()) {
      try {
        const answers = await this.#post(batch.map((waiting) => waiting.charge));
        const posted = new Set(batch);
        this.#waiting = this.#waiting.filter((waiting) => !posted.has(waiting));
        batch.forEach((waiting, index) => this.#answered(waiting, answers[index] as ChargeAnswer));
        this.#takeAll();
      } catch (error) {
        this.#log.error({ err: error, charges: batch.length }, 'charges could not be posted; trying again');
        if (!(error instanceof StoreUnavailable)) setApart(batch);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#isPosting = false;
    this.#schedule();
  }

  /** A client pays once in a batch; what else of theirs is due waits for the next. */
  #nextBatch(): Waiting[] {
    const payers = new Set<PersonId>();
    const batch: Waiting[] = [];
    const now = nowMs();
    for (const waiting of this.#waiting) {
      if (waiting.notBeforeMs > now || payers.has(waiting.charge.clientId)) continue;
      if (waiting.isAlone && batch.length > 0) continue;
      payers.add(waiting.charge.clientId);
      if (batch.push(waiting) === BATCH_MAX || waiting.isAlone) break;
    }
    return batch;
  }

  /** A fault with one call's answer must not lose the others their paid time. */
  #answered(waiting: Waiting, answer: ChargeAnswer): void {
    try {
      this.#answer(waiting, answer);
    } catch (error) {
      this.#log.error({ err: error, charge: waiting.charge, answer }, 'an answer of the ledger could not be taken');
    }
  }

  #answer(waiting: Waiting, answer: ChargeAnswer): void {
    const { callId, unit, amountMinor } = waiting.charge;
    const open = this.#byCall.get(callId);
    if (!open) throw new Error(`call ${callId} was closed while unit ${unit} was with the ledger`);
    const atMs = nowMs();
    this.#metrics.charges.inc({ answer: answer.status });
    this.#metrics.chargeSeconds.observe((atMs - waiting.dueAtMs) / 1_000);
    const notice = {
      callId,
      unit,
      amountMinor,
      answer,
      billableMs: waiting.billableMs,
      atMs: toMillis(waiting.dueAtMs),
    };
    if (answer.status === 'posted') {
      if (answer.transferId !== null) open.transfers.set(unit, answer.transferId);
      this.#core.posted(open.handle, unit, answer.balanceMinor, atMs);
      this.#onNotice({ kind: 'posted', ...notice });
    } else {
      this.#write(open, 'refused', waiting.dueAtMs, waiting.billableMs, { unit, amountMinor });
      this.#core.refused(open.handle, unit, answer.balanceMinor, atMs);
      this.#onNotice({ kind: 'refused', ...notice });
    }
  }

  #write(open: Open, kind: MeterLogKind, atMs: number, billableMs: number, detail: { [key: string]: unknown }): void {
    const { callId } = open.terms;
    this.#meterLog.append({ callId, kind, at: wallClock(atMs), monoMs: atMs, billableMs, detail });
  }
}

/** The ledger did not take the batch for a fault in it: each charge is tried alone, the faulty one again later. */
function setApart(batch: readonly Waiting[]): void {
  for (const waiting of batch) {
    if (batch.length === 1) waiting.notBeforeMs = nowMs() + WRONG_RETRY_MS;
    waiting.isAlone = true;
  }
}

/** The core's clock: the machine's monotonic one in whole milliseconds. */
function nowMs(): number {
  return Math.floor(monotonicMs());
}

/** What a wall clock showed at a monotonic time. */
function wallClock(atMs: number): Date {
  return new Date(Date.now() - (nowMs() - atMs));
}
