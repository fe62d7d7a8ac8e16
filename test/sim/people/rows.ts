// Everything durable, as plain data with the constraints that the real tables have. A crash of main keeps it.
import type { CallLedger, CallMeterLog, CallRows } from '../../../server/calls/deps.ts';
import type { CallRecord } from '../../../server/calls/records.ts';
import { LOOKS_MS, RING_PAIR_MS, RINGS_MS } from '../../../server/calls/ring-limits.ts';
import { monotonicMs } from '../../../server/clock/index.ts';
import { type CallId, type Minor, type PersonId, toMinor, UserError } from '../../../server/contract/index.ts';
import type { ChargePoster, MeterLogEntry } from '../../../server/meter/index.ts';
import { StoreUnavailable } from '../../../server/store/index.ts';
import { callRow } from '../../support/call-row.ts';

export const RATE_MINOR = 120;
const LOG_RETRY_MS = 200;

interface Transfer {
  readonly transferId: number;
  readonly key: string;
  readonly kind: 'charge' | 'minimum' | 'tip' | 'release';
  readonly callId: CallId;
  readonly unit: number;
  readonly amountMinor: number;
  readonly shareMinor: number;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly at: Date;
}

interface Charge {
  readonly callId: CallId;
  readonly unit: number;
  readonly amountMinor: number;
  readonly chargedBeforeMinor: number;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly sharePercent: number;
}

/** Everything durable, with the constraints that the real tables have. */
type Payment = Pick<Charge, 'clientId' | 'modelId'>;

export class Rows {
  /** Hears of balances as the ledger's listener does. */
  onBalance: (personId: PersonId, balanceMinor: Minor, released?: { callId: CallId; unit: number }) => void = () => {};
  readonly calls = new Map<CallId, CallRecord>();
  readonly logs = new Map<CallId, MeterLogEntry[]>();
  readonly transfers: Transfer[] = [];
  readonly credit = new Map<PersonId, number>();
  readonly given = new Map<PersonId, number>();
  readonly earned = new Map<PersonId, number>();
  revenue = 0;
  /** The database does not answer. */
  isAway = false;
  /** New calls and charges are written, and nobody hears of it: the database goes before it answers. */
  isAnswerLost = false;
  /** What was said of each call when it was settled. */
  readonly settled = new Map<CallId, { billableMs: number; mediaBeyondMs: number | null }>();
  #nextCall = 1;

