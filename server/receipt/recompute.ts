import { Evidence } from './evidence.ts';
import type { Fault, FaultCode } from './faults.ts';
import { isBeside, type Line, type LogLine, readLines, runsOf } from './lines.ts';
import { judgeMinimum, type MinimumAnswer } from './minimum.ts';
import { modelPartOf, nextPricedUnit, priceOfUnit, priceOfUnits, type ReceiptTerms, unitMsOf } from './tariff.ts';
import { Timeline } from './timeline.ts';

export interface RecomputedUnit {
  /** From 1; 0 is the rest of the minimum. */
  readonly unit: number;
  readonly amountMinor: number;
  /** The model's part of it (charging rule 7). */
  readonly modelMinor: number;
  readonly billableMs: number;
  readonly at: Date;
  readonly transferId: number | null;
  readonly seq: number;
}

export interface RecomputedPause {
  readonly reason: string;
  readonly from: Date;
  to: Date | null;
  /** Billable time at which the meter stood. */
  readonly billableMs: number;
  /** When the pause was noticed; billable time was cut back from there. */
  readonly noticedAt: Date;
  readonly cutBackMs: number;
  /** Units that had been charged between its beginning and its notice. */
  readonly unitsChargedBeforeNoticed: number;
  /** Of `slow_link`: the probes that began it and those that ended it, as the log has them. */
  evidence: readonly { readonly [key: string]: unknown }[];
}

export interface RecomputedReceipt {
  readonly billableMs: number;
  readonly units: readonly RecomputedUnit[];
  readonly pauses: readonly RecomputedPause[];
  /** Time in which the appliance was down, in ms. */
  readonly downtimeMs: number;
  /** Units that were posted ahead, never fell due, and were given back (charging rule 4). */
  readonly released: readonly {
    unit: number;
    amountMinor: number;
    transferId: number;
    releaseId: number;
    seq: number;
  }[];
  readonly refusedAttempts: number;
  readonly minimum: MinimumAnswer;
  readonly chargedMinor: number;
  readonly modelMinor: number;
  readonly studioMinor: number;
  readonly unitsChargedBeforeNoticed: number;
  /** Media that reached the client beyond what is paid and free, in ms; null where it was not measured. */
  readonly mediaBeyondMs: number | null;
  /** Null while the call goes on. */
  readonly endedBy: string | null;
  /** Some of it was written by an older version: billable time is known less exactly, the split may be each charge's. */
  readonly isOldFormat: boolean;
  readonly faults: readonly Fault[];
}

/** Whole milliseconds of one clock: one is for rounding. */
const ROUNDING_MS = 1;
/** Logs of older versions have a wall clock only, and their pauses could reach past the paid time. */
const OLD_TOLERANCE_MS = 5_000;
/** How long before it falls due a unit may be posted (charging rule 4). */
const AHEAD_MS = 1_000;
/** A pause for missing media rewinds by the 2 s in which it is noticed, and by what the notice itself takes. */
const CUT_BACK_MS_MAX = 5_000;
const NO_CUT_BEYOND: ReadonlySet<string> = new Set(['no_media', 'client_no_media']);
/** The ledger may take so long over the first unit before the wait for it is a line of its own. */
const FIRST_UNIT_MS_MAX = 1_000;
const BOTH_END_MS = 1_000;
const MEDIA_BEYOND_MS = 5_000;
/** What stands over a restart of the appliance without being told again. */
const STAY_OVER_RESTART = ['slow_link', 'model_waived'];
const MODEL_SIDE: ReadonlySet<string> = new Set(['slow_link', 'no_media', 'reconnecting', 'appliance_reconnecting']);

/**
 * Recomputes a call from its meter log: billable time from starts and pauses, units from billable time.
 * @param log the lines as they stand, in the order in which they were written
 */
export function recompute(log: readonly LogLine[], terms: ReceiptTerms): RecomputedReceipt {
  return new Recomputation(terms).of(log);
}

