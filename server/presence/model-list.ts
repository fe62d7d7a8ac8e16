import type { HubMessage, ModelCard, ModelPresence, PersonId } from '../contract/index.ts';
import { pairOf } from '../trust/index.ts';

const ORDER: readonly ModelPresence[] = ['available', 'busy', 'away', 'off'];

/** The models as clients were last told of them, and what a change means for each client. */
export class ModelList {
  #cards: readonly ModelCard[] = [];
  #texts: ReadonlyMap<PersonId, string> = new Map();
  #blocked: ReadonlySet<string> = new Set();

  /** Every model as this client sees her, the available ones first; without those that a block stands between. */
  of(clientId: PersonId): ModelCard[] {
    return visibleTo(clientId, this.#cards, this.#blocked);
  }

  get cards(): readonly ModelCard[] {
    return this.#cards;
  }

  /**
   * @param blocked the pairs that a block stands between
   * @returns what each client is told; null: nothing of it concerns them. What concerns all is one message
   */
  replace(cards: readonly ModelCard[], blocked: ReadonlySet<string>): (clientId: PersonId) => HubMessage | null {
    const before = this.#texts;
    const texts = new Map(cards.map((card) => [card.personId, JSON.stringify(card)]));
    const changed = cards.filter(({ personId }) => before.get(personId) !== texts.get(personId));
    const goneIds = [...before.keys()].filter((personId) => !texts.has(personId));
    const reshuffled = peopleOf(differences(this.#blocked, blocked));
    this.#cards = [...cards].sort(
      (a, b) => ORDER.indexOf(a.presence) - ORDER.indexOf(b.presence) || a.displayName.localeCompare(b.displayName),
    );
    this.#texts = texts;
    this.#blocked = blocked;
    const everyone: HubMessage = { type: 'models.changed', models: changed, goneIds };
    return (clientId) => {
      if (reshuffled.has(clientId)) return { type: 'models', models: this.of(clientId) };
      const models = visibleTo(clientId, changed, blocked);
      if (models.length === 0 && goneIds.length === 0) return null;
      return models.length === changed.length ? everyone : { type: 'models.changed', models, goneIds };
    };
  }
}

/** The cards without those that a block stands between. */
const visibleTo = (clientId: PersonId, cards: readonly ModelCard[], blocked: ReadonlySet<string>): ModelCard[] =>
  cards.filter((card) => !blocked.has(pairOf(clientId, card.personId)));

const differences = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] => [
  ...[...one].filter((pair) => !other.has(pair)),
  ...[...other].filter((pair) => !one.has(pair)),
];

const peopleOf = (pairs: readonly string[]): Set<PersonId> =>
  new Set(pairs.flatMap((pair) => pair.split(':').map(Number)));
