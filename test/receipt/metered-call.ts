// One call under the real meter, recovery and settlement, with doubles of ledger and log and a clock that the test
// moves: what it leaves is what the product writes.
import fs from 'node:fs';
import path from 'node:path';
import type FakeTimers from '@sinonjs/fake-timers';
import type { EndedBy, HostPauseReason } from '../../core-wasm/index.ts';
import type { CallRecord } from '../../server/calls/records.ts';
import { findAgain } from '../../server/calls/recovery.ts';
import { type ClosedMeter, releaseUnits, type SettlementDeps, settle } from '../../server/calls/settlement.ts';
import { monotonicMs } from '../../server/clock/index.ts';
import { type ProbeEvidence, toMinor } from '../../server/contract/index.ts';
import type { ReleasedUnit } from '../../server/ledger/index.ts';
import { type ChargePoster, Meter, type MeterLogEntry, type MeterTerms } from '../../server/meter/index.ts';
import type { LedgerTransfer, ReceiptTerms } from '../../server/receipt/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';
import { callRow } from '../support/call-row.ts';

export const CLOCK_FAKES: NonNullable<Parameters<typeof FakeTimers.install>[0]> = {
  now: Date.UTC(2026, 10, 22),
  toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
};

const CALL = 7;
const GRACE_MS = 300_000;
const THRESHOLD_KBPS = 12_000;
const core = new WebAssembly.Module(
  fs.readFileSync(path.resolve(import.meta.dirname, '../../core-wasm/build/core.wasm')),
);

/** A probe that the link has passed, but for what is changed of it. */
export const evidenceOf = (change: Partial<ProbeEvidence>): ProbeEvidence => ({
  at: new Date().toISOString(),
  verdict: 'pass',
  doubt: null,
  kbps: 15_000,
  thresholdKbps: THRESHOLD_KBPS,
  offeredKbps: 15_000,
  measuredMs: 700,
  probeBytes: 1_000_000,
  mediaBytes: 100_000,
  sentPackets: 1_000,
  receivedPackets: 1_000,
  lossPct: 0,
  heldMs: 0,
  queueMs: null,
  rttMs: null,
  ...change,
});

type Transfer = LedgerTransfer & { readonly kind: 'charge' | 'minimum'; readonly at: Date };

export class MeteredCall {
  readonly terms: MeterTerms;
  readonly log: MeterLogEntry[] = [];
  readonly transfers: Transfer[] = [];
  readonly releases: ReleasedUnit[] = [];
  /** How long the ledger takes to answer. */
  latencyMs = 3;
  closed: ClosedMeter | null = null;
  /** What the settlement found. */
  agrees: boolean | null = null;
  balanceMinor: number;
  readonly #clock: FakeTimers.Clock;
  #meter!: Meter;
  #run = 0;
  #nextId = 100;
  #releasing: Promise<void> = Promise.resolve();
  /** Paused by the host, or by probes. */
  readonly paused = new Set<HostPauseReason>();

  constructor(clock: FakeTimers.Clock, terms: ReceiptTerms, balanceMinor: number) {
    this.#clock = clock;
    this.terms = { callId: CALL, clientId: 1, modelId: 2, ...terms };
    this.balanceMinor = balanceMinor;
    this.#boot();
  }

