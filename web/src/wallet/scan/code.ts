/** Crockford's base 32 in groups, as vouchers are printed (server/payments/voucher-code.ts checks the rest). */
const CODE = /^[0-9A-HJKMNP-TV-Z]{5}(-?[0-9A-HJKMNP-TV-Z]{5}){3}$/i;

/** The voucher's code in what a camera has read: the address `…/wallet#CODE`, or the code itself; else null. */
export function voucherIn(text: string): string | null {
  const trimmed = text.trim();
  if (CODE.test(trimmed)) return trimmed.toUpperCase();
  if (!URL.canParse(trimmed)) return null;
  // The appliance may be known by several names: the address's host is not compared.
  const { protocol, pathname, hash } = new URL(trimmed);
  const code = decodeURIComponentSafe(hash.slice(1));
  return /^https?:$/.test(protocol) && pathname === '/wallet' && CODE.test(code) ? code.toUpperCase() : null;
}

/** What a voucher's QR code says. */
export const voucherAddress = (code: string): string => `${location.origin}/wallet#${code}`;

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
