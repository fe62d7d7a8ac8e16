// Module: wallet. A client's credit: the ways to add it (also from inside a call), and the payments. Its pages
// are loaded by the router, `AddCredit` by the call's screens.
export { AddCredit } from './add-credit.tsx';
export { carryVoucher, firstPage } from './carried.ts';
export { paymentTone } from './payments.ts';
export { voucherAddress } from './scan/code.ts';