  #boot(): void {
    const run = ++this.#run;
    const post: ChargePoster = async (batch) => {
      if (run !== this.#run) return new Promise(() => {});
      const answers = batch.map(({ unit, amountMinor, chargedBeforeMinor }) =>
        this.#post('charge', unit, amountMinor, chargedBeforeMinor),
      );
      await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
      return answers.map((transfer) => ({
        status: transfer ? ('posted' as const) : ('refused' as const),
        transferId: transfer?.transferId ?? null,
        balanceMinor: toMinor(this.balanceMinor),
        earningsMinor: null,
        shareMinor: toMinor(0),
      }));
    };
    const meterLog = {
      append: (line: Omit<MeterLogEntry, 'seq'>) => {
        if (run === this.#run) this.log.push({ ...line, seq: this.log.length + 1 });
      },
      resume: () => {},
    };
    const settings = { capacity: 2, slowLinkKbps: THRESHOLD_KBPS, graceMs: GRACE_MS };
    this.#meter = new Meter(core, settings, { post, meterLog, log: createLog('silent'), metrics: createMetrics() });
    this.#meter.onNotice((notice) => {
      if (run !== this.#run) return;
      if (notice.kind === 'release_due')
        this.#releasing = releaseUnits(this.record, notice.unit, notice.lastUnit, this.#deps());
      if (notice.kind === 'closed') this.closed = notice;
    });
  }

  #post(kind: Transfer['kind'], unit: number, amountMinor: number, beforeMinor: number): Transfer | null {
    const known = this.transfers.find((transfer) => transfer.kind === kind && transfer.unit === unit);
    if (known) return known;
    if (this.balanceMinor < amountMinor) return null;
    this.balanceMinor -= amountMinor;
    const part = (sum: number) => Math.floor((sum * this.terms.sharePercent) / 100);
    const shareMinor = part(beforeMinor + amountMinor) - part(beforeMinor);
    const transfer = { transferId: this.#nextId++, kind, unit, amountMinor, shareMinor, at: new Date() };
    this.transfers.push(transfer);
    return transfer;
  }

  /** The call's row, as far as it is known while it goes on. */
  get record(): CallRecord {
    const suspended = this.log.findLast(({ kind }) => kind === 'suspended' || kind === 'restarted');
    const state = suspended?.kind === 'suspended' ? 'suspended' : 'live';
    return { ...callRow(CALL, this.terms), state, acceptedAt: new Date(0), liveAt: new Date(0) };
  }

