import type { PageMessageType, PersonId } from '../contract/index.ts';
import { TokenBucket } from '../rates/index.ts';

/** What one person may say on all pages together: at once, and per second in the long run. */
const BURST_MAX = 240;
const PER_SECOND_MAX = 60;
/** What is refused beyond it costs us as well: so much of that at once and per second, then the socket is closed. */
const EXCESS_BURST_MAX = 300;
const EXCESS_PER_SECOND_MAX = 5;
/** A message that makes more work than others counts for several. */
const COSTS: Partial<Record<PageMessageType, number>> = {
  'call.ring': 10,
  'call.tip': 10,
  'connection.test': 10,
  'call.attach': 5,
  'media.answer': 5,
  'message.send': 5,
};
/** Budgets of people without a page are kept until they are full again, and looked through when there are so many. */
const IDLE_MAX = 256;

/** How much a person may still say. It is the person's and not the page's: sixteen pages have one. */
export class PersonBudget {
  readonly #messages = new TokenBucket(BURST_MAX, PER_SECOND_MAX);
  readonly #excess = new TokenBucket(EXCESS_BURST_MAX, EXCESS_PER_SECOND_MAX);

  /** Before anything of it is read. @returns whether the message may be read */
  takeMessage(): boolean {
    return this.#messages.take();
  }

  /** Once its type is known. @returns whether it may be handled */
  takeCost(type: PageMessageType): boolean {
    const cost = (COSTS[type] ?? 1) - 1;
    return cost === 0 || this.#messages.take(performance.now(), cost);
  }

  /** One more was refused. @returns whether that has gone on for too long */
  isExcessive(): boolean {
    return !this.#excess.take();
  }

  get isFull(): boolean {
    return this.#messages.isFull() && this.#excess.isFull();
  }
}

/** The budgets of all people, also of who has just left and may come back. */
export class PersonBudgets {
  readonly #byPerson = new Map<PersonId, PersonBudget>();

  /** @param online how many people are there now */
  of(personId: PersonId, online: number): PersonBudget {
    if (this.#byPerson.size > online + IDLE_MAX)
      for (const [id, budget] of this.#byPerson) if (budget.isFull) this.#byPerson.delete(id);
    const known = this.#byPerson.get(personId) ?? new PersonBudget();
    this.#byPerson.set(personId, known);
    return known;
  }
}
