import type { Currency } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

/** The settings name another currency than the books are in. */
export class CurrencyDiffers extends Error {
  override readonly name = 'CurrencyDiffers';
}

/**
 * Writes the currency with the books at the first start, and compares it at every other.
 * @throws CurrencyDiffers with a sentence for the operator
 */
export async function holdCurrency(database: Database, { code, minorDigits }: Currency): Promise<void> {
  await database.query('insert into ledger_currency (code, minor_digits) values ($1, $2) on conflict do nothing', [
    code,
    minorDigits,
  ]);
  const books = await database.one<Currency & Record<string, unknown>>(
    'select code, minor_digits as "minorDigits" from ledger_currency',
  );
  if (books.code === code && books.minorDigits === minorDigits) return;
  const named = (currency: Currency) => `${currency.code} with ${currency.minorDigits} minor digits`;
  throw new CurrencyDiffers(
    `The books of this appliance are in ${named(books)} and the settings say ${named({ code, minorDigits })}: set money.currency = "${books.code}" and money.minorDigits = ${books.minorDigits} in parlour.toml again, or choose an empty data folder or database for books in ${code}.`,
  );
}
