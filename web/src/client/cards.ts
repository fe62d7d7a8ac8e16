import type { ModelCard, ModelPresence } from '@contract/people.ts';

const ORDER: Record<ModelPresence, number> = { available: 0, busy: 1, away: 2, off: 3 };

/** Who can be called first, then by name. */
export function sortCards(cards: readonly ModelCard[], locale?: string): ModelCard[] {
  return [...cards].sort(
    (a, b) => ORDER[a.presence] - ORDER[b.presence] || a.displayName.localeCompare(b.displayName, locale),
  );
}

/** Credit that a call needs to go live: the minimum, and at least a minute (charging rule 6). */
export function startPriceMinor(card: Pick<ModelCard, 'rateMinor' | 'minimumMin'>): number {
  return card.rateMinor * Math.max(card.minimumMin, 1);
}

export type Refusal = 'busy' | 'away' | 'off' | 'credit' | 'inCall';

/** Why this card cannot be called now; null when it can. */
export function callRefusal(card: ModelCard, balanceMinor: number, isInCall: boolean): Refusal | null {
  if (card.presence !== 'available') return card.presence;
  if (isInCall) return 'inCall';
  return balanceMinor < startPriceMinor(card) ? 'credit' : null;
}
