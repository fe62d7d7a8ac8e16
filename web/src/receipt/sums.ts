import type { Tariff } from '@contract/money.ts';
import type { RefundLine } from '@contract/money-api.ts';
import type { Receipt } from '@contract/receipt.ts';
import { priceMinor, unitMs } from '@core/host/tariff.ts';

/** Units that were begun in so much billable time: exactly 4:00.000 is four minutes, 4:00.001 five (charging rule 2). */
function unitsBegun(billableMs: number, tariff: Tariff): number {
  return Math.ceil(Math.max(0, billableMs) / unitMs(tariff));
}

/** What so many units cost together (charging rules 2 and 3). */
export function priceOf(units: number, rateMinor: number, tariff: Tariff): number {
  return Number(priceMinor(tariff, rateMinor, units));
}

/** The numbers with which a person recomputes a receipt. */
export type Sums = {
  begun: number;
  charged: number;
  unitsMinor: number;
  minimumMinor: number;
  /** The rest of the minimum, where it was charged. */
  restMinor: number | null;
  totalMinor: number;
};

export function sumsOf(receipt: Receipt): Sums {
  const units = receipt.units.filter((one) => one.unit > 0);
  const unitsMinor = units.reduce((sum, one) => sum + one.amountMinor, 0);
  const rest = receipt.units.find((one) => one.unit === 0);
  return {
    begun: unitsBegun(receipt.billableMs, receipt.tariff),
    charged: units.length,
    unitsMinor,
    minimumMinor: receipt.rateMinor * receipt.minimumMin,
    restMinor: rest ? rest.amountMinor : null,
    totalMinor: unitsMinor + (rest?.amountMinor ?? 0),
  };
}

/** Numbers as spans: 1, 2, 3, 5 is "1–3, 5". */
export function spansOf(units: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const unit of [...units].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && unit === last[1] + 1) last[1] = unit;
    else spans.push([unit, unit]);
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

/** What a person typed ("1-5, 8") as unit numbers; null when it is not that. */
export function readUnits(text: string): number[] | null {
  const units = new Set<number>();
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const match = /^(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?$/.exec(part);
    if (!match) return null;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (to < from || to - from > 10_000) return null;
    for (let unit = from; unit <= to; unit += 1) units.add(unit);
  }
  return [...units].sort((a, b) => a - b);
}

/** Refunds that were made together. */
type RefundGroup = { units: number[]; amountMinor: number; at: string; reason: string; byName: string | null };

export function groupRefunds(refunds: readonly RefundLine[]): RefundGroup[] {
  const groups: RefundGroup[] = [];
  for (const { unit, amountMinor, at, reason, byName } of refunds) {
    const last = groups.at(-1);
    if (last && last.at === at && last.reason === reason && last.byName === byName) {
      last.units.push(unit);
      last.amountMinor += amountMinor;
    } else groups.push({ units: [unit], amountMinor, at, reason, byName });
  }
  return groups;
}
