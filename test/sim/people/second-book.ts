// A second book of each call, kept from what people and their lines do and from nothing that the product says of itself:
// how long both were served, who was at fault, who waived. At the end the product's own book is held against it.
import type { CallRecord } from '../../../server/calls/records.ts';
import type { CallId, Side } from '../../../server/contract/index.ts';
import { Fault, type Rows } from './rows.ts';

/** Billable time may differ from the time served by so much at each begin or end of serving: silence takes 2 s to notice. */
const EDGE_MS = 2_700;
const EDGE_START_MS = 2_000;
const MODEL_OFF_MS = 12_500;
/** Switches that are off are no fault of hers for so long. */
const OFF_BELIEVED_MS = 10_000;
/** The slowest way to find out: probed a moment ago and again after two minutes, and then five times without an answer. */
const SLOW_NOTICED_MS = 160_000;
/** A fault on the model's side of about ten seconds may be judged either way: notice and legs take a moment. */
const FAULT_SURE_MS = 14_000;
const NO_FAULT_SURE_MS = 6_000;

interface Entry {
  /** Time in which both were there, both sent, and the call was live. */
  servedMs: number;
  isServed: boolean;
  edges: number;
  /** How long the model alone has been at fault, up to now; null while it cannot be told whose fault it is. */
  modelFaultMs: number | null;
  /** Billable time cannot be told any more: main or the database was away in it. */
  isVague: boolean;
  waivedUnits: number | null;
  /** A model with both switches off is paid for ten seconds of it, once each time. */
  isModelOff: boolean;
  offMs: number;
  /** How long they have been off, up to now. */
  offForMs: number;
  /** How long the model's link has been too slow or her page silent about it, up to now. */
  slowMs: number;
  /** It was so once: then billable time may be less than the time served, by as much as the probes say. */
  wasSlow: boolean;
}

/** How one side is doing. */
export interface SideTruth {
  readonly hasPage: boolean;
  readonly hasLeg: boolean;
  readonly isSending: boolean;
  /** Says that both switches are off. */
  readonly isOff: boolean;
  readonly isUplinkFast: boolean;
}

