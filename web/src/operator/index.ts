// Room: operator. The live board and the people of the house. Its pages are loaded by the router.
export {};
