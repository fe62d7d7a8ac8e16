import { type Minor, toMinor } from './money.ts';

/** An amount as a decimal number with a point, as files and other programs read it: 1234 with 2 digits is `12.34`. */
export function toDecimal(amountMinor: number, minorDigits: number): string {
  const digits = String(Math.abs(amountMinor)).padStart(minorDigits + 1, '0');
  const whole = digits.slice(0, digits.length - minorDigits);
  const sign = amountMinor < 0 ? '-' : '';
  return minorDigits === 0 ? `${sign}${digits}` : `${sign}${whole}.${digits.slice(-minorDigits)}`;
}

/** The other way; null for a text that is no amount to the minor unit. Zeros may follow. */
export function fromDecimal(text: string, minorDigits: number): Minor | null {
  const [, sign, whole, fraction = ''] = /^(-?)(\d{1,15})(?:\.(\d{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(minorDigits))) return null;
  const value = Number(whole + fraction.slice(0, minorDigits).padEnd(minorDigits, '0'));
  return Number.isSafeInteger(value) ? toMinor(sign ? -value : value) : null;
}
