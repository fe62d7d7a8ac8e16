import type { Tariff } from './types.ts';

// What units are and cost (charging rules 2 and 3), for the host and the pages. The core has the same rule in
// assembly/tariff.ts, and is held against this one; only the recomputation of receipts has one of its own, since it is
// the check.

/** Length of a unit, ms of billable time. */
export const unitMs = (tariff: Tariff): number => (tariff === 'per_minute' ? 60_000 : 1_000);

/** What the first `units` units of a tariff cost (charging rules 2 and 3), exact at any size. */
export function priceMinor(tariff: Tariff, rateMinor: number, units: number): bigint {
  const price = BigInt(rateMinor) * BigInt(units);
  return tariff === 'per_minute' ? price : (price + 59n) / 60n;
}

/** What unit number `unit` (from 1) costs, in minor units: under rule 3 a second may cost less than its neighbour. */
export const unitPriceMinor = (tariff: Tariff, rateMinor: number, unit: number): number =>
  Number(priceMinor(tariff, rateMinor, unit) - priceMinor(tariff, rateMinor, unit - 1));
