import type { VoucherBatch, VouchersMade } from '@contract/money-api.ts';

/** Neither used nor ended; after the batch's last day they are worth nothing either. */
export const openCount = (batch: VoucherBatch): number => batch.count - batch.redeemedCount - batch.voidedCount;

/** After its last day a batch is worth nothing. */
export const isExpired = (batch: VoucherBatch): boolean =>
  batch.expiresAt !== null && Date.parse(batch.expiresAt) < Date.now();

/** The codes as a text file: a line that says what they are, then one code a line. */
export function codesText(made: VouchersMade, heading: string): string {
  return `${heading}\n\n${made.codes.join('\n')}\n`;
}

/** Hands a text to the browser as a file. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