  /** Fails as a statement does whose answer does not come. */
  #reach(): void {
    if (this.isAway) throw new StoreUnavailable('the database is away');
  }

  /** Fails when what was written stays without an answer. */
  #answer(): void {
    if (this.isAnswerLost) throw new StoreUnavailable('the answer is lost');
  }

  give(clientId: PersonId, amountMinor: number): void {
    this.credit.set(clientId, (this.credit.get(clientId) ?? 0) + amountMinor);
    this.given.set(clientId, (this.given.get(clientId) ?? 0) + amountMinor);
  }

  /** A call's meter log, a line each, for whoever looks for a fault. */
  logLines(callId: CallId): string {
    const lines = this.logs.get(callId) ?? [];
    return lines
      .map(
        ({ seq, kind, monoMs, billableMs, detail }) =>
          `    ${seq} ${kind} ${monoMs} ${billableMs} ${JSON.stringify(detail)}`,
      )
      .join('\n');
  }

  open(): CallRecord[] {
    return [...this.calls.values()].filter(({ state }) => state !== 'ended');
  }

  readonly records: CallRows = {
    insert: async (call) => {
      if (!this.isAnswerLost) this.#reach();
      if (this.open().some(({ clientId }) => clientId === call.clientId)) throw new UserError('already_in_call');
      if (this.open().some(({ modelId }) => modelId === call.modelId)) throw new UserError('model_busy');
      const callId = this.#nextCall++;
      this.calls.set(callId, { ...callRow(callId, call), rangMonoMs: Math.floor(monotonicMs()) });
      this.#answer();
      return this.records.read(callId);
    },
    ringHistory: async (clientId, modelId) => {
      this.#reach();
      const own = [...this.calls.values()].filter((call) => call.clientId === clientId);
      const since = (ms: number) => own.filter(({ rangAt }) => rangAt.getTime() > Date.now() - ms);
      const ofPair = (call: CallRecord) => call.modelId === modelId;
      const looks = since(LOOKS_MS).filter(
        ({ outcome, acceptedAt, endedBy }) => outcome === 'canceled' && acceptedAt !== null && endedBy === 'client',
      );
      return {
        ringsLately: since(RINGS_MS).length,
        ringsOfPair: since(RING_PAIR_MS).filter(ofPair).length,
        looksOfPair: looks.filter(ofPair).length,
        looks: looks.length,
      };
    },
    read: async (callId) => {
      this.#reach();
      const record = this.calls.get(callId);
      if (!record) throw new UserError('call_not_found');
      return { ...record };
    },
    save: async (callId, facts, more, at) => {
      this.#reach();
      const before = this.calls.get(callId) as CallRecord;
      // Both may end it within a second, and then the model did: nothing else ever changes an outcome.
      const isBoth = before.outcome === 'client_ended' && facts.outcome === 'model_ended' && before.agrees === null;
      if (before.state === 'ended' && !isBoth && (facts.state !== 'ended' || facts.outcome !== before.outcome)) {
        throw new Fault(`call ${callId} had ended as ${before.outcome} and is now ${facts.state} ${facts.outcome}`);
      }
      const { state, outcome, endedBy } = facts;
      const now = at.wall;
      const { isWaived, rejectReason, balanceMinor } = more;
      this.calls.set(callId, {
        ...before,
        isWaived,
        rejectReason,
        state,
        outcome,
        endedBy,
        acceptedAt: before.acceptedAt ?? (state === 'confirming' ? now : null),
        liveAt: before.liveAt ?? (state === 'live' || state === 'suspended' ? now : null),
        suspendedAt: state === 'suspended' ? (before.suspendedAt ?? now) : null,
        endedAt: before.endedAt ?? (state === 'ended' ? now : null),
        acceptedMonoMs: before.acceptedMonoMs ?? (state === 'confirming' ? Math.floor(at.monoMs) : null),
        endBalanceMinor: before.endBalanceMinor ?? (state === 'ended' ? balanceMinor : null),
      });
    },
    settle: async (callId, { billableMs, chargedMinor, agrees, endedAt, mediaBeyondMs }) => {
      this.#reach();
      const before = this.calls.get(callId) as CallRecord;
      if (before.agrees !== null) throw new Fault(`call ${callId} is settled twice`);
      this.settled.set(callId, { billableMs, mediaBeyondMs });
      this.calls.set(callId, { ...before, billableMs, chargedMinor, agrees, endedAt: endedAt ?? before.endedAt });
    },
    unfinished: async () => {
      this.#reach();
      return [...this.calls.values()].filter(
        ({ state, liveAt, agrees }) => state !== 'ended' || (liveAt !== null && agrees === null),
      );
    },
  };

  readonly ledger: CallLedger = {
    balanceOf: async (personId) => {
      this.#reach();
      return toMinor(this.credit.get(personId) ?? 0);
    },
    transfersOfCall: async (callId) => {
      this.#reach();
      return this.#chargesOf(callId);
    },
    releasedOfCall: async (callId) => {
      this.#reach();
      const released = this.transfers.filter((transfer) => transfer.callId === callId && transfer.kind === 'release');
      return released.map(({ transferId: releaseId, unit, amountMinor, at }) => {
        const charge = this.transfers.find(({ key }) => key === `charge:${callId}:${unit}`) as Transfer;
        return { unit, amountMinor: toMinor(amountMinor), transferId: charge.transferId, releaseId, at };
      });
    },
    tipsOfCalls: async (callIds) => {
      this.#reach();
      const tips = this.transfers.filter(({ callId, kind }) => callIds.includes(callId) && kind === 'tip');
      return tips.map((tip) => ({
        ...tip,
        amountMinor: toMinor(tip.amountMinor),
        shareMinor: toMinor(tip.shareMinor),
      }));
    },
    tip: async ({ keepMinor = 0, key, ...tip }) => {
      this.#reach();
      const credit = this.credit.get(tip.clientId) ?? 0;
      if (credit - tip.amountMinor < keepMinor) throw new UserError('balance_too_low');
      this.#post({ ...tip, unit: 0, chargedBeforeMinor: 0 }, `tip:${tip.clientId}:${tip.callId}:${key}`, 'tip');
      this.#publish(tip);
      return { balanceMinor: toMinor(this.credit.get(tip.clientId) ?? 0), isNew: true };
    },
    postMinimum: async (charge) => {
      this.#reach();
      const known = this.transfers.find(({ key }) => key === `minimum:${charge.callId}`);
      if (known) return { amountMinor: toMinor(known.amountMinor), transferId: known.transferId };
      const amountMinor = Math.min(charge.amountMinor, this.credit.get(charge.clientId) ?? 0);
      if (amountMinor === 0) return { amountMinor: toMinor(0), transferId: null };
      const posted = this.#post({ ...charge, unit: 0, amountMinor }, `minimum:${charge.callId}`, 'minimum');
      this.#publish(charge);
      return { amountMinor: toMinor(amountMinor), transferId: posted?.transferId ?? null };
    },
    release: async ({ callId, unit }) => {
      this.#reach();
      const charge = this.transfers.find(({ key }) => key === `charge:${callId}:${unit}`);
      if (!charge) return null;
      const key = `release:${callId}:${unit}`;
      const known = this.transfers.find((transfer) => transfer.key === key);
      const released = known ?? this.#giveBack(charge, key);
      this.#publish(charge, { callId, unit });
      const balanceMinor = toMinor(this.credit.get(charge.clientId) ?? 0);
      return { releaseId: released.transferId, transferId: charge.transferId, balanceMinor };
    },
  };

  /** Charges and the minimum of a call, without those that were given back. */
  #chargesOf(callId: CallId) {
    const ofCall = this.transfers.filter((transfer) => transfer.callId === callId);
    const released = new Set(ofCall.filter(({ kind }) => kind === 'release').map(({ unit }) => unit));
    return ofCall
      .filter(({ kind, unit }) => kind === 'minimum' || (kind === 'charge' && !released.has(unit)))
      .map(({ transferId, kind, unit, amountMinor, shareMinor, at }) => ({
        transferId,
        kind: kind as 'charge' | 'minimum',
        unit,
        amountMinor,
        shareMinor,
        at,
      }));
  }

  chargesOf(callId: CallId) {
    return this.#chargesOf(callId);
  }

  #balancesOf({ clientId, modelId }: Payment) {
    return {
      balanceMinor: toMinor(this.credit.get(clientId) ?? 0),
      earningsMinor: toMinor(this.earned.get(modelId) ?? 0),
    };
  }

  #publish(payment: Payment, released?: { callId: CallId; unit: number }): void {
    const { balanceMinor, earningsMinor } = this.#balancesOf(payment);
    this.onBalance(payment.clientId, balanceMinor, released);
    this.onBalance(payment.modelId, earningsMinor, released);
  }

  readonly postCharges: ChargePoster = async (charges) => {
    if (!this.isAnswerLost) this.#reach();
    const answers = charges.map((charge) => {
      const posted = this.#post(charge, `charge:${charge.callId}:${charge.unit}`, 'charge');
      return {
        status: posted ? ('posted' as const) : ('refused' as const),
        transferId: posted?.transferId ?? null,
        ...this.#balancesOf(charge),
        shareMinor: toMinor(posted?.shareMinor ?? 0),
      };
    });
    this.#answer();
    return answers;
  };

  #post(charge: Charge, key: string, kind: Transfer['kind']): Transfer | null {
    const known = this.transfers.find((transfer) => transfer.key === key);
    if (known) return known;
    const { callId, unit, amountMinor, chargedBeforeMinor, clientId, modelId, sharePercent } = charge;
    const credit = this.credit.get(clientId) ?? 0;
    if (credit < amountMinor) return null;
    // Charging rule 7: after each charge the model has floor(charged so far · share / 100) in total.
    const toModel = (minor: number) => Math.floor((minor * sharePercent) / 100);
    const shareMinor = toModel(chargedBeforeMinor + amountMinor) - toModel(chargedBeforeMinor);
    this.#move(clientId, modelId, amountMinor, shareMinor);
    return this.#book({ key, kind, callId, unit, amountMinor, shareMinor, clientId, modelId });
  }

  #giveBack(charge: Transfer, key: string): Transfer {
    const { callId, unit, amountMinor, shareMinor, clientId, modelId } = charge;
    this.#move(clientId, modelId, -amountMinor, -shareMinor);
    return this.#book({ key, kind: 'release', callId, unit, amountMinor, shareMinor, clientId, modelId });
  }

  #move(clientId: PersonId, modelId: PersonId, amountMinor: number, shareMinor: number): void {
    this.credit.set(clientId, (this.credit.get(clientId) ?? 0) - amountMinor);
    this.earned.set(modelId, (this.earned.get(modelId) ?? 0) + shareMinor);
    this.revenue += amountMinor - shareMinor;
  }

  #book(transfer: Omit<Transfer, 'transferId' | 'at'>): Transfer {
    const booked = { ...transfer, transferId: this.transfers.length + 1, at: new Date() };
    this.transfers.push(booked);
    return booked;
  }

  /** The meter log of one run. Lines wait while the database is away, and are lost with the run. */
  meterLog(isAlive: () => boolean = () => true): CallMeterLog {
    const next = new Map<CallId, number>();
    const waiting: MeterLogEntry[] = [];
    let retry: NodeJS.Timeout | undefined;
    const write = () => {
      retry = undefined;
      if (!isAlive()) return;
      if (this.isAway) retry = setTimeout(write, LOG_RETRY_MS);
      else for (const line of waiting.splice(0)) this.#writeLine(line);
    };
    return {
      resume: (callId, lastSeq) => void next.set(callId, lastSeq + 1),
      append: (entry) => {
        const seq = next.get(entry.callId) ?? 1;
        next.set(entry.callId, seq + 1);
        waiting.push({ ...entry, seq });
        if (!retry) write();
      },
      flush: async () => {
        while (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, LOG_RETRY_MS));
      },
      forget: (callId) => void next.delete(callId),
      read: async (callId) => {
        this.#reach();
        return [...(this.logs.get(callId) ?? [])];
      },
    };
  }

  #writeLine(line: MeterLogEntry): void {
    const log = this.logs.get(line.callId) ?? [];
    if (log.some(({ seq }) => seq === line.seq)) throw new Fault(`line ${line.seq} of call ${line.callId} is twice`);
    this.logs.set(line.callId, [...log, line]);
  }
}

/** Something that must never be. */
export class Fault extends Error {
  override readonly name = 'Fault';
}
