import { type Minor, toMinor } from '../contract/index.ts';

/**
 * The model's part of a charge (charging rule 7): rounded down, the rest is the studio's.
 * @param percent 0 to 100
 */
export function shareOf(amountMinor: Minor, percent: number): Minor {
  return toMinor(Number((BigInt(amountMinor) * BigInt(percent)) / 100n));
}
