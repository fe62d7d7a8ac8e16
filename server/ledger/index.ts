// Module: ledger. The only module that writes balances. In: transfers, each with a key that makes it
// happen at most once. Out: whether each was posted, refused for want of funds, or there already; and
// what the accounts say: histories, reports, and whether every cent and the chain of batches hold. It
// knows nothing of clocks, calls' lives, providers or media.
export { checkLedger, headLine, headOfLedger, type LedgerTotals } from './audit.ts';
export { CurrencyDiffers } from './currency.ts';
export {
  type CallTip,
  type Charge,
  type ChargeAnswer,
  type Credit,
  Ledger,
  type PayoutMoney,
  type Released,
  type Tip,
} from './ledger.ts';
export { REFUND_UNITS_MAX, type Refunder, type ReleasedUnit } from './refunds.ts';
export { shareOf } from './share.ts';
export type { CallTransfer } from './statements.ts';
