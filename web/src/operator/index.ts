// Room: operator. The live board, the people of the house, and its money: reports, payouts, vouchers, payments
// (money/). Its pages are loaded by the router.
export {};
