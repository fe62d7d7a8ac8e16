// Module: operator. The live board, the people of the studio, and its money: reports, payouts, vouchers, payments
// (money/). Its pages are loaded by the router.
export {};
