import type { Accounts, PersonTerms } from '../accounts/index.ts';
import { type ModelCard, type ModelPresence, type PersonId, UserError } from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import type { Log } from '../telemetry/index.ts';

/** Changes within so long go out together. */
const GATHER_MS = 50;

/** Which models take calls, told to every client as it changes. */
export class Presence {
  readonly #accounts: Accounts;
  readonly #hub: Hub;
  readonly #isInCall: (personId: PersonId) => boolean;
  readonly #log: Log;
  #gathering: NodeJS.Timeout | null = null;
  #nextEnd: NodeJS.Timeout | null = null;

  constructor(accounts: Accounts, hub: Hub, isInCall: (personId: PersonId) => boolean, log: Log) {
    this.#accounts = accounts;
    this.#hub = hub;
    this.#isInCall = isInCall;
    this.#log = log;
  }

  /** Every model as clients see her, the available ones first. */
  async cards(): Promise<ModelCard[]> {
    const order: ModelPresence[] = ['available', 'busy', 'away', 'off'];
    const models = await this.#accounts.models();
    this.#wakeAtNextEnd(models);
    return models
      .map((model) => this.#card(model))
      .sort(
        (a, b) => order.indexOf(a.presence) - order.indexOf(b.presence) || a.displayName.localeCompare(b.displayName),
      );
  }

  /** @throws UserError that says why she cannot be rung now */
  async ringable(modelId: PersonId): Promise<PersonTerms> {
    const model = await this.#accounts.model(modelId);
    const { presence } = this.#card(model);
    if (presence === 'busy') throw new UserError('model_busy');
    if (presence !== 'available') throw new UserError('model_unavailable');
    return model;
  }

  /** Something changed: clients hear of it in a moment. */
  changed(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      this.cards().then(
        (models) => this.#hub.sendToRole('client', { type: 'models', models }),
        (error: unknown) => this.#log.warn({ err: error }, 'clients could not be told who is available'),
      );
    }, GATHER_MS);
  }

  stop(): void {
    if (this.#gathering) clearTimeout(this.#gathering);
    if (this.#nextEnd) clearTimeout(this.#nextEnd);
  }

  #card(model: PersonTerms): ModelCard {
    const { personId, displayName, profile } = model;
    return { personId, displayName, ...profile, presence: this.#presenceOf(model) };
  }

  #presenceOf({ personId, availableUntil }: PersonTerms): ModelPresence {
    if (this.#isInCall(personId)) return 'busy';
    if (!availableUntil || availableUntil.getTime() <= Date.now()) return 'off';
    return this.#hub.isOnline(personId) ? 'available' : 'away';
  }

  /** Calls turn off by themselves at the end of the hours she chose. */
  #wakeAtNextEnd(models: readonly PersonTerms[]): void {
    const waits = models.flatMap(({ availableUntil }) =>
      availableUntil ? [availableUntil.getTime() - Date.now()] : [],
    );
    const next = waits.filter((ms) => ms > 0);
    if (this.#nextEnd) clearTimeout(this.#nextEnd);
    this.#nextEnd = next.length > 0 ? setTimeout(() => this.changed(), Math.min(...next) + 1) : null;
  }
}
