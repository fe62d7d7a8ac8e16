// Module: receipt. One call's receipt: units, pauses, probes, tips, refunds and files. Its page is loaded by the router.
export {};
