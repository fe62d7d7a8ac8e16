import type { Currency } from '@contract/money.ts';

/** The exact decimal text of an amount: 1234 with two minor digits is "12.34". */
export function minorToDecimal(minor: number, minorDigits: number): string {
  const digits = Math.abs(minor)
    .toString()
    .padStart(minorDigits + 1, '0');
  const cut = digits.length - minorDigits;
  const text = minorDigits === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return minor < 0 ? `-${text}` : text;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(currency: Currency, locale: string | undefined): Intl.NumberFormat {
  const key = `${locale}/${currency.code}/${currency.minorDigits}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: currency.code,
      minimumFractionDigits: currency.minorDigits,
      maximumFractionDigits: currency.minorDigits,
    });
    formatters.set(key, found);
  }
  return found;
}

/** An amount as a person of this locale writes it. The decimal goes in as text, so it stays exact. */
export function formatMinor(minor: number, currency: Currency, locale?: string): string {
  const decimal = minorToDecimal(minor, currency.minorDigits) as Intl.StringNumericLiteral;
  return formatter(currency, locale).format(decimal);
}

type ParseProblem = 'empty' | 'not_an_amount' | 'too_many_digits' | 'too_large';

/** What a person typed ("12", "12.5", "12,50") as minor units, by digits alone. Decimal sign: point or comma. */
export function parseMajor(text: string, minorDigits: number, maxMinor: number): number | ParseProblem {
  const trimmed = text.trim();
  if (trimmed === '') return 'empty';
  const match = /^(\d+)(?:[.,](\d*))?$/.exec(trimmed);
  if (!match) return 'not_an_amount';
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > minorDigits) return 'too_many_digits';
  const digits = (whole + fraction.padEnd(minorDigits, '0')).replace(/^0+(?=\d)/, '');
  if (digits.length > 15) return 'too_large';
  const minor = Number.parseInt(digits, 10);
  return minor > maxMinor ? 'too_large' : minor;
}
