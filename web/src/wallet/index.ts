// Room: wallet. A client's credit: the ways to add it (also from inside a call), and the payments. Its pages
// are loaded by the router, `AddCredit` by the call's screens.
export {};
