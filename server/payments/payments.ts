import {
  type Minor,
  type Payment,
  type Payments as PaymentList,
  type PersonId,
  type Providers,
  type StartPayment,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Database } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import { AttemptLimit } from './attempt-limit.ts';
import type { News, Provider, RawNews } from './provider.ts';

const PAYMENTS_LISTED_MAX = 100;
/** Checkouts that one person can open in a while: each is an invoice at the provider. */
const CHECKOUTS_MAX = 20;
const CHECKOUTS_WINDOW_MS = 600_000;
/** Payments without news are asked for after this, and given up after that. */
const ASK_AFTER_MIN = 2;
const ASK_UNTIL_DAYS = 7;
const ASKED_AT_ONCE_MAX = 50;

/** How far a payment has come: news never take it back, so that they may come in any order. */
const RANKS = `array['opening', 'open', 'pending', 'expired', 'failed', 'settled']`;
const COLUMNS = `payment.id as "paymentId", provider, client_id as "clientId", amount_minor as "amountMinor", state,
  external_id as "externalId", checkout_url as "checkoutUrl", started_at as "startedAt", settled_at as "settledAt",
  is_credited as "isCredited"`;

interface PaymentRow extends Record<string, unknown> {
  readonly paymentId: number;
  readonly provider: Payment['provider'];
  readonly clientId: PersonId;
  readonly amountMinor: Minor;
  readonly state: Payment['state'];
  readonly externalId: string | null;
  readonly checkoutUrl: string | null;
  readonly startedAt: Date;
  readonly settledAt: Date | null;
  readonly isCredited: boolean;
}

/** Credit through providers: each payment is credited once, however often and in whatever order its news comes. */
export class Payments {
  readonly #database: Database;
  readonly #ledger: Ledger;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #limits: Settings['payments'];
  readonly #log: Log;
  readonly #checkouts = new AttemptLimit(CHECKOUTS_MAX, CHECKOUTS_WINDOW_MS);

