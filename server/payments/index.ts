// Room: payments. Credits in, payouts out. In: voucher codes, the wish to pay, a provider's signed news,
// the steps of a payout. Out: transfers in the ledger, each at most once, and rows that say how far each
// payment, voucher and payout has come. First the row decides, then the ledger follows under a key; what a
// crash leaves between the two is finished by `sweep`. It knows nothing of calls.
export { AttemptLimit } from './attempt-limit.ts';
export { Bookkeeper } from './bookkeeper.ts';
export { MoneyNews } from './news.ts';
export { Payments } from './payments.ts';
export { type PayoutStepName, Payouts } from './payouts.ts';
export { openProviders, type Provider, type RawNews } from './provider.ts';
export { Vouchers } from './vouchers.ts';
