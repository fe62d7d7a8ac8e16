/** The terms of a call, copied when it rang. */
export interface ReceiptTerms {
  readonly rateMinor: number;
  readonly minimumMin: number;
  readonly tariff: 'per_minute' | 'per_second';
  /** The model's part, 0 to 100. */
  readonly sharePercent: number;
}

export const unitMsOf = ({ tariff }: ReceiptTerms): number => (tariff === 'per_minute' ? 60_000 : 1_000);

/** What the first `units` units cost together (charging rules 2 and 3). */
export function priceOfUnits({ rateMinor, tariff }: ReceiptTerms, units: number): number {
  const product = BigInt(rateMinor) * BigInt(units);
  return Number(tariff === 'per_minute' ? product : (product + 59n) / 60n);
}

export const priceOfUnit = (terms: ReceiptTerms, unit: number): number =>
  priceOfUnits(terms, unit) - priceOfUnits(terms, unit - 1);

/** The first unit after `unit` that costs something: a second of a cheap rate can be free. */
export function nextPricedUnit(terms: ReceiptTerms, unit: number): number {
  if (terms.rateMinor <= 0) return Number.POSITIVE_INFINITY;
  let next = unit + 1;
  while (priceOfUnit(terms, next) === 0) next++;
  return next;
}

/** The model's part of what was charged so far (charging rule 7). */
export function modelPartOf({ sharePercent }: ReceiptTerms, chargedMinor: number): number {
  return Number((BigInt(chargedMinor) * BigInt(sharePercent)) / 100n);
}
