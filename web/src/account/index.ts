// Room: account. The door of the house (set up, sign in), a person's own page and history. Its pages are
// loaded by the router one by one; nothing else is shared.
export {};
