import { CHARGE_WAIT_MS, type Figures } from '../../core-wasm/index.ts';

/** While the meter does not run and the call goes on, the lease is renewed in steps of this (charging rules). */
export const UNCHARGED_LEASE_MS = 3_000;
/** How often such a lease is renewed. */
export const LEASE_RENEW_MS = 1_000;

/**
 * Until when media of a live call may pass: to the end of the paid time, and as much longer as the
 * ledger may take to answer for the next unit. Nothing passes in a suspension, nor while a side is
 * lost, nor past the paid time because the ledger is away.
 * @returns a point on the monotonic clock in ms; 0 closes the gate at once
 */
export function leaseUntil(figures: Figures, nowMs: number): number {
  if (figures.state === 'charging' || figures.state === 'closing') {
    return nowMs + (figures.paidUntilBillableMs - figures.billableMs) + CHARGE_WAIT_MS;
  }
  const runsFree = figures.state === 'not_charging' && !figures.reasons.includes('reconnecting');
  return runsFree && !figures.reasons.includes('ledger_wait') ? nowMs + UNCHARGED_LEASE_MS : 0;
}
