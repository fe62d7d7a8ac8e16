import type { EngineLimits } from '../limits.ts';

/** What is done with a packet that asks for a connection. */
export type InitialVerdict = 'accept' | 'retry' | 'drop';

/**
 * Whoever forges addresses can make us keep half-open connections for nothing. So from a number of them
 * on, a newcomer must first show that packets reach it (Retry: we keep nothing for it), and above the
 * caps nobody gets in until others leave or their handshake's time is over.
 */
export function judgeInitial(
  now: { readonly connections: number; readonly halfOpen: number; readonly isAddressProven: boolean },
  limits: EngineLimits,
): InitialVerdict {
  if (now.connections >= limits.connectionsMax || now.halfOpen >= limits.halfOpenMax) return 'drop';
  if (now.halfOpen >= limits.retryFromHalfOpen && !now.isAddressProven) return 'retry';
  return 'accept';
}
