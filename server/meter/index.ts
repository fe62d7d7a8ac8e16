// Module: meter. Hosts the metering core: gives it the clock, turns its charges into batches for the
// ledger, and keeps each call's meter log. In: starts, pauses, credit, ends. Out: notices of what
// happened, in order. The rules themselves are in core-wasm; who the people are is known elsewhere.
export { loadCore } from './load-core.ts';
export { MeterLog, type MeterLogEntry, type MeterLogKind } from './log.ts';
export {
  type ChargeAnswer,
  type ChargePoster,
  Meter,
  type MeterNotice,
  type MeterTerms,
  type RecoveredMeter,
} from './meter.ts';
