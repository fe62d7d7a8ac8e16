import type { PersonId } from '../contract/index.ts';

/** Changes of one moment are sent together: a tick's charges concern many people at once. */
const TOGETHER_MS = 300;

/** Sends pages word that money has moved, so that none of them needs to ask again and again. */
export class MoneyEvents {
  readonly #send: (to: PersonId | 'operators') => void;
  readonly #concerned = new Set<PersonId>();
  #timer: NodeJS.Timeout | null = null;

  /** @param send to one person's pages, or those of every operator */
  constructor(send: (to: PersonId | 'operators') => void) {
    this.#send = send;
  }

  /** @param personId whose lists have changed; the operators' have in any case */
  changed(personId?: PersonId): void {
    if (personId !== undefined) this.#concerned.add(personId);
    this.#timer ??= setTimeout(() => this.#sendAll(), TOGETHER_MS);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #sendAll(): void {
    this.#timer = null;
    for (const personId of this.#concerned) this.#send(personId);
    this.#concerned.clear();
    this.#send('operators');
  }
}
