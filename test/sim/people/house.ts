// What lies around the calls, as plain data: the database, the media process, the sockets. A crash of
// main keeps the database and loses the rest.
import type { CallFacts } from '../../../server/calls/machine.ts';
import type { CallRecord } from '../../../server/calls/records.ts';
import {
  type CallId,
  type CallView,
  type HubMessage,
  type PersonId,
  type Side,
  toMinor,
  UserError,
} from '../../../server/contract/index.ts';
import { shareOf } from '../../../server/ledger/index.ts';
import type { MeterLogEntry } from '../../../server/meter/index.ts';

export const RATE_MINOR = 120;

interface Transfer {
  readonly transferId: number;
  readonly key: string;
  readonly kind: 'charge' | 'minimum' | 'tip';
  readonly callId: CallId;
  readonly unit: number;
  readonly amountMinor: number;
  readonly at: Date;
}

interface Charge {
  readonly callId: CallId;
  readonly unit: number;
  readonly amountMinor: number;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly sharePercent: number;
}

/** Everything durable, with the constraints that the real tables have. */
export class Rows {
  readonly calls = new Map<CallId, CallRecord>();
  readonly logs = new Map<CallId, MeterLogEntry[]>();
  readonly transfers: Transfer[] = [];
  readonly credit = new Map<PersonId, number>();
  readonly given = new Map<PersonId, number>();
  readonly earned = new Map<PersonId, number>();
  revenue = 0;
  #nextCall = 1;

  give(clientId: PersonId, amountMinor: number): void {
    this.credit.set(clientId, (this.credit.get(clientId) ?? 0) + amountMinor);
    this.given.set(clientId, (this.given.get(clientId) ?? 0) + amountMinor);
  }

  open(): CallRecord[] {
    return [...this.calls.values()].filter(({ state }) => state !== 'ended');
  }

  readonly records = {
    insert: async (
      call: Pick<CallRecord, 'clientId' | 'modelId' | 'rateMinor' | 'minimumMin' | 'tariff' | 'sharePercent'>,
    ) => {
      if (this.open().some(({ clientId }) => clientId === call.clientId)) throw new UserError('already_in_call');
      if (this.open().some(({ modelId }) => modelId === call.modelId)) throw new UserError('model_busy');
      const callId = this.#nextCall++;
      const peer = (personId: PersonId) => ({
        personId,
        displayName: `${personId}`,
        pictureUrl: null,
        isVerified: false,
      });
      this.calls.set(callId, {
        ...call,
        callId,
        client: peer(call.clientId),
        model: peer(call.modelId),
        state: 'ringing',
        rangAt: new Date(),
        acceptedAt: null,
        liveAt: null,
        suspendedAt: null,
        endedAt: null,
        outcome: null,
        endedBy: null,
        rejectReason: null,
        isWaived: false,
        billableMs: 0,
        chargedMinor: 0,
        agrees: null,
      });
      return this.records.read(callId);
    },
    read: async (callId: CallId): Promise<CallRecord> => {
      const record = this.calls.get(callId);
      if (!record) throw new UserError('call_not_found');
      return { ...record };
    },
    save: async (callId: CallId, facts: CallFacts, more: { isWaived: boolean; rejectReason: string | null }) => {
      const before = this.calls.get(callId) as CallRecord;
      if (before.state === 'ended' && (facts.state !== 'ended' || facts.outcome !== before.outcome)) {
        throw new Fault(`call ${callId} had ended as ${before.outcome} and is now ${facts.state} ${facts.outcome}`);
      }
      const { state, outcome, endedBy } = facts;
      const now = new Date();
      this.calls.set(callId, {
        ...before,
        ...more,
        state,
        outcome,
        endedBy,
        acceptedAt: before.acceptedAt ?? (state === 'confirming' ? now : null),
        liveAt: before.liveAt ?? (state === 'live' || state === 'suspended' ? now : null),
        suspendedAt: state === 'suspended' ? (before.suspendedAt ?? now) : null,
        endedAt: before.endedAt ?? (state === 'ended' ? now : null),
      });
    },
    settle: async (callId: CallId, result: { billableMs: number; chargedMinor: number; agrees: boolean }) => {
      const before = this.calls.get(callId) as CallRecord;
      this.calls.set(callId, { ...before, ...result });
    },
    unfinished: async () =>
      [...this.calls.values()].filter(
        ({ state, liveAt, agrees }) => state !== 'ended' || (liveAt !== null && agrees === null),
      ),
    stale: async (ms: number) => {
      const old = (at: Date | null) => at !== null && at.getTime() < Date.now() - ms;
      return [...this.calls.values()].filter((call) =>
        call.state !== 'ended' ? old(call.rangAt) : call.liveAt !== null && call.agrees === null && old(call.endedAt),
      );
    },
  };

  readonly ledger = {
    balanceOf: async (personId: PersonId) => toMinor(this.credit.get(personId) ?? 0),
    transfersOfCall: async (callId: CallId) =>
      this.transfers.filter((transfer) => transfer.callId === callId && transfer.kind !== 'tip'),
    tipsOfCalls: async (callIds: CallId[]) =>
      this.transfers.filter((transfer) => callIds.includes(transfer.callId) && transfer.kind === 'tip'),
    tip: async (tip: Charge & { key: string }) => {
      const posted = this.#post(tip, `tip:${tip.clientId}:${tip.callId}:${tip.key}`, 'tip');
      if (!posted) throw new UserError('balance_too_low');
    },
    postMinimum: async (charge: Charge) => {
      const known = this.transfers.find(({ key }) => key === `minimum:${charge.callId}`);
      if (known) return { amountMinor: toMinor(known.amountMinor), transferId: known.transferId };
      const amountMinor = Math.min(charge.amountMinor, this.credit.get(charge.clientId) ?? 0);
      if (amountMinor === 0) return { amountMinor: toMinor(0), transferId: null };
      const posted = this.#post({ ...charge, unit: 0, amountMinor }, `minimum:${charge.callId}`, 'minimum');
      return { amountMinor: toMinor(amountMinor), transferId: posted?.transferId ?? null };
    },
  };

