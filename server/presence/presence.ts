import { type Accounts, type PersonTerms, peerOf } from '../accounts/index.ts';
import { type ModelCard, type ModelPresence, type PersonId, UserError } from '../contract/index.ts';
import type { Connection, Hub } from '../hub/index.ts';
import type { Log } from '../telemetry/index.ts';
import { type Blocks, type FreeNotices, pairOf, type Ratings } from '../trust/index.ts';
import { ModelList } from './model-list.ts';

/** Changes within so long go out together. */
const GATHER_MS = 50;

export interface PresenceDeps {
  readonly accounts: Pick<Accounts, 'model' | 'models'>;
  readonly hub: Pick<Hub, 'isOnline' | 'sendToConnection' | 'sendToEach' | 'sendToPerson'>;
  readonly blocks: Pick<Blocks, 'pairs'>;
  readonly ratings: Pick<Ratings, 'summaries'>;
  readonly freeNotices: Pick<FreeNotices, 'ask' | 'forget' | 'of' | 'take'>;
  readonly isInCall: (personId: PersonId) => boolean;
  /** The way to people who have no page open. */
  readonly elsewhere: {
    reachable(people: readonly PersonId[]): Promise<ReadonlySet<PersonId>>;
    sendFree(clientId: PersonId, model: ModelCard): void;
  };
  /** How long all pages of an available model may be gone before she is shown as away, in ms. */
  readonly awayAfterMs: number;
  readonly log: Log;
}

/** Which models take calls, told to every client as it changes. */
export class Presence {
  readonly #deps: PresenceDeps;
  /** When the last page of a model went; whoever had none since the start went then. */
  readonly #goneAtMs = new Map<PersonId, number>();
  readonly #startedAtMs = performance.now();
  #onAway: (modelId: PersonId) => void = () => {};
  #away = new Set<PersonId>();
  #gathering: NodeJS.Timeout | null = null;
  #nextChange: NodeJS.Timeout | null = null;
  #isStopped = false;
  readonly #list = new ModelList();
  /** Whether anything has been read. */
  #isKnown = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  /** Called once each time when a model's calls are on and none of her pages is there any more. */
  onAway(listener: (modelId: PersonId) => void): void {
    this.#onAway = listener;
  }

