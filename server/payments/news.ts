import type { PersonId } from '../contract/index.ts';

/** News of one moment are told together: a tick's charges concern many people at once. */
const TOGETHER_MS = 300;

/** Tells pages that money has moved, so that none of them needs to ask again and again. */
export class MoneyNews {
  readonly #send: (to: PersonId | 'operators') => void;
  readonly #concerned = new Set<PersonId>();
  #timer: NodeJS.Timeout | null = null;

  /** @param send tells one person's pages, or those of every operator */
  constructor(send: (to: PersonId | 'operators') => void) {
    this.#send = send;
  }

  /** @param personId whose lists have changed; the operators' have in any case */
  changed(personId?: PersonId): void {
    if (personId !== undefined) this.#concerned.add(personId);
    this.#timer ??= setTimeout(() => this.#tell(), TOGETHER_MS);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #tell(): void {
    this.#timer = null;
    for (const personId of this.#concerned) this.#send(personId);
    this.#concerned.clear();
    this.#send('operators');
  }
}
