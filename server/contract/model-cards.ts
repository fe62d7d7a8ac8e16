import type { ModelCard, PersonId } from './people.ts';

/** A client's list of models after a change of it (the hub's message `models.changed`); in no order. */
export function withChanges(
  known: readonly ModelCard[],
  { models, goneIds }: { readonly models: readonly ModelCard[]; readonly goneIds: readonly PersonId[] },
): ModelCard[] {
  const changed = new Map(models.map((card) => [card.personId, card]));
  const gone = new Set(goneIds);
  const stayed = known.filter(({ personId }) => !gone.has(personId) && !changed.has(personId));
  return [...stayed, ...models];
}