  /** A client's page has come: it hears of every model, and from now on of what changes. */
  async welcome({ connectionId, personId }: Pick<Connection, 'connectionId' | 'personId'>): Promise<void> {
    if (!this.#isKnown) await this.#sendInOrder();
    this.#deps.hub.sendToConnection(connectionId, { type: 'models', models: this.#list.of(personId) });
  }

  /** @throws UserError that says why she cannot be rung now */
  async ringable(modelId: PersonId): Promise<PersonTerms> {
    const model = await this.#deps.accounts.model(modelId);
    const presence = this.#presenceOf(model);
    if (presence === 'busy') throw new UserError('model_busy');
    if (presence !== 'available') throw new UserError('model_unavailable');
    return model;
  }

  /**
   * A client wants to be told once when she is free.
   * @throws UserError `model_is_free`, `person_not_found`
   */
  async notifyMe(clientId: PersonId, modelId: PersonId, isWanted: boolean): Promise<void> {
    const { accounts, freeNotices } = this.#deps;
    const model = await accounts.model(modelId);
    if (isWanted && this.#presenceOf(model) === 'available') throw new UserError('model_is_free');
    await (isWanted ? freeNotices.ask(clientId, modelId) : freeNotices.forget(clientId, modelId));
    await this.sendWishes(clientId);
    this.changed(); // she may have become free meanwhile
  }

  /** @returns the models of whom the client wants to be told */
  async sendWishes(clientId: PersonId): Promise<PersonId[]> {
    const modelIds = await this.#deps.freeNotices.of(clientId);
    this.#deps.hub.sendToPerson(clientId, { type: 'notifyMe', modelIds });
    return modelIds;
  }

  /** The last page of a model may have gone. */
  pageClosed(modelId: PersonId): void {
    if (!this.#deps.hub.isOnline(modelId)) this.#goneAtMs.set(modelId, performance.now());
    this.changed();
  }

  /** Something changed: clients hear of it in a moment. */
  changed(): void {
    if (this.#isStopped) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      this.#sendInOrder().catch((error: unknown) =>
        this.#deps.log.warn({ err: error }, 'clients could not be told who is available'),
      );
    }, GATHER_MS);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#gathering) clearTimeout(this.#gathering);
    if (this.#nextChange) clearTimeout(this.#nextChange);
  }

  /** One after another: what was read first is told first. */
  #sendInOrder(): Promise<void> {
    const sent = this.#sending.then(() => this.#sendChanges());
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async #sendChanges(): Promise<void> {
    const { hub, blocks } = this.#deps;
    const [cards, blocked] = await Promise.all([this.#cards(), blocks.pairs()]);
    this.#isKnown = true;
    hub.sendToEach('client', this.#list.replace(cards, blocked));
    await this.#meetWishes(cards, blocked);
  }

  /** A client who asked, and has just come, hears who is free. */
  async meetWishes(): Promise<void> {
    await this.#meetWishes(await this.#cards(), await this.#deps.blocks.pairs());
  }

  async #meetWishes(cards: readonly ModelCard[], blocked: ReadonlySet<string>): Promise<void> {
    const { hub, freeNotices, elsewhere } = this.#deps;
    const free = new Map(cards.filter((card) => card.presence === 'available').map((card) => [card.personId, card]));
    const met = await freeNotices.take([...free.keys()], async (clientIds) => {
      const offline = clientIds.filter((clientId) => !hub.isOnline(clientId));
      const reachable = await elsewhere.reachable(offline);
      return new Set(clientIds.filter((clientId) => hub.isOnline(clientId) || reachable.has(clientId)));
    });
    for (const { clientId, modelId } of met) {
      const card = free.get(modelId);
      if (!card || blocked.has(pairOf(clientId, modelId))) continue;
      if (!hub.isOnline(clientId)) elsewhere.sendFree(clientId, card);
      hub.sendToPerson(clientId, { type: 'model.free', modelId, displayName: card.displayName });
      await this.sendWishes(clientId);
    }
  }

  async #cards(): Promise<ModelCard[]> {
    const [models, ratings] = await Promise.all([this.#deps.accounts.models(), this.#deps.ratings.summaries()]);
    this.#wakeAtNextChange(models);
    this.#noticeAway(models);
    return models.map((model): ModelCard => {
      const { profile } = model;
      const rating = ratings.get(model.personId);
      return {
        ...peerOf(model),
        ...profile,
        ratingCount: rating?.count ?? 0,
        ratingTenths: rating?.averageTenths ?? null,
        presence: this.#presenceOf(model),
      };
    });
  }

  #presenceOf({ personId, availableUntil }: PersonTerms): ModelPresence {
    if (this.#deps.isInCall(personId)) return 'busy';
    if (!availableUntil || availableUntil.getTime() <= Date.now()) return 'off';
    return this.#awayInMs(personId) > 0 ? 'available' : 'away';
  }

  /** A page that reloads, or a phone that changes its network, is back in a moment. */
  #awayInMs(personId: PersonId): number {
    if (this.#deps.hub.isOnline(personId)) return Number.POSITIVE_INFINITY;
    return (this.#goneAtMs.get(personId) ?? this.#startedAtMs) + this.#deps.awayAfterMs - performance.now();
  }

  #noticeAway(models: readonly PersonTerms[]): void {
    const away = new Set(models.filter((model) => this.#presenceOf(model) === 'away').map(({ personId }) => personId));
    for (const modelId of away) if (!this.#away.has(modelId)) this.#onAway(modelId);
    this.#away = away;
  }

  /** Calls turn off by themselves at the end of the hours she chose; a model whose pages are gone is away in a minute. */
  #wakeAtNextChange(models: readonly PersonTerms[]): void {
    const waits = models.flatMap((model) => {
      if (!model.availableUntil) return [];
      return [model.availableUntil.getTime() - Date.now(), this.#awayInMs(model.personId)];
    });
    const next = Math.min(...waits.filter((ms) => ms > 0));
    if (this.#nextChange) clearTimeout(this.#nextChange);
    this.#nextChange = Number.isFinite(next) ? setTimeout(() => this.changed(), next + 1) : null;
  }
}