export class SecondBook {
  readonly #rows: Rows;
  readonly #entries = new Map<CallId, Entry>();
  readonly #checked = new Set<CallId>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** A tenth of a second of a live call has passed. */
  tick(call: CallRecord, truth: Record<Side, SideTruth>, ms: number): void {
    const entry = this.#entryOf(call.callId);
    const isGood = ({ hasPage, hasLeg, isSending }: SideTruth) => hasPage && hasLeg && isSending;
    entry.slowMs = truth.model.isUplinkFast ? 0 : entry.slowMs + ms;
    entry.wasSlow ||= entry.slowMs > 0;
    const isSlow = entry.slowMs > SLOW_NOTICED_MS;
    const isServed = call.state === 'live' && isGood(truth.client) && isGood(truth.model) && !isSlow;
    if (isServed !== entry.isServed) entry.edges += 1;
    entry.isServed = isServed;
    if (isServed) entry.servedMs += ms;
    if (truth.model.isOff && !entry.isModelOff) entry.offMs += MODEL_OFF_MS;
    entry.isModelOff = truth.model.isOff;
    entry.offForMs = truth.model.isOff ? entry.offForMs + ms : 0;
    if (this.#rows.isAway) entry.isVague = true;
    if (entry.wasSlow) entry.modelFaultMs = null;
    else if (isGood(truth.model) || (entry.offForMs > 0 && entry.offForMs <= OFF_BELIEVED_MS)) entry.modelFaultMs = 0;
    else if (!isGood(truth.client)) entry.modelFaultMs = null;
    else if (entry.modelFaultMs !== null) entry.modelFaultMs += ms;
  }

  /** A tenth of a second of a confirmation has passed: what is measured in it counts from the first live moment. */
  tickBefore(callId: CallId, { isOff, isUplinkFast }: SideTruth, ms: number): void {
    const entry = this.#entryOf(callId);
    entry.wasSlow ||= !isUplinkFast;
    entry.offForMs = isOff ? entry.offForMs + ms : 0;
  }

  /** Main is gone and comes back: what it had not written down is nobody's debt. */
  crashed(): void {
    for (const entry of this.#entries.values()) {
      entry.isVague = true;
      entry.modelFaultMs = null;
    }
  }

  /** Legs are lost by the appliance's own fault, or made anew by somebody's. */
  disturbed(callId: CallId): void {
    const entry = this.#entryOf(callId);
    entry.edges += 2;
    entry.modelFaultMs = null;
  }

  waived(callId: CallId): void {
    const entry = this.#entryOf(callId);
    entry.waivedUnits ??= this.#rows.chargesOf(callId).filter(({ kind }) => kind === 'charge').length;
  }

  /** Every call that has been settled since the last look. */
  check(): void {
    for (const callId of this.#rows.settled.keys()) {
      if (this.#checked.has(callId)) continue;
      this.#checked.add(callId);
      this.#checkCall(this.#rows.calls.get(callId) as CallRecord);
    }
  }

  #checkCall(call: CallRecord): void {
    const { callId, tariff, rateMinor } = call;
    const entry = this.#entryOf(callId);
    const settled = this.#rows.settled.get(callId);
    const fail = (why: string): never => {
      throw new Fault(`call ${callId}: ${why}; second book ${JSON.stringify(entry)}\n${this.#rows.logLines(callId)}`);
    };
    if (settled?.mediaBeyondMs) fail(`${settled.mediaBeyondMs} ms of media reached the client for nothing`);
    const billableMs = settled?.billableMs ?? 0;
    const slackMs = 500 + entry.edges * EDGE_MS + entry.offMs;
    if (!entry.isVague && billableMs > entry.servedMs + slackMs)
      fail(`${billableMs} ms are billable, ${entry.servedMs} were served`);
    const lowMs = entry.servedMs - 500 - entry.edges * EDGE_START_MS;
    if (!entry.isVague && !entry.wasSlow && entry.waivedUnits === null && billableMs < lowMs)
      fail(`only ${billableMs} ms are billable of ${entry.servedMs} served`);
    const charges = this.#rows.chargesOf(callId);
    const unitMs = tariff === 'per_minute' ? 60_000 : 1_000;
    const priceOf = (units: number) =>
      tariff === 'per_minute' ? rateMinor * units : Math.ceil((rateMinor * units) / 60);
    const charged = charges.filter(({ kind }) => kind === 'charge').reduce((sum, one) => sum + one.amountMinor, 0);
    if (charged < priceOf(Math.ceil(billableMs / unitMs))) fail(`${billableMs} ms cost only ${charged}`);
    if (!entry.isVague && charged > priceOf(Math.ceil((entry.servedMs + slackMs) / unitMs)))
      fail(`${entry.servedMs} ms served cost ${charged}`);
    const units = charges.filter(({ kind }) => kind === 'charge').length;
    if (entry.waivedUnits !== null && units > entry.waivedUnits)
      fail(`${units} units, ${entry.waivedUnits} at the waiver`);
    this.#checkMinimum(call, entry, charged, fail);
  }

  #checkMinimum(call: CallRecord, entry: Entry, charged: number, fail: (why: string) => never): void {
    const taken = this.#rows.chargesOf(call.callId).find(({ kind }) => kind === 'minimum');
    const isClients =
      call.outcome === 'client_ended' ||
      call.outcome === 'out_of_funds' ||
      (call.outcome === 'network_lost' && call.endedBy === 'client');
    const rest = call.rateMinor * call.minimumMin - charged;
    if (taken && !isClients) fail(`the minimum was taken although it ended as ${call.outcome} by ${call.endedBy}`);
    if (taken && entry.waivedUnits !== null) fail('the minimum was taken after a waiver');
    if (taken && taken.amountMinor > rest)
      fail(`${taken.amountMinor} was taken of a minimum of which ${rest} was left`);
    if (taken && !entry.isVague && (entry.modelFaultMs ?? 0) > FAULT_SURE_MS)
      fail("the minimum was taken, by the model's fault");
    const isOwed = isClients && rest > 0 && entry.waivedUnits === null && (call.endBalanceMinor ?? 0) > 0;
    const isSure = !entry.isVague && entry.modelFaultMs !== null && entry.modelFaultMs < NO_FAULT_SURE_MS;
    if (isOwed && isSure && !taken) fail(`the minimum, ${rest}, was not taken`);
  }

  #entryOf(callId: CallId): Entry {
    const known = this.#entries.get(callId);
    if (known) return known;
    const entry = {
      servedMs: 0,
      isServed: false,
      // A side that fell silent just before the call went live is noticed after: the beginning is an edge, too.
      edges: 1,
      modelFaultMs: 0,
      isVague: false,
      waivedUnits: null,
      isModelOff: false,
      offMs: 0,
      offForMs: 0,
      slowMs: 0,
      wasSlow: false,
    };
    this.#entries.set(callId, entry);
    return entry;
  }
}
