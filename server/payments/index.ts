// Module: payments. Credits in, payouts out. In: voucher codes, the wish to pay, a provider's signed notification,
// the steps of a payout. Out: transfers in the ledger, each at most once, and rows that say how far each
// payment, voucher and payout has come. First the row decides, then the ledger follows under a key; what a
// crash leaves between the two is finished by `sweep`. It knows nothing of calls.
export { Bookkeeper } from './bookkeeper.ts';
export { MoneyEvents } from './money-events.ts';
export { openProviders } from './open-providers.ts';
export { Payments } from './payments.ts';
export { type PayoutStepName, Payouts } from './payouts.ts';
export { Vouchers } from './vouchers.ts';
