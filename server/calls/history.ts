import type { Person } from '../accounts/index.ts';
import {
  type CallId,
  type CallLine,
  type Currency,
  type MeterLogFile,
  type PageQuery,
  type ProbeEvidence,
  RECEIPT_PROBES_MAX,
  type Receipt,
  type ReceiptFile,
  type ReceiptPause,
  type ReceiptSide,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { MeterLog, MeterLogEntry } from '../meter/index.ts';
import type { RecomputedPause } from '../receipt/index.ts';
import { type CheckedCall, checkCall } from './checked-call.ts';
import type { CallRecord, CallRecords } from './records.ts';
import { sumOfTips } from './tips.ts';

type HistoryRows = Pick<CallRecords, 'read' | 'ofPerson'>;
type HistoryLog = Pick<MeterLog, 'read'>;
type HistoryLedger = Pick<
  Ledger,
  'transfersOfCall' | 'releasedOfCall' | 'earningsOfCalls' | 'tipsOfCalls' | 'refundedOfCalls' | 'studioPartOf'
>;

/** What people can read about their calls afterwards. */
export class CallHistory {
  readonly #records: HistoryRows;
  readonly #meterLog: HistoryLog;
  readonly #ledger: HistoryLedger;

  constructor(records: HistoryRows, meterLog: HistoryLog, ledger: HistoryLedger) {
    this.#records = records;
    this.#meterLog = meterLog;
    this.#ledger = ledger;
  }

  /** A person's own calls, newest first. */
  async lines(person: Person, page: PageQuery): Promise<CallLine[]> {
    const records = await this.#records.ofPerson(person.personId, page);
    const callIds = records.map((record) => record.callId);
    const [earned, tips, refunded] = await Promise.all([
      this.#ledger.earningsOfCalls(callIds),
      this.#ledger.tipsOfCalls(callIds),
      this.#ledger.refundedOfCalls(callIds),
    ]);
    return records.map((record) => {
      const isClient = record.clientId === person.personId;
      const { client, model } = peopleOf(record);
      return {
        callId: record.callId,
        peer: isClient ? model : client,
        mySide: isClient ? 'client' : 'model',
        rangAt: record.rangAt.toISOString(),
        outcome: record.outcome,
        billableMs: record.billableMs,
        chargedMinor: record.chargedMinor as CallLine['chargedMinor'],
        tipsMinor: sumOfTips(tips.filter((tip) => tip.callId === record.callId)),
        refundedMinor: refunded.get(record.callId) ?? toMinor(0),
        earnedMinor: isClient ? null : (earned.get(record.callId) ?? (0 as CallLine['chargedMinor'])),
      };
    });
  }

  /** @throws UserError `call_not_found`, also for a call of other people */
  async receipt(person: Person, callId: CallId): Promise<Receipt> {
    const { record, mySide } = await this.#own(person, callId);
    return this.#receiptOf(record, mySide, await this.#check(record));
  }

  /**
   * The receipt with what the ledger has, for a program that checks it.
   * @throws UserError `call_not_found`, also for a call of other people
   */
  async receiptFile(person: Person, callId: CallId, currency: Currency): Promise<ReceiptFile> {
    const { record, mySide } = await this.#own(person, callId);
    const checked = await this.#check(record);
    return {
      format: 'parlour-receipt',
      version: 1,
      currency: currency.code,
      minorDigits: currency.minorDigits,
      receipt: await this.#receiptOf(record, mySide, checked),
      ledger: {
        transfers: checked.transfers.map(({ transferId, unit, amountMinor, shareMinor, at }) => ({
          transferId,
          unit,
          amountMinor,
          shareMinor,
          at: at.toISOString(),
        })),
        releases: checked.releases.map(({ at, ...release }) => ({ ...release, at: at.toISOString() })),
      },
    };
  }

  /** @throws UserError `call_not_found`, also for a call of other people */
  async logFile(person: Person, callId: CallId): Promise<MeterLogFile> {
    await this.#own(person, callId);
    const lines = await this.#meterLog.read(callId);
    return {
      format: 'parlour-meter-log',
      version: 1,
      callId,
      lines: lines.map(({ callId: _, at, ...line }) => ({ ...line, at: at.toISOString() })),
    };
  }

  async #own(person: Person, callId: CallId): Promise<{ record: CallRecord; mySide: ReceiptSide }> {
    const record = await this.#records.read(callId);
    const mySide = sideOf(person, record);
    if (!mySide) throw new UserError('call_not_found');
    return { record, mySide };
  }

  #check(record: CallRecord): Promise<CheckedCall> {
    return checkCall(record, { ledger: this.#ledger, meterLog: this.#meterLog });
  }

  async #receiptOf(record: CallRecord, mySide: ReceiptSide, checked: CheckedCall): Promise<Receipt> {
    const { callId } = record;
    const { receipt, lines, faults } = checked;
    const [earned, tips] = await Promise.all([
      this.#ledger.earningsOfCalls([callId]),
      this.#ledger.tipsOfCalls([callId]),
    ]);
    return {
      callId,
      mySide,
      ...peopleOf(record),
      rateMinor: record.rateMinor,
      minimumMin: record.minimumMin,
      tariff: record.tariff,
      sharePercent: record.sharePercent,
      outcome: record.outcome,
      rangAt: record.rangAt.toISOString(),
      liveAt: record.liveAt?.toISOString() ?? null,
      endedAt: record.endedAt?.toISOString() ?? null,
      billableMs: receipt.billableMs,
      downtimeMs: receipt.downtimeMs,
      units: receipt.units.map(({ unit, amountMinor, modelMinor, billableMs, at, transferId }) => ({
        unit,
        amountMinor: toMinor(amountMinor),
        modelMinor: toMinor(modelMinor),
        billableMs,
        at: at.toISOString(),
        transferId,
      })),
      releasedUnits: receipt.released.map(({ unit }) => unit),
      refusedAttempts: receipt.refusedAttempts,
      minimum: { why: receipt.minimum.why, amountMinor: toMinor(receipt.minimum.amountMinor) },
      pauses: receipt.pauses.map(pauseOf),
      probes: probesOf(lines).slice(-RECEIPT_PROBES_MAX),
      chargedMinor: toMinor(receipt.chargedMinor),
      tipsMinor: sumOfTips(tips),
      earnedMinor: mySide === 'client' ? null : (earned.get(callId) ?? toMinor(0)),
      studioMinor: mySide === 'operator' ? await this.#ledger.studioPartOf(callId) : null,
      mediaBeyondMs: receipt.mediaBeyondMs,
      // What was found at the closing stays found; what has been changed since is found now.
      agrees: record.agrees === null ? null : record.agrees && faults.length === 0,
      faults: record.agrees === null ? [] : [...faults],
    };
  }
}

const pauseOf = (pause: RecomputedPause): ReceiptPause => ({
  ...pause,
  reason: pause.reason as ReceiptPause['reason'],
  from: pause.from.toISOString(),
  to: pause.to?.toISOString() ?? null,
  noticedAt: pause.noticedAt.toISOString(),
  evidence: pause.evidence as unknown as ProbeEvidence[],
});

/** Every probe of the model's uplink, oldest first: a `probed` line's detail is the evidence. */
const probesOf = (lines: readonly MeterLogEntry[]): ProbeEvidence[] =>
  lines.filter(({ kind }) => kind === 'probed').map(({ detail }) => detail as unknown as ProbeEvidence);

function sideOf(person: Person, record: CallRecord): ReceiptSide | null {
  if (person.personId === record.clientId) return 'client';
  if (person.personId === record.modelId) return 'model';
  return person.role === 'operator' ? 'operator' : null;
}

function peopleOf(record: CallRecord) {
  return {
    client: { personId: record.clientId, displayName: record.client.displayName },
    model: { personId: record.modelId, displayName: record.model.displayName },
  };
}
