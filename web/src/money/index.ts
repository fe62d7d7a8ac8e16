// Room: money. Amounts to words and back, and lengths of time. No floating point touches an amount.
export { formatMinor, minorToDecimal, type ParseProblem, parseMajor } from './amount.ts';
export { amountProblem, readAmount } from './input.ts';
export { formatClock, formatCountdown, formatDateTime, formatLength, formatTime, formatTimeExact } from './time.ts';
