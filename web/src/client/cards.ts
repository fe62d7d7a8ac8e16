import type { ModelCard, ModelPresence } from '@contract/people.ts';

const ORDER: Record<ModelPresence, number> = { available: 0, busy: 1, away: 2, off: 3 };

export const SORTS = ['available', 'price', 'rating', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** What a client wants to see of the list. */
export type CardFilter = {
  /** Words in name, tags, languages' codes and about; each must be somewhere. */
  search: string;
  /** Each must be hers. */
  tags: readonly string[];
  isFavouritesOnly: boolean;
  sort: Sort;
};

export const ALL_CARDS: CardFilter = { search: '', tags: [], isFavouritesOnly: false, sort: 'available' };

/** By the chosen order; equal ones with who can be called first, then favourites, then by name. */
export function sortCards(
  cards: readonly ModelCard[],
  locale?: string,
  sort: Sort = 'available',
  favourites: readonly number[] = [],
): ModelCard[] {
  const liked = new Set(favourites);
  const first: Record<Sort, (a: ModelCard, b: ModelCard) => number> = {
    available: () => 0,
    price: (a, b) => a.rateMinor - b.rateMinor,
    rating: (a, b) => (b.ratingTenths ?? -1) - (a.ratingTenths ?? -1) || b.ratingCount - a.ratingCount,
    name: (a, b) => a.displayName.localeCompare(b.displayName, locale),
  };
  return [...cards].sort(
    (a, b) =>
      first[sort](a, b) ||
      ORDER[a.presence] - ORDER[b.presence] ||
      Number(liked.has(b.personId)) - Number(liked.has(a.personId)) ||
      a.displayName.localeCompare(b.displayName, locale),
  );
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The cards that fit. A search knows no accents. */
export function filterCards(
  cards: readonly ModelCard[],
  filter: CardFilter,
  favourites: readonly number[],
): ModelCard[] {
  const words = plain(filter.search).split(/\s+/).filter(Boolean);
  const liked = new Set(favourites);
  return cards.filter((card) => {
    if (filter.isFavouritesOnly && !liked.has(card.personId)) return false;
    if (!filter.tags.every((tag) => card.tags.includes(tag))) return false;
    const text = plain([card.displayName, card.about, ...card.tags, ...card.languages].join(' '));
    return words.every((word) => text.includes(word));
  });
}

/** Every tag that somebody has, the most common first. */
export function tagsOf(cards: readonly ModelCard[], max: number): string[] {
  const counts = new Map<string, number>();
  for (const tag of cards.flatMap((card) => card.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .slice(0, max)
    .map(([tag]) => tag);
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
