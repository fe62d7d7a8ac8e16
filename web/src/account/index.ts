// Room: account. The door of the house (set up, sign in), a person's own page, calls and history of money. Its pages are
// loaded by the router one by one; lists of calls are used by the model's pages too.
export {};