  #deps(): SettlementDeps & Parameters<typeof findAgain>[1] {
    const ledger = {
      transfersOfCall: async () => [...this.transfers],
      releasedOfCall: async () => [...this.releases],
      release: async ({ unit }: { unit: number }) => {
        const known = this.releases.find((release) => release.unit === unit);
        const balanceMinor = toMinor(this.balanceMinor);
        if (known) return { ...known, balanceMinor };
        const index = this.transfers.findIndex((transfer) => transfer.kind === 'charge' && transfer.unit === unit);
        const [charge] = index < 0 ? [] : this.transfers.splice(index, 1);
        if (!charge) return null;
        const { transferId, amountMinor } = charge;
        this.balanceMinor += amountMinor;
        const release = { releaseId: this.#nextId++, transferId, unit, amountMinor, at: new Date() };
        this.releases.push(release);
        return { ...release, balanceMinor: toMinor(this.balanceMinor) };
      },
      postMinimum: async ({ amountMinor, chargedBeforeMinor }: { amountMinor: number; chargedBeforeMinor: number }) => {
        const taken = toMinor(Math.min(amountMinor, this.balanceMinor));
        const transfer = taken > 0 ? this.#post('minimum', 0, taken, chargedBeforeMinor) : null;
        return { amountMinor: taken, transferId: transfer?.transferId ?? null };
      },
    };
    const meterLog = {
      read: async () => [...this.log],
      flush: async () => {},
      forget: () => {},
      resume: () => {},
      append: () => {},
    };
    const records: SettlementDeps['records'] = {
      settle: async (_callId, { agrees }) => {
        this.agrees = agrees;
      },
    };
    const log = createLog('silent');
    return { ledger, meterLog, records, log, metrics: createMetrics(), meter: this.#meter };
  }

  start(paused: HostPauseReason[] = []): void {
    for (const reason of paused) this.paused.add(reason);
    this.#meter.open(this.terms, toMinor(this.balanceMinor), { paused });
    this.#meter.start(CALL, monotonicMs());
  }

  get isSuspended(): boolean {
    return this.#meter.figures(CALL)?.state === 'suspended';
  }

  /** A pause was dated back behind the point at which a unit that is posted was asked for. */
  get isCutBehindPosted(): boolean {
    const figures = this.#meter.figures(CALL);
    if (!figures) return false;
    const unitMs = this.terms.tariff === 'per_minute' ? 60_000 : 1_000;
    return figures.unitsPosted > 0 && figures.billableMs < (figures.unitsPosted - 1) * unitMs - 999;
  }

  get isOpen(): boolean {
    return this.closed === null;
  }

  async pass(ms: number): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  pause(reason: HostPauseReason, agoMs = 0): void {
    this.paused.add(reason);
    this.#meter.pause(CALL, reason, monotonicMs() - agoMs);
  }

  resume(reason: HostPauseReason): void {
    this.paused.delete(reason);
    this.#meter.resume(CALL, reason);
  }

  probe(kbps: number, verdict?: ProbeEvidence['verdict'], doubt: ProbeEvidence['doubt'] = 'not_offered'): void {
    const evidence = evidenceOf({
      verdict: verdict ?? (kbps < THRESHOLD_KBPS ? 'fail' : 'pass'),
      doubt: verdict === 'inconclusive' ? doubt : null,
      kbps,
    });
    this.#meter.probe(CALL, evidence, monotonicMs() - 700);
  }

  /** Five bursts, 5 s apart, that the page does not answer. */
  async notAnswered(): Promise<void> {
    const firstMs = monotonicMs();
    for (let count = 1; count <= 5; count++) {
      this.probe(0, 'inconclusive', 'no_report');
      if (count < 5) await this.pass(5_000);
    }
    this.#meter.unanswered(CALL, { firstMs, lastMs: monotonicMs() });
  }

  waive(): void {
    this.#meter.waive(CALL);
  }

  credit(amountMinor: number): void {
    this.balanceMinor += amountMinor;
    this.#meter.credit(CALL, toMinor(this.balanceMinor));
  }

  restart(): void {
    this.#meter.restart(CALL);
  }

  end(by: EndedBy, isHangUp = true): void {
    this.#meter.end(CALL, by, isHangUp);
  }

  /**
   * The appliance dies and comes back.
   * @param lostLines of the log that were not durable yet
   */
  async crash(downMs: number, { lostLines = 0, isBack = true, paused = [] as HostPauseReason[] } = {}): Promise<void> {
    await this.#releasing;
    this.#meter.stop();
    this.#run++;
    for (let line = 0; line < lostLines && this.log.length > 2; line++) {
      if (this.log.at(-1)?.kind === 'recovered' || this.log.at(-1)?.kind === 'released') break;
      this.log.pop();
    }
    await this.pass(downMs);
    const found = await findAgain(this.record, this.#deps(), GRACE_MS);
    this.#boot();
    if (found.kind !== 'live') throw new Error(`found as ${found.kind}`);
    this.paused.clear();
    for (const reason of paused) this.paused.add(reason);
    this.#meter.open(this.terms, toMinor(this.balanceMinor), { recovered: found.meter, paused });
    if (!isBack) return;
    await this.pass(900);
    if (found.state === 'live') this.#meter.start(CALL, monotonicMs());
  }

  /**
   * @param forwardedMs media that reached the client
   * @param core what the core says otherwise than it did
   */
  async settle(forwardedMs?: number, core: Partial<ClosedMeter> = {}): Promise<void> {
    for (let tries = 0; this.closed === null && tries < 200; tries++) await this.pass(50);
    if (!this.closed) throw new Error('the call does not close');
    const closed = { ...this.closed, ...core, ...(forwardedMs !== undefined && { forwardedMs }) };
    // One after the other, as the call's queue has them.
    const done = this.#releasing.then(() => settle(this.record, closed, this.#deps()));
    for (let tries = 0; tries < 20; tries++) await this.pass(1);
    await done;
    this.#meter.stop();
  }
}
