import { type Minor, toMinor } from '../contract/index.ts';

/** What a client gave in a call on top of its price. */
export const sumOfTips = (tips: readonly { readonly amountMinor: number }[]): Minor =>
  toMinor(tips.reduce((sum, { amountMinor }) => sum + amountMinor, 0));