class Recomputation {
  readonly #terms: ReceiptTerms;
  readonly #unitMs: number;
  readonly #faults: Fault[] = [];
  readonly #evidence = new Evidence();
  readonly #units: RecomputedUnit[] = [];
  readonly #pauses: RecomputedPause[] = [];
  readonly #reasons = new Set<string>();
  readonly #retaken = new Set<number>();
  readonly #early = new Set<number>();
  #lines: Line[] = [];
  #timeline = new Timeline(0, 0, false);
  #isStarted = false;
  #isFoundAgain = false;
  #wasLive = false;
  #isWaived = false;
  #suspendedUnit: number | null = null;
  #isGraceOver = false;
  #closed: Line | undefined;
  /** Since when the meter stands for a cause on the model's side. */
  #modelFaultMs: number | null = null;
  /** What the log's billable time was wrong by until now: each departure is told once. */
  #offsetMs = 0;
  #lastClaimMs = 0;
  /** Billable time that the call had reached before any of it was cut back. */
  #highMs = 0;
  #lastUnit = 0;
  #chargedMinor = 0;
  #downtimeMs = 0;
  #aheadUnits: { unit: number; line: Line }[] = [];

  constructor(terms: ReceiptTerms) {
    this.#terms = terms;
    this.#unitMs = unitMsOf(terms);
  }

