import type { Currency } from '@contract/money.ts';
import { t } from '~/i18n';
import { minorToDecimal, parseMajor } from './amount.ts';

/** What is wrong with an amount that a person typed, in words; undefined when nothing is. It must be above zero. */
export function amountProblem(text: string, currency: Currency, maxMinor: number): string | undefined {
  const parsed = parseMajor(text, currency.minorDigits, maxMinor);
  if (parsed === 0) return t('form.amount.zero');
  if (typeof parsed === 'number') return undefined;
  const example = minorToDecimal(25 * 10 ** currency.minorDigits, currency.minorDigits);
  return t(`form.amount.${parsed}`, { example, digits: currency.minorDigits });
}

/** The amount that a person typed, in minor units; null when it is not one, or not above zero. */
export function readAmount(text: string, currency: Currency, maxMinor: number): number | null {
  const parsed = parseMajor(text, currency.minorDigits, maxMinor);
  return typeof parsed === 'number' && parsed > 0 ? parsed : null;
}