  constructor(
    rooms: { database: Database; ledger: Ledger; log: Log },
    providers: readonly Provider[],
    limits: Settings['payments'],
  ) {
    this.#database = rooms.database;
    this.#ledger = rooms.ledger;
    this.#log = rooms.log;
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]));
    this.#limits = limits;
  }

  /** The ways to add credit here. */
  ways(): Providers {
    const others = [...this.#providers.values()].map(({ name, label, checkout }) => ({
      provider: name,
      label,
      hasCheckout: checkout !== null,
    }));
    return {
      providers: [{ provider: 'voucher', label: 'Voucher', hasCheckout: false }, ...others],
      amountMinMinor: this.#limits.amountMinMinor,
      amountMaxMinor: this.#limits.amountMaxMinor,
    };
  }

  /**
   * Opens a checkout. The same key gives the same payment.
   * @throws UserError `provider_off`, `malformed` for an amount out of bounds, `too_many_requests`, `key_reused`,
   *   `provider_unavailable`
   */
  async start(clientId: PersonId, order: StartPayment, returnUrl: (paymentId: number) => string): Promise<Payment> {
    const provider = this.#providers.get(order.provider);
    if (!provider?.checkout) throw new UserError('provider_off');
    const { amountMinMinor, amountMaxMinor } = this.#limits;
    if (order.amountMinor < amountMinMinor || order.amountMinor > amountMaxMinor) {
      throw new UserError('malformed', `amountMinor must be from ${amountMinMinor} to ${amountMaxMinor}.`);
    }
    if (!this.#checkouts.take(String(clientId), performance.now())) throw new UserError('too_many_requests');
    await this.#database.query(
      `insert into payment (provider, client_id, key, amount_minor, state) values ($1, $2, $3, $4, 'opening')
       on conflict (client_id, key) do nothing`,
      [order.provider, clientId, order.key, order.amountMinor],
    );
    const payment = await this.#one('client_id = $1 and key = $2', [clientId, order.key]);
    if (payment.provider !== order.provider || payment.amountMinor !== order.amountMinor) {
      throw new UserError('key_reused');
    }
    if (payment.state !== 'opening') return viewOf(payment);
    const { paymentId, amountMinor } = payment;
    const { externalId, checkoutUrl } = await this.#logged(
      provider,
      provider.checkout({ paymentId, amountMinor, returnUrl: returnUrl(paymentId) }),
    );
    await this.#database.query(
      `update payment set state = 'open', external_id = $2, checkout_url = $3 where id = $1 and state = 'opening'`,
      [paymentId, externalId, checkoutUrl],
    );
    return viewOf(await this.#one('id = $1', [paymentId]));
  }

  /** @throws UserError `payment_not_found`, also for a payment of others */
  async read(clientId: PersonId, paymentId: number): Promise<Payment> {
    return viewOf(await this.#one('id = $1 and client_id = $2', [paymentId, clientId]));
  }

  /** The newest, of one client or of all. */
  async list(clientId: PersonId | null): Promise<PaymentList> {
    const rows = await this.#database.query<PaymentRow & { displayName: string }>(
      `select ${COLUMNS}, display_name as "displayName" from payment join person on person.id = client_id
        where $1::bigint is null or client_id = $1 order by payment.id desc limit ${PAYMENTS_LISTED_MAX}`,
      [clientId],
    );
    const payments = rows.map((row) => ({
      ...viewOf(row),
      client: { personId: row.clientId, displayName: row.displayName },
    }));
    return { payments };
  }

  /**
   * A provider speaks. When this returns, what it said is durable, and credited if it was so.
   * @throws UserError `provider_off`, `bad_signature`, `malformed`, `provider_unavailable`, `payment_not_found`,
   *   `person_not_found`
   */
  async hear(name: string, raw: RawNews): Promise<void> {
    const provider = this.#providers.get(name);
    if (!provider) throw new UserError('provider_off');
    const news = await this.#logged(provider, provider.read(raw));
    if (news) await this.#take(provider, news);
  }

  /** Payments that an operator has to look at, in words. */
  async troubles(): Promise<string[]> {
    const rows = await this.#database.query<{ id: number; trouble: string }>(
      'select id, trouble from payment where trouble is not null order by id desc limit 20',
    );
    return rows.map(({ id, trouble }) => `Payment ${id}: ${trouble}`);
  }

  /** Credits what was settled when the appliance stopped, and asks for what no news has come of. */
  async sweep(): Promise<void> {
    const settled = await this.#rows(`state = 'settled' and not is_credited order by id limit 1000`, []);
    for (const payment of settled) await this.#credit(payment);
    const silent = await this.#rows(
      `state in ('opening', 'open', 'pending') and external_id is not null and provider = any($1::text[])
         and started_at between now() - make_interval(days => $2) and now() - make_interval(mins => $3)
       order by id desc limit ${ASKED_AT_ONCE_MAX}`,
      [[...this.#providers.values()].filter(({ ask }) => ask).map(({ name }) => name), ASK_UNTIL_DAYS, ASK_AFTER_MIN],
    );
    for (const payment of silent) {
      const provider = this.#providers.get(payment.provider);
      const news = await provider?.ask?.(payment.externalId as string);
      if (provider && news) await this.#take(provider, news);
    }
  }

  async #take(provider: Provider, news: News): Promise<void> {
    const payment = await this.#meant(provider, news);
    if (!payment) {
      this.#log.info({ provider: provider.name, externalId: news.externalId }, 'news of a payment that is not ours');
      return;
    }
    if (payment.state === 'settled') await this.#noteAfterSettled(payment, news);
    else {
      await this.#database.query(
        `update payment set state = $2, amount_minor = $3,
                settled_at = case when $2 = 'settled' then now() end
          where id = $1 and array_position(${RANKS}, state) < array_position(${RANKS}, $2)`,
        [payment.paymentId, news.state, news.amountMinor],
      );
    }
    const now = await this.#one('id = $1', [payment.paymentId]);
    if (now.state === 'settled' && !now.isCredited) await this.#credit(now);
  }

  /**
   * The payment that news are about: known by the provider's own id, or started by a page and not tied to
   * one yet, or new. A second paid id for the same wish is a second payment: the money has come twice.
   */
  async #meant(provider: Provider, news: News): Promise<PaymentRow | null> {
    const { name } = provider;
    const byId = () => this.#rows('provider = $1 and external_id = $2', [name, news.externalId]);
    const [known] = await byId();
    if (known) return known;
    let clientId: PersonId;
    if (news.paymentId !== null) {
      await this.#database.query(
        `update payment set external_id = $3
          where id = $1 and provider = $2 and external_id is null
            and not exists (select 1 from payment other where other.provider = $2 and other.external_id = $3)`,
        [news.paymentId, name, news.externalId],
      );
      const [tied] = await byId();
      if (tied) return tied;
      clientId = (await this.#one('id = $1 and provider = $2', [news.paymentId, name])).clientId;
    } else if (news.username !== null) {
      const [client] = await this.#database.query<{ id: number }>(
        `select id from person where username = $1 and role = 'client'`,
        [news.username.trim().toLowerCase()],
      );
      if (!client) throw new UserError('person_not_found', `There is no client with the user name ${news.username}.`);
      clientId = client.id;
    } else {
      return null;
    }
    await this.#database.query(
      `insert into payment (provider, client_id, amount_minor, state, external_id) values ($1, $2, $3, 'open', $4)
       on conflict (provider, external_id) do nothing`,
      [name, clientId, news.amountMinor, news.externalId],
    );
    return (await byId())[0] ?? null;
  }

  /** What is credited is not taken back by itself: an operator decides. */
  async #noteAfterSettled({ paymentId, amountMinor }: PaymentRow, news: News): Promise<void> {
    const trouble =
      news.state === 'failed'
        ? 'the provider says that it failed, after it had been settled and credited.'
        : news.state === 'settled' && news.amountMinor !== amountMinor
          ? `it came again with ${news.amountMinor} instead of ${amountMinor} minor units; the first was credited.`
          : null;
    if (trouble === null) return;
    this.#log.error({ paymentId, news }, 'ALARM: a settled payment has changed');
    await this.#database.query('update payment set trouble = $2 where id = $1', [paymentId, trouble]);
  }

  async #credit({ paymentId, clientId, amountMinor, provider, externalId }: PaymentRow): Promise<void> {
    await this.#ledger.topUp({
      kind: 'payment',
      provider,
      key: String(paymentId),
      clientId,
      amountMinor: toMinor(amountMinor),
      reason: `${this.#providers.get(provider)?.label ?? provider} ${externalId ?? ''}`.trim(),
      actorId: null,
    });
    await this.#database.query('update payment set is_credited = true where id = $1', [paymentId]);
  }

  /** A provider that fails, or news that are refused, are the operator's to know: the sender only gets a code. */
  async #logged<T>(provider: Provider, asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      this.#log.warn(
        { err: error, cause: (error as Error).cause, provider: provider.name },
        'a payment provider failed',
      );
      throw error;
    }
  }

  #rows(where: string, values: unknown[]): Promise<PaymentRow[]> {
    return this.#database.query<PaymentRow>(`select ${COLUMNS} from payment where ${where}`, values);
  }

  async #one(where: string, values: unknown[]): Promise<PaymentRow> {
    const [payment] = await this.#rows(where, values);
    if (!payment) throw new UserError('payment_not_found');
    return payment;
  }
}

function viewOf(row: PaymentRow): Payment {
  const { paymentId, provider, amountMinor, state, checkoutUrl, startedAt, settledAt } = row;
  return {
    paymentId,
    provider,
    amountMinor,
    state,
    checkoutUrl,
    startedAt: startedAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
  };
}
