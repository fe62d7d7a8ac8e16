// Room: model. Her dashboard (calls on and off, latest calls, earnings) and her profile. Its pages are
// loaded by the router.
export {};
