// Module: money. Amounts to words and back, lengths and spans of time. No floating point touches an amount.
export { formatMinor, minorToDecimal } from './amount.ts';
export { addDays, dayOf, isDay, type Preset, presetSpan, type Span, spanInstants, zoneName } from './days.ts';
export { amountProblem, readAmount } from './input.ts';
export {
  formatClock,
  formatClockExact,
  formatCountdown,
  formatDateTime,
  formatDay,
  formatLength,
  formatTime,
  formatTimeExact,
} from './time.ts';
