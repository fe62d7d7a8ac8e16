import type { Person } from '../accounts/index.ts';
import {
  type CallId,
  type CallLine,
  type PageQuery,
  RECEIPT_PROBES_MAX,
  type Receipt,
  type ReceiptSide,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import { type MeterLog, receiptFromLog } from '../meter/index.ts';
import type { CallRecord, CallRecords } from './records.ts';
import { sumOfTips } from './tips.ts';

/** What people can read about their calls afterwards. */
export class CallHistory {
  readonly #records: CallRecords;
  readonly #meterLog: MeterLog;
  readonly #ledger: Ledger;

  constructor(records: CallRecords, meterLog: MeterLog, ledger: Ledger) {
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
    const record = await this.#records.read(callId);
    const mySide = sideOf(person, record);
    if (!mySide) throw new UserError('call_not_found');
    const log = receiptFromLog(await this.#meterLog.read(callId), record);
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
      outcome: record.outcome,
      rangAt: record.rangAt.toISOString(),
      liveAt: record.liveAt?.toISOString() ?? null,
      endedAt: record.endedAt?.toISOString() ?? null,
      billableMs: log.billableMs,
      units: log.units.map((unit) => ({
        ...unit,
        amountMinor: unit.amountMinor as Receipt['chargedMinor'],
        at: unit.at.toISOString(),
      })),
      pauses: log.pauses.map((pause) => ({
        reason: pause.reason as Receipt['pauses'][number]['reason'],
        from: pause.from.toISOString(),
        to: pause.to?.toISOString() ?? null,
        evidence: pause.evidence,
      })),
      probes: log.probes.slice(-RECEIPT_PROBES_MAX),
      chargedMinor: log.chargedMinor as Receipt['chargedMinor'],
      tipsMinor: sumOfTips(tips),
      earnedMinor: mySide === 'client' ? null : (earned.get(callId) ?? (0 as Receipt['chargedMinor'])),
      studioMinor: mySide === 'operator' ? await this.#ledger.studioPartOf(callId) : null,
      agrees: record.agrees,
    };
  }
}

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