  postCharges(charges: readonly Charge[]) {
    return charges.map((charge) => {
      const posted = this.#post(charge, `charge:${charge.callId}:${charge.unit}`, 'charge');
      return {
        status: posted ? ('posted' as const) : ('refused' as const),
        transferId: posted?.transferId ?? null,
        balanceMinor: toMinor(this.credit.get(charge.clientId) ?? 0),
      };
    });
  }

  #post(charge: Charge, key: string, kind: Transfer['kind']): Transfer | null {
    const known = this.transfers.find((transfer) => transfer.key === key);
    if (known) return known;
    const { callId, unit, amountMinor, clientId, modelId, sharePercent } = charge;
    const credit = this.credit.get(clientId) ?? 0;
    if (credit < amountMinor) return null;
    const share = shareOf(toMinor(amountMinor), sharePercent);
    this.credit.set(clientId, credit - amountMinor);
    this.earned.set(modelId, (this.earned.get(modelId) ?? 0) + share);
    this.revenue += amountMinor - share;
    const transfer = { transferId: this.transfers.length + 1, key, kind, callId, unit, amountMinor, at: new Date() };
    this.transfers.push(transfer);
    return transfer;
  }

  /** The meter log of one run; what it has taken is durable at once. */
  meterLog() {
    const next = new Map<CallId, number>();
    return {
      resume: (callId: CallId, lastSeq: number) => void next.set(callId, lastSeq + 1),
      append: (entry: Omit<MeterLogEntry, 'seq'>) => {
        const seq = next.get(entry.callId) ?? 1;
        next.set(entry.callId, seq + 1);
        const log = this.logs.get(entry.callId) ?? [];
        if (log.some((line) => line.seq === seq))
          throw new Fault(`line ${seq} of call ${entry.callId} is written twice`);
        this.logs.set(entry.callId, [...log, { ...entry, seq }]);
      },
      flush: async () => {},
      forget: (callId: CallId) => void next.delete(callId),
      stop: () => {},
      read: async (callId: CallId) => [...(this.logs.get(callId) ?? [])],
    };
  }
}

/** Something that must never be. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

/** The sockets of one run: which pages there are, and the newest view that each person was sent. */
export class Pages {
  readonly open = new Map<number, PersonId>();
  readonly views = new Map<PersonId, CallView>();
  static #nextId = 1;

  connect(personId: PersonId): number {
    const connectionId = Pages.#nextId++;
    this.open.set(connectionId, personId);
    return connectionId;
  }

  of(personId: PersonId): number[] {
    return [...this.open].filter(([, owner]) => owner === personId).map(([connectionId]) => connectionId);
  }

  readonly hub = {
    isOnline: (personId: PersonId) => this.of(personId).length > 0,
    isConnected: (connectionId: number) => this.open.has(connectionId),
    sendToConnection: () => {},
    sendToPerson: (personId: PersonId, message: HubMessage) => {
      if (message.type !== 'call') return;
      const before = this.views.get(personId);
      const { call } = message;
      if (before?.callId === call.callId && call.seq <= before.seq)
        throw new Fault('a view that is older than the last');
      if (before?.callId === call.callId && before.state === 'ended' && call.state !== 'ended') {
        throw new Fault(`call ${call.callId} had ended and is ${call.state}`);
      }
      this.views.set(personId, call);
    },
  };
}

interface LegDouble {
  readonly callId: CallId;
  readonly side: Side;
  isUp: boolean;
  isFlowing: boolean;
}

type LegEvent = { type: string; legId: number; callId: CallId; side: Side; sinceMs?: number };

/** The media process of one run: legs that others bring up and down, and the leases that it was given. */
export class MediaDouble {
  readonly legs = new Map<number, LegDouble>();
  readonly leases = new Map<CallId, number>();
  #onLeg: (event: LegEvent) => void = () => {};
  static #nextId = 1;

  readonly control = {
    onLeg: (listener: (event: LegEvent) => void) => {
      this.#onLeg = listener;
    },
    onCounters: () => {},
    openLeg: (callId: CallId, side: Side) => {
      for (const [legId, leg] of this.legs) if (leg.callId === callId && leg.side === side) this.legs.delete(legId);
      const legId = MediaDouble.#nextId++;
      this.legs.set(legId, { callId, side, isUp: false, isFlowing: false });
      return legId;
    },
    closeCall: (callId: CallId) => {
      for (const [legId, leg] of this.legs) if (leg.callId === callId) this.legs.delete(legId);
      this.leases.delete(callId);
    },
    lease: (callId: CallId, untilMs: number) => void this.leases.set(callId, untilMs),
    gate: () => {},
    willing: () => {},
    legOf: (legId: number) => this.legs.get(legId) ?? null,
    countersOfLeg: () => null,
    countersOf: () => [],
    closeTest: () => {},
  };

  tell(legId: number, type: 'up' | 'flowing' | 'silent' | 'down', sinceMs = 0): void {
    const leg = this.legs.get(legId);
    if (!leg) return;
    if (type === 'up') leg.isUp = true;
    if (type === 'flowing') leg.isFlowing = true;
    if (type === 'silent') leg.isFlowing = false;
    if (type === 'down') this.legs.delete(legId);
    this.#onLeg({ type, legId, callId: leg.callId, side: leg.side, sinceMs });
  }
}
