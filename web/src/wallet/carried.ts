import type { Role } from '@contract/people.ts';
import { HOME, takeToken } from '~/state';

const KEY = 'parlour.voucher';

/** Keeps the code of `/wallet#CODE`, as a phone's camera opens it, until whoever scanned it has signed in. */
export function carryVoucher(): void {
  const code = location.pathname === '/wallet' ? takeToken() : null;
  if (code !== null) sessionStorage.setItem(KEY, code);
}

/** The code that the address carried, once. */
export function takeVoucher(): string | null {
  const code = takeToken() ?? sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return code;
}

/** Where to go after signing in. */
export const firstPage = (role: Role): string =>
  role === 'client' && sessionStorage.getItem(KEY) !== null ? '/wallet' : HOME[role];