  of(log: readonly LogLine[]): RecomputedReceipt {
    this.#lines = readLines(log, this.#faults);
    for (const run of runsOf(this.#lines)) for (const line of run) this.#take(line);
    const taken = this.#lines.filter(({ kind }) => kind === 'minimum');
    const minimum = this.#minimum(taken);
    this.#judgeEnd();
    const released = this.#released();
    for (const line of taken) this.#addUnit(line, 0, Number(line.detail.amountMinor));
    const modelMinor = modelPartOf(this.#terms, this.#chargedMinor);
    return {
      billableMs: this.#closed
        ? this.#timeline.at(this.#closed.atMs)
        : this.#timeline.at(this.#lines.at(-1)?.atMs ?? 0),
      units: this.#units,
      pauses: this.#pauses,
      downtimeMs: this.#downtimeMs,
      released,
      refusedAttempts: this.#lines.filter(({ kind }) => kind === 'refused').length,
      minimum,
      chargedMinor: this.#chargedMinor,
      modelMinor,
      studioMinor: this.#chargedMinor - modelMinor,
      unitsChargedBeforeNoticed: this.#early.size,
      mediaBeyondMs: this.#mediaBeyond(),
      endedBy: this.#closed ? this.#endedBy() : null,
      isOldFormat: this.#lines.some(({ monoMs }) => monoMs === null),
      faults: this.#faults,
    };
  }

  #fault(code: FaultCode, sentence: string, line: Line | null): void {
    this.#faults.push({ code, sentence, seq: line?.seq ?? null });
  }

  #take(line: Line): void {
    switch (line.kind) {
      case 'started':
        return this.#start(line);
      case 'recovered':
        return this.#recover(line);
      case 'paused':
        return this.#pause(line);
      case 'resumed':
        return this.#resume(line);
      case 'suspended':
        return this.#suspend(line);
      case 'restarted':
        return this.#restart(line);
      case 'charged':
        return this.#charge(line);
      case 'refused':
        this.#judgePrice(line);
        return this.#judgeClaim(line);
      case 'probed':
        this.#judgeClaim(line);
        return this.#evidence.probed(line.detail);
      case 'grace_over':
        if (this.#suspendedUnit === null)
          this.#fault('grace_without_suspension', 'a grace ends that had not begun', line);
        this.#isGraceOver = true;
        return this.#judgeClaim(line);
      case 'closed':
        return this.#close(line);
      default:
        return this.#judgeClaim(line);
    }
  }

  #start(line: Line): void {
    // A meter that a pause kept from its first moment starts again when the ledger has answered for the first unit.
    const isFirstUnit = this.#isFirstUnitAwaited(line.atMs);
    if (this.#isStarted && !isFirstUnit) this.#fault('started_twice', 'the meter starts twice', line);
    this.#isStarted = true;
    this.#wasLive = true;
    this.#suspendedUnit = null;
    if (this.#modelFaultMs !== null) this.#modelFaultMs = line.atMs;
    const baseMs = isFirstUnit ? this.#timeline.baseMs : this.#timeline.at(line.atMs);
    this.#timeline = new Timeline(line.atMs, baseMs, this.#reasons.size === 0);
    this.#judgeClaim(line);
  }

  /** The appliance was down: nothing ran, and billable time goes on from the last durable line. */
  #recover(line: Line): void {
    const before = this.#lines[this.#lines.indexOf(line) - 1];
    const downtimeMs = before ? this.#between(before, line) : 0;
    this.#downtimeMs += downtimeMs;
    const baseMs = before ? this.#baseAfter(before, line, downtimeMs) : line.billableMs;
    this.#reach(before ? before.atMs : line.atMs);
    for (const reason of [...this.#reasons]) if (!STAY_OVER_RESTART.includes(reason)) this.#endPause(reason, line);
    if (line.detail.graceLeftMs === null) this.#suspendedUnit = null;
    this.#modelFaultMs = this.#reasons.has('slow_link') ? line.atMs : null;
    this.#wasLive = this.#wasLive || baseMs > 0;
    this.#timeline = new Timeline(line.atMs, baseMs, false);
    this.#isStarted = false;
    this.#isFoundAgain = true;
    this.#lastClaimMs = line.billableMs;
  }

  /** The length between two lines; over a restart of the machine only the wall clock knows it. */
  #between(before: Line, line: Line): number {
    const isOneClock = before.monoMs !== null && line.monoMs !== null && line.detail.downMs !== null;
    return Math.max(0, isOneClock ? line.atMs - before.atMs : line.at.getTime() - before.at.getTime());
  }

  #baseAfter(before: Line, line: Line, downtimeMs: number): number {
    const knownMs = this.#timeline.at(isBeside(before) ? Number.POSITIVE_INFINITY : before.atMs);
    const saidMs = line.billableMs;
    const tolerance = this.#tolerance(line);
    if (Math.abs(saidMs - knownMs - this.#offsetMs) <= tolerance || saidMs === before.billableMs) {
      this.#offsetMs = 0;
      return Math.abs(saidMs - knownMs) <= tolerance || saidMs === before.billableMs ? saidMs : knownMs;
    }
    // A unit is posted at most a second before it falls due: that it is shows how far the meter had run.
    const unit = (saidMs + AHEAD_MS - 1) / this.#unitMs + 1;
    const isAhead = Number.isInteger(unit) && unit > this.#lastUnit && priceOfUnit(this.#terms, unit) > 0;
    if (isAhead && saidMs > knownMs && saidMs - knownMs <= downtimeMs) {
      this.#aheadUnits.push({ unit, line });
      return saidMs;
    }
    this.#fault('recovered_elsewhere', `found again at ${saidMs} ms of billable time, left at ${knownMs} ms`, line);
    this.#offsetMs = saidMs - knownMs;
    return knownMs;
  }

  #pause(line: Line): void {
    const reason = String(line.detail.reason);
    const sinceMs = line.monoMs === null ? Date.parse(String(line.detail.since)) : Number(line.detail.sinceMonoMs);
    const fromMs = Number.isFinite(sinceMs) ? sinceMs : line.atMs;
    if (this.#reasons.has(reason)) this.#fault('paused_twice', `${reason} begins twice`, line);
    if (fromMs > line.atMs + this.#tolerance(line))
      this.#fault('paused_in_future', `${reason} is said to begin after it was noticed`, line);
    if (reason === 'slow_link' && !this.#evidence.isSlow())
      this.#fault('slow_link_without_evidence', 'slow_link without two slow ones of three conclusive probes', line);
    this.#reach(line.atMs);
    const noticedMs = this.#timeline.at(line.atMs);
    this.#timeline.standSince(Math.min(fromMs, line.atMs));
    const cutBackMs = noticedMs - this.#timeline.at(line.atMs);
    if (line.monoMs !== null && NO_CUT_BEYOND.has(reason) && cutBackMs > CUT_BACK_MS_MAX)
      this.#fault('cut_back_too_far', `${reason} takes back ${cutBackMs} ms; 2 s is what notice takes`, line);
    if (reason === 'model_waived') this.#isWaived = true;
    this.#reasons.add(reason);
    if (MODEL_SIDE.has(reason)) this.#modelFaultMs = Math.min(this.#modelFaultMs ?? fromMs, fromMs);
    const early = this.#units.filter(({ at, unit }) => this.#isBetween(at, line, fromMs) && !this.#retaken.has(unit));
    for (const { unit } of early) this.#early.add(unit);
    const from = new Date(line.at.getTime() - Math.max(0, line.atMs - fromMs));
    this.#pauses.push({
      reason,
      from,
      to: null,
      billableMs: this.#timeline.at(line.atMs),
      noticedAt: line.at,
      cutBackMs,
      unitsChargedBeforeNoticed: early.length,
      evidence: reason === 'slow_link' ? this.#evidence.deciding : [],
    });
    this.#judgeClaim(line, line.atMs);
  }

  #isBetween(at: Date, line: Line, fromMs: number): boolean {
    const agoMs = line.at.getTime() - at.getTime();
    return agoMs >= 0 && agoMs < line.atMs - fromMs;
  }

  #resume(line: Line): void {
    const reason = String(line.detail.reason);
    if (!this.#reasons.has(reason)) this.#fault('resumed_without_pause', `${reason} ends and had not begun`, line);
    if (reason === 'model_waived') this.#fault('resumed_without_pause', 'a waiver never ends (charging rule 8)', line);
    if (reason === 'slow_link' && !this.#evidence.isFast())
      this.#fault('resumed_without_evidence', 'slow_link ends without probes that say so', line);
    this.#endPause(reason, line);
    if (![...this.#reasons].some((each) => MODEL_SIDE.has(each))) this.#modelFaultMs = null;
    this.#runIfNothingPauses(line);
    this.#judgeClaim(line);
  }

  #endPause(reason: string, line: Line): void {
    this.#reasons.delete(reason);
    const pause = this.#pauses.findLast((each) => each.reason === reason && each.to === null);
    if (!pause) return;
    pause.to = line.at;
    if (reason === 'slow_link') pause.evidence = [...new Set([...pause.evidence, ...this.#evidence.deciding])];
  }

  #runIfNothingPauses(line: Line): void {
    if (this.#isStarted && this.#suspendedUnit === null && this.#reasons.size === 0) this.#timeline.run(line.atMs);
  }

  #suspend(line: Line): void {
    const unit = Number(line.detail.unit);
    if (line.monoMs !== null && !this.#isRefused(unit, line.seq))
      this.#fault('suspended_without_refusal', `suspended for unit ${unit}, which was not refused`, line);
    this.#reach(line.atMs);
    const usedMs = this.#timeline.at(line.atMs);
    const paidMs = (unit - 1) * this.#unitMs;
    if (usedMs < paidMs - this.#tolerance(line))
      this.#fault('suspended_before_used_up', `suspended at ${usedMs} ms, and ${paidMs} ms are paid`, line);
    this.#timeline.standSince(line.atMs);
    this.#suspendedUnit = unit;
    const { at } = line;
    this.#pauses.push({
      reason: 'out_of_funds',
      from: at,
      to: null,
      billableMs: this.#timeline.at(line.atMs),
      noticedAt: at,
      cutBackMs: 0,
      unitsChargedBeforeNoticed: 0,
      evidence: [],
    });
    this.#judgeClaim(line);
  }

  #isRefused(unit: number, beforeSeq: number): boolean {
    return this.#lines.some(({ kind, detail, seq }) => kind === 'refused' && detail.unit === unit && seq < beforeSeq);
  }

  #restart(line: Line): void {
    const unit = Number(line.detail.unit ?? this.#suspendedUnit);
    if (this.#suspendedUnit === null || unit !== this.#suspendedUnit)
      this.#fault('restarted_without_suspension', `restarted with unit ${unit}, which was not waited for`, line);
    this.#suspendedUnit = null;
    this.#isStarted = true;
    this.#retaken.add(unit);
    this.#endPause('out_of_funds', line);
    this.#runIfNothingPauses(line);
    this.#judgeClaim(line);
  }

  #charge(line: Line): void {
    const unit = Number(line.detail.unit);
    this.#judgePrice(line);
    const expected = nextPricedUnit(this.#terms, this.#lastUnit);
    if (this.#units.some((each) => each.unit === unit))
      this.#fault('charged_twice', `unit ${unit} is charged twice (charging rule 4)`, line);
    else if (unit < expected) this.#fault('unit_out_of_order', `unit ${unit} follows unit ${this.#lastUnit}`, line);
    else if (unit > expected) this.#fault('unit_skipped', `unit ${unit} is charged, unit ${expected} is not`, line);
    this.#judgeMoment(line, unit);
    this.#lastUnit = Math.max(this.#lastUnit, unit);
    this.#addUnit(line, unit, Number(line.detail.amountMinor));
    this.#reach(line.atMs);
    this.#judgeClaim(line);
  }

  #judgeMoment(line: Line, unit: number): void {
    const usedMs = this.#timeline.at(line.atMs);
    const dueMs = (unit - 1) * this.#unitMs + 1;
    if (this.#isWaived) this.#fault('charged_after_waiver', `unit ${unit} is charged after the waiver (rule 8)`, line);
    if (this.#suspendedUnit !== null)
      this.#fault('charged_while_suspended', `unit ${unit} is charged in a suspension, without a restart`, line);
    // A refused unit is taken first at the restart, wherever billable time stands.
    if (this.#retaken.has(unit)) return;
    if (usedMs < dueMs - this.#tolerance(line))
      this.#fault('charged_before_due', `unit ${unit} is charged at ${usedMs} ms; it falls due at ${dueMs} ms`, line);
    const isStanding = !this.#timeline.isRunning && this.#suspendedUnit === null && !this.#isWaived;
    // What had fallen due before the appliance went down is counted when its call is closed.
    const isOfBefore = this.#isFoundAgain && dueMs <= this.#timeline.baseMs;
    if (line.monoMs !== null && isStanding && !isOfBefore)
      this.#fault('charged_while_paused', `unit ${unit} is charged while the meter stands`, line);
  }

  #judgePrice(line: Line): void {
    const { unit, amountMinor } = line.detail;
    if (!Number.isSafeInteger(unit) || Number(unit) < 1 || !Number.isSafeInteger(amountMinor))
      return this.#fault('line_malformed', `line ${line.seq} names no unit and amount`, line);
    const due = priceOfUnit(this.#terms, Number(unit));
    if (amountMinor !== due) this.#fault('wrong_amount', `unit ${unit} is ${amountMinor}; it costs ${due}`, line);
  }

  #addUnit({ at, billableMs, detail, seq }: Line, unit: number, amountMinor: number): void {
    const before = modelPartOf(this.#terms, this.#chargedMinor);
    this.#chargedMinor += Number.isSafeInteger(amountMinor) ? amountMinor : 0;
    const modelMinor = modelPartOf(this.#terms, this.#chargedMinor) - before;
    const transferId = typeof detail.transferId === 'number' ? detail.transferId : null;
    this.#units.push({ unit, amountMinor, modelMinor, billableMs, at, transferId, seq });
  }

  #close(line: Line): void {
    this.#reach(line.atMs);
    this.#timeline.standSince(line.atMs);
    for (const pause of this.#pauses) pause.to ??= line.at;
    this.#closed ??= line;
    this.#judgeClaim(line);
  }

  #reach(atMs: number): void {
    if (!this.#isFirstUnitAwaited(atMs)) this.#highMs = Math.max(this.#highMs, this.#timeline.at(atMs));
  }

  /** The meter of a call begins with the ledger's answer for its first unit: for a moment nobody is told that it waits. */
  #isFirstUnitAwaited(atMs: number): boolean {
    return this.#lastUnit === 0 && this.#timeline.ranMs(atMs) <= FIRST_UNIT_MS_MAX;
  }

  #tolerance({ monoMs }: Line): number {
    return monoMs === null ? OLD_TOLERANCE_MS : ROUNDING_MS;
  }

  /** The billable time that the line claims against the one that its events give. */
  #judgeClaim(line: Line, atMs = line.atMs): void {
    const knownMs = this.#timeline.at(atMs);
    const offsetMs = line.billableMs - knownMs;
    const previousMs = this.#lastClaimMs;
    this.#lastClaimMs = line.billableMs;
    if (line.billableMs === this.#timeline.baseMs && this.#isFirstUnitAwaited(atMs)) return;
    if (Math.abs(offsetMs - this.#offsetMs) <= this.#tolerance(line)) return;
    const isAbove = offsetMs > this.#offsetMs;
    this.#offsetMs = offsetMs;
    const sentence = `line ${line.seq} stands at ${line.billableMs} ms of billable time; by its events it is ${knownMs} ms`;
    if (isAbove)
      this.#fault(
        this.#timeline.isRunning ? 'billable_faster_than_clock' : 'billable_ran_while_paused',
        sentence,
        line,
      );
    else if (line.billableMs < previousMs && line.kind !== 'paused') this.#fault('billable_backwards', sentence, line);
    else this.#fault('billable_too_low', sentence, line);
  }

  #endedBy(): string {
    return this.#lines.some(({ kind }) => kind === 'ended_by_both') ? 'model' : String(this.#closed?.detail.endedBy);
  }

  #minimum(taken: readonly Line[]): MinimumAnswer {
    const endMs = this.#closed?.atMs ?? 0;
    const faultMs = this.#modelFaultMs === null ? 0 : endMs - this.#modelFaultMs;
    // Between being found again and starting nothing is told of what the meter waits for.
    const isUnlogged = this.#isFoundAgain && !this.#isStarted;
    // Whether a first unit had been posted before the appliance went down is not told either.
    const isNew = isUnlogged && this.#timeline.baseMs === 0 && this.#lastUnit === 0;
    const saysNone = this.#closed?.detail.minimum === 'none';
    return judgeMinimum(
      {
        endedBy: this.#closed ? this.#endedBy() : 'nobody yet',
        isWaived: this.#isWaived,
        wasLive: isNew ? !saysNone : this.#wasLive || this.#lastUnit > 0,
        faultMs: isUnlogged ? { least: 0, most: Number.POSITIVE_INFINITY } : { least: faultMs, most: faultMs },
        chargedMinor: this.#chargedMinor,
      },
      this.#terms,
      this.#closed,
      taken,
      this.#faults,
    );
  }

  #judgeEnd(): void {
    const closed = this.#closed;
    if (!closed) {
      if (this.#wasLive || this.#units.length > 0)
        this.#fault('closed_missing', 'the log does not say how the call closed', null);
      return;
    }
    const unitsUsed = Math.ceil((this.#highMs - this.#tolerance(closed)) / this.#unitMs);
    const firstUnpaid = nextPricedUnit(this.#terms, this.#lastUnit);
    if (firstUnpaid <= unitsUsed)
      this.#fault(
        'used_and_not_charged',
        `${unitsUsed} units are used, and unit ${firstUnpaid} is not charged`,
        closed,
      );
    const { unitsCharged, endedBy, outOfFunds } = closed.detail;
    const wrong = (sentence: string) => this.#fault('closed_contradicts', sentence, closed);
    if (priceOfUnits(this.#terms, Number(unitsCharged)) !== priceOfUnits(this.#terms, this.#lastUnit))
      wrong(`the last line counts ${unitsCharged} units, the lines above it ${this.#lastUnit}`);
    if (endedBy !== this.#endedBy()) wrong(`the last line says that the ${endedBy} ended it; the model did as well`);
    if (!['client', 'model', 'appliance'].includes(String(endedBy))) wrong(`nobody is called "${endedBy}"`);
    if (Boolean(outOfFunds) !== this.#isGraceOver) wrong('the last line and the lines above it differ about the funds');
    if (outOfFunds && endedBy !== 'client')
      wrong(`a call that ran out of funds is ended by its client, not ${endedBy}`);
    const both = this.#lines.find(({ kind }) => kind === 'ended_by_both');
    if (both && (both.atMs < closed.atMs || both.atMs - closed.atMs > BOTH_END_MS))
      wrong(`both are said to have ended it, ${both.atMs - closed.atMs} ms apart`);
  }

  #released(): RecomputedReceipt['released'] {
    const lines = this.#lines.filter(({ kind }) => kind === 'released');
    const units = new Set<number>();
    for (const line of lines) {
      const unit = Number(line.detail.unit);
      this.#judgePrice(line);
      if (units.has(unit)) this.#fault('released_twice', `unit ${unit} is given back twice`, line);
      units.add(unit);
      if (this.#units.some((each) => each.unit === unit))
        this.#fault('released_and_charged', `unit ${unit} is given back, and charged as well`, line);
    }
    for (const { unit, line } of this.#aheadUnits)
      if (this.#closed && !units.has(unit) && !this.#units.some((each) => each.unit === unit))
        this.#fault('posted_and_forgotten', `unit ${unit} was posted, and neither charged nor given back`, line);
    return lines.map(({ detail, seq }) => ({
      unit: Number(detail.unit),
      amountMinor: Number(detail.amountMinor),
      transferId: Number(detail.transferId),
      releaseId: Number(detail.releaseId),
      seq,
    }));
  }

  #mediaBeyond(): number | null {
    const line = this.#lines.find(({ kind }) => kind === 'media');
    if (!line) return null;
    const { forwardedMs, lawfulMs, beyondMs } = line.detail;
    const overMs = Number(forwardedMs) - Number(lawfulMs);
    if (Number(beyondMs) !== (overMs > MEDIA_BEYOND_MS ? overMs : 0))
      this.#fault(
        'media_contradicts',
        `${forwardedMs} ms of media, ${lawfulMs} ms lawful, ${beyondMs} ms beyond`,
        line,
      );
    return Number(beyondMs);
  }
}
