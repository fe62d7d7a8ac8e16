import type { ProbeEvidence, Tariff } from '../contract/index.ts';
import type { MeterLogEntry } from './log.ts';

/** What a call cost, worked out from its meter log alone, as a person with a calculator would. */
export interface LogReceipt {
  readonly units: { unit: number; amountMinor: number; billableMs: number; at: Date; transferId: number }[];
  readonly pauses: { reason: string; from: Date; to: Date | null; evidence: ProbeEvidence[] }[];
  /** Every probe of the model's uplink, oldest first. */
  readonly probes: ProbeEvidence[];
  readonly chargedMinor: number;
  readonly billableMs: number;
  /** Sentences that say what is wrong with the log by the charging rules; none when all is well. */
  readonly faults: string[];
}

const UNIT_MS: Record<Tariff, number> = { per_minute: 60_000, per_second: 1_000 };

export function receiptFromLog(
  entries: readonly MeterLogEntry[],
  terms: { rateMinor: number; minimumMin: number; tariff: Tariff },
): LogReceipt {
  const faults: string[] = [];
  const units = entries
    .filter((entry) => entry.kind === 'charged' || entry.kind === 'minimum')
    .map((entry) => ({
      unit: entry.kind === 'minimum' ? 0 : Number(entry.detail.unit),
      amountMinor: Number(entry.detail.amountMinor),
      transferId: Number(entry.detail.transferId),
      billableMs: entry.billableMs,
      at: entry.at,
    }));
  const chargedMinor = units.reduce((sum, unit) => sum + unit.amountMinor, 0);
  const charges = units.filter((unit) => unit.unit > 0);
  const billableMs = entries.at(-1)?.billableMs ?? 0;

  entries.forEach((entry, index) => {
    if (entry.seq !== index + 1) faults.push(`line ${index + 1} of the log is missing`);
  });
  const suspendedUnits = new Set(entries.filter(({ kind }) => kind === 'suspended').map(({ detail }) => detail.unit));
  let previous = 0;
  for (const charge of charges) {
    if (charge.unit <= previous) faults.push(`unit ${charge.unit} follows unit ${previous}`);
    const due = priceOf(terms, charge.unit) - priceOf(terms, charge.unit - 1);
    if (charge.amountMinor !== due) faults.push(`unit ${charge.unit} cost ${charge.amountMinor}, not ${due}`);
    // A unit that was refused is taken first at the restart, wherever billable time stands: at the end of the
    // paid time, or before it when a fault that was found in the grace has cut it back.
    const earliestMs = suspendedUnits.has(charge.unit) ? 0 : (charge.unit - 1) * UNIT_MS[terms.tariff] + 1;
    if (charge.billableMs < earliestMs) {
      faults.push(`unit ${charge.unit} fell at ${charge.billableMs} ms, before it was due (charging rule 2)`);
    }
    previous = charge.unit;
  }
  const minimum = units.find((unit) => unit.unit === 0);
  const charged = charges.reduce((sum, unit) => sum + unit.amountMinor, 0);
  if (minimum && minimum.amountMinor > terms.rateMinor * terms.minimumMin - charged) {
    faults.push('more was taken than the rest of the minimum (charging rule 5)');
  }
  const probes = entries.filter(({ kind }) => kind === 'probed').map(probeOf);
  return { units, pauses: pausesOf(entries), probes, chargedMinor, billableMs, faults };
}

/** What so many units cost together (charging rules 2 and 3). */
function priceOf({ rateMinor, tariff }: { rateMinor: number; tariff: Tariff }, units: number): number {
  if (tariff === 'per_minute') return rateMinor * units;
  return Number((BigInt(rateMinor) * BigInt(units) + 59n) / 60n);
}

/** Probes that decide over `slow_link`: the last three conclusive ones. */
const PROBES_JUDGED = 3;

const probeOf = ({ detail }: MeterLogEntry): ProbeEvidence => detail as unknown as ProbeEvidence;

function pausesOf(entries: readonly MeterLogEntry[]): LogReceipt['pauses'] {
  const pauses: LogReceipt['pauses'][number][] = [];
  let judged: ProbeEvidence[] = [];
  const begin = (reason: string, from: Date, evidence: ProbeEvidence[] = []) =>
    pauses.push({ reason, from, to: null, evidence });
  const end = (to: Date, reason?: string, evidence: ProbeEvidence[] = []) => {
    for (const pause of pauses) {
      if (pause.to !== null || (reason !== undefined && pause.reason !== reason)) continue;
      pause.to = to;
      pause.evidence = [...new Set([...pause.evidence, ...evidence])];
    }
  };
  for (const entry of entries) {
    const { kind, at, detail } = entry;
    const evidence = detail.reason === 'slow_link' ? judged : [];
    if (kind === 'probed' && detail.verdict !== 'inconclusive')
      judged = [...judged, probeOf(entry)].slice(-PROBES_JUDGED);
    if (kind === 'paused') begin(String(detail.reason), new Date(String(detail.since ?? at.toISOString())), evidence);
    if (kind === 'resumed') end(at, String(detail.reason), evidence);
    if (kind === 'suspended') begin('out_of_funds', at);
    if (kind === 'restarted') end(at, 'out_of_funds');
    if (kind === 'closed') end(at);
  }
  return pauses;
}
