// The metering core's public API for TypeScript, the same in the server and in the page.
//
// In: what happens to calls, each with the time at which it happened. Out: events, above all the
// charges that fall due; the host posts them and returns the ledger's answer. The rules themselves
// are in core.wasm (core-wasm/assembly), which the host compiles and passes in.

export * from './host/limits.ts';
export * from './host/meter.ts';
export { CallMirror, type MeterSnapshot } from './host/mirror.ts';
export { priceMinor, unitMs, unitPriceMinor } from './host/tariff.ts';
export type * from './host/types.ts';
