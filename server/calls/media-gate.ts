import type { Figures } from '../../core-wasm/index.ts';
import type { CallState, Side } from '../contract/index.ts';

/** While the meter does not run and the call goes on, the lease is renewed in steps of this (charging rules). */
export const UNCHARGED_LEASE_MS = 3_000;
/** How often such a lease is renewed. */
export const LEASE_RENEW_MS = 1_000;

/** What of a call's media may pass now. */
export interface MediaGate {
  /** Until when anything passes: a point on the monotonic clock in ms, or 0. */
  readonly leaseUntilMs: number;
  /** Whether what a side sends reaches the other one while the lease runs. */
  readonly isOpen: Readonly<Record<Side, boolean>>;
}

const SHUT: MediaGate = { leaseUntilMs: 0, isOpen: { client: false, model: false } };

/** Reasons for which nothing passes in either direction: a side is lost, or what is paid is used up. */
const CLOSING_REASONS = ['reconnecting', 'client_reconnecting', 'appliance_reconnecting', 'ledger_wait'] as const;

/**
 * What may pass, decided from the call's state and the table "When the meter does not run" of the charging rules.
 * Nothing reaches a client whose own media is missing, nobody watches past the paid time, nothing passes in a grace.
 * @param figures the meter's; null before the call is live
 * @param isClientSilent the client sends no media and has not switched everything off
 * @param confirmLeftMs what is left of the confirmation
 */
export function mediaGate(
  call: { readonly state: CallState; readonly isClientSilent: boolean; readonly confirmLeftMs: number },
  figures: Figures | null,
  nowMs: number,
): MediaGate {
  const isOpen = { client: true, model: !call.isClientSilent };
  if (!figures) {
    return call.state === 'confirming' ? { leaseUntilMs: nowMs + call.confirmLeftMs, isOpen } : SHUT;
  }
  if (figures.state === 'charging') return { leaseUntilMs: nowMs + figures.paidLeftMs, isOpen };
  if (figures.state !== 'not_charging') return SHUT;
  if (CLOSING_REASONS.some((reason) => figures.reasons.includes(reason))) return SHUT;
  return { leaseUntilMs: nowMs + UNCHARGED_LEASE_MS, isOpen };
}
