// Room: ledger. The only room that writes balances. In: transfers, each with a key that makes it
// happen at most once. Out: whether each was posted, refused for want of funds, or there already; and
// what the accounts say. It knows nothing of clocks, calls' lives or media.
export { type Charge, type ChargeAnswer, Ledger, type LedgerTotals } from './ledger.ts';
export { shareOf } from './share.ts';
export type { CallTransfer } from './statements.ts';
