import { type Minor, toMinor } from '../contract/index.ts';

/**
 * The model's part of a charge (charging rule 7): after each charge of a call she has received
 * floor(charged so far * share / 100) in all, the rest is the studio's.
 * @param percent 0 to 100
 * @param beforeMinor what the call was charged before; 0 for what is split by itself, as a tip is
 */
export function shareOf(amountMinor: Minor, percent: number, beforeMinor: Minor = toMinor(0)): Minor {
  const received = (chargedMinor: bigint) => (chargedMinor * BigInt(percent)) / 100n;
  const before = BigInt(beforeMinor);
  return toMinor(Number(received(before + BigInt(amountMinor)) - received(before)));
}
