// Money over HTTP, under /api like the rest. Amounts are integers in minor units, times ISO 8601.
// A page hears of new money by the hub's message `balance` and reads the list again.
// Every route that ends in .csv takes the query of the route without it and answers a file (RFC 4180).
export * from './money-history.ts';
export { Instant, Reason, RequestKey, ZoneName } from './money-parts.ts';
export * from './money-payments.ts';
export * from './money-payouts.ts';
export * from './money-reports.ts';
export * from './money-vouchers.ts';
