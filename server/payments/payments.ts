import {
  type Minor,
  type Payment,
  type PaymentLine,
  type PaymentQuery,
  type PersonId,
  type Providers,
  type StartPayment,
  toMinor,
  UserError,
} from '../contract/index.ts';
import type { Ledger } from '../ledger/index.ts';
import { AttemptLimit } from '../rates/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Database } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import { each } from './each.ts';
import type { PaymentUpdate, Provider, RawNotification } from './provider.ts';

const PAYMENTS = 50;
/** Checkouts that one person can open in a while: each is an invoice at the provider. */
const CHECKOUTS_MAX = 20;
const CHECKOUTS_WINDOW_MS = 600_000;
/** Payments without update are asked for after this, and given up after that. */
const ASK_AFTER_MIN = 2;
const ASK_UNTIL_DAYS = 7;
const ASKED_AT_ONCE_MAX = 50;
/** An expired invoice can still be paid late. */
const ASK_EXPIRED_UNTIL_DAYS = 2;
/** A provider that fails so often in one sweep is left alone until the next. */
const ASK_FAILURES_MAX = 3;

/** How far a payment has come: update never take it back, so that they may come in any order. */
const RANKS = `array['opening', 'open', 'pending', 'expired', 'failed', 'settled']`;
const COLUMNS = `payment.id as "paymentId", provider, client_id as "clientId", amount_minor as "amountMinor", state,
  external_id as "externalId", checkout_url as "checkoutUrl", started_at as "startedAt", settled_at as "settledAt",
  is_credited as "isCredited", case when trouble_settled_at is null then trouble end as trouble`;

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
  readonly trouble: string | null;
}

/** Credit through providers: each payment is credited once, however often and in whatever order its update comes. */
export class Payments {
  readonly #database: Database;
  readonly #ledger: Ledger;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #limits: Settings['payments'];
  readonly #log: Log;
  #onChange: (clientId: PersonId) => void = () => {};
  readonly #checkouts = new AttemptLimit(CHECKOUTS_MAX, CHECKOUTS_WINDOW_MS);

  constructor(
    deps: { database: Database; ledger: Ledger; log: Log },
    providers: readonly Provider[],
    limits: Settings['payments'],
  ) {
    this.#database = deps.database;
    this.#ledger = deps.ledger;
    this.#log = deps.log;
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]));
    this.#limits = limits;
  }

  /** Called after a payment has come to another step. */
  onChange(listener: (clientId: PersonId) => void): void {
    this.#onChange = listener;
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
    // Once update have come, the amount is theirs.
    const isSame = payment.amountMinor === order.amountMinor || !['opening', 'open'].includes(payment.state);
    if (payment.provider !== order.provider || !isSame) throw new UserError('key_reused');
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
    this.#onChange(clientId);
    return viewOf(await this.#one('id = $1', [paymentId]));
  }

  /** @throws UserError `payment_not_found`, also for a payment of others */
  async read(clientId: PersonId, paymentId: number): Promise<Payment> {
    return viewOf(await this.#one('id = $1 and client_id = $2', [paymentId, clientId]));
  }

  /** Newest first. @param clientId null for all, as an operator sees them */
  async list(clientId: PersonId | null, query: PaymentQuery = {}): Promise<PaymentLine[]> {
    const lines = await this.#lines(
      `($1::bigint is null or client_id = $1) and ($2::text is null or state = $2) and payment.id < $3
       order by payment.id desc limit $4`,
      [clientId, query.state ?? null, query.before ?? Number.MAX_SAFE_INTEGER, query.limit ?? PAYMENTS],
    );
    return clientId === null ? lines : lines.map((line) => ({ ...line, trouble: null }));
  }

  /** Whether the provider has seen money of this client that is not certain yet. */
  async hasPending(clientId: PersonId): Promise<boolean> {
    const rows = await this.#database.query(
      `select 1 from payment where client_id = $1 and (state = 'pending' or (state = 'settled' and not is_credited))
        limit 1`,
      [clientId],
    );
    return rows.length > 0;
  }

  /**
   * An operator has looked at what a payment's trouble was; the note says what came of it.
   * @throws UserError `payment_not_found`
   */
  async settleTrouble(operatorId: PersonId, paymentId: number, note: string): Promise<PaymentLine> {
    await this.#database.query(
      `update payment set trouble_settled_at = now(), trouble_settled_by = $2, trouble_note = $3
        where id = $1 and trouble is not null and trouble_settled_at is null`,
      [paymentId, operatorId, note.trim()],
    );
    const [line] = await this.#lines('payment.id = $1', [paymentId]);
    if (!line) throw new UserError('payment_not_found');
    this.#onChange(line.client.personId);
    return line;
  }

  /**
   * A provider speaks. When this returns, what it said is durable, and credited if it was so.
   * @throws UserError `provider_off`, `bad_signature`, `malformed`, `provider_unavailable`, `payment_not_found`,
   *   `person_not_found`
   */
  async hear(name: string, raw: RawNotification): Promise<void> {
    const provider = this.#providers.get(name);
    if (!provider) throw new UserError('provider_off');
    const update = await this.#logged(provider, provider.read(raw));
    if (update) await this.#take(provider, update);
  }

  /** Payments that an operator has to look at, in words. */
  async troubles(): Promise<string[]> {
    const rows = await this.#database.query<{ id: number; trouble: string }>(
      `select id, trouble from payment where trouble is not null and trouble_settled_at is null
        order by id desc limit 20`,
    );
    return rows.map(({ id, trouble }) => `Payment ${id}: ${trouble}`);
  }

  /** Credits what was settled when the appliance stopped, and asks for what no update has come of. */
  async sweep(): Promise<void> {
    const settled = await this.#rows(`state = 'settled' and not is_credited order by id limit 1000`, []);
    const credited = each(settled, (payment) => this.#credit(payment));
    await Promise.all([credited, ...[...this.#providers.values()].map((provider) => this.#askFor(provider))]);
  }

  /** By chance, so that many that stay silent do not keep the provider from being asked for the rest. */
  async #askFor(provider: Provider): Promise<void> {
    if (!provider.ask) return;
    const silent = await this.#rows(
      `external_id is not null and provider = $1 and started_at < now() - make_interval(mins => $2)
         and (state in ('opening', 'open', 'pending') and started_at > now() - make_interval(days => $3)
              or state = 'expired' and started_at > now() - make_interval(days => $4))
       order by random() limit ${ASKED_AT_ONCE_MAX}`,
      [provider.name, ASK_AFTER_MIN, ASK_UNTIL_DAYS, ASK_EXPIRED_UNTIL_DAYS],
    );
    let failures = 0;
    await each(silent, async (payment) => {
      if (failures >= ASK_FAILURES_MAX) return;
      try {
        const update = await provider.ask?.(payment.externalId as string);
        if (update) await this.#take(provider, update);
      } catch (error) {
        failures++;
        throw error;
      }
    });
  }

  async #take(provider: Provider, update: PaymentUpdate): Promise<void> {
    const payment = await this.#meant(provider, update);
    if (!payment) {
      this.#log.info(
        { provider: provider.name, externalId: update.externalId },
        'update of a payment that is not ours',
      );
      return;
    }
    const moved = await this.#database.query(
      `update payment set state = $2, amount_minor = $3,
              settled_at = case when $2 = 'settled' then now() end
        where id = $1 and array_position(${RANKS}, state) < array_position(${RANKS}, $2)
       returning id`,
      [payment.paymentId, update.state, update.amountMinor],
    );
    const now = await this.#one('id = $1', [payment.paymentId]);
    if (moved.length > 0) this.#onChange(now.clientId);
    if (moved.length === 0 && now.state === 'settled') await this.#noteAfterSettled(now, update);
    if (update.trouble !== null) await this.#note(now, update.trouble, update);
    if (now.state === 'settled' && !now.isCredited) await this.#credit(now);
  }

  /**
   * The payment that update are about: known by the provider's own id, or started by a page and not tied to
   * one yet, or new. A second paid id for the same wish is a second payment: the money has come twice.
   */
  async #meant(provider: Provider, update: PaymentUpdate): Promise<PaymentRow | null> {
    const { name } = provider;
    const byId = () => this.#rows('provider = $1 and external_id = $2', [name, update.externalId]);
    const [known] = await byId();
    if (known) return known;
    let clientId: PersonId;
    if (update.paymentId !== null) {
      await this.#database.query(
        `update payment set external_id = $3
          where id = $1 and provider = $2 and external_id is null
            and not exists (select 1 from payment other where other.provider = $2 and other.external_id = $3)`,
        [update.paymentId, name, update.externalId],
      );
      const [tied] = await byId();
      if (tied) return tied;
      clientId = (await this.#one('id = $1 and provider = $2', [update.paymentId, name])).clientId;
    } else if (update.username !== null) {
      const [client] = await this.#database.query<{ id: number }>(
        `select id from person where username = $1 and role = 'client'`,
        [update.username.trim().toLowerCase()],
      );
      if (!client) throw new UserError('person_not_found', `There is no client with the user name ${update.username}.`);
      clientId = client.id;
    } else {
      return null;
    }
    await this.#database.query(
      `insert into payment (provider, client_id, amount_minor, state, external_id) values ($1, $2, $3, 'open', $4)
       on conflict (provider, external_id) do nothing`,
      [name, clientId, update.amountMinor, update.externalId],
    );
    return (await byId())[0] ?? null;
  }

  /** What is credited is not taken back by itself: an operator decides. */
  async #noteAfterSettled(payment: PaymentRow, update: PaymentUpdate): Promise<void> {
    const { amountMinor } = payment;
    const trouble =
      update.state === 'failed'
        ? 'the provider says that it failed, after it had been settled and credited.'
        : update.state === 'settled' && update.amountMinor !== amountMinor
          ? `it came again with ${update.amountMinor} instead of ${amountMinor} minor units; the first was credited.`
          : null;
    if (trouble !== null) await this.#note(payment, trouble, update);
  }

  /** PaymentUpdate that come again change nothing; other trouble opens it anew. */
  async #note({ paymentId, clientId }: PaymentRow, trouble: string, update?: PaymentUpdate): Promise<void> {
    this.#log.error({ paymentId, update, trouble }, 'ALARM: a payment needs an operator');
    await this.#database.query(
      `update payment set trouble = $2, trouble_settled_at = null, trouble_settled_by = null, trouble_note = null
        where id = $1 and trouble is distinct from $2`,
      [paymentId, trouble],
    );
    this.#onChange(clientId);
  }

  async #credit(payment: PaymentRow): Promise<void> {
    const { paymentId, clientId, amountMinor, provider, externalId } = payment;
    await this.#ledger.topUp({
      kind: 'payment',
      provider,
      key: String(paymentId),
      clientId,
      amountMinor: toMinor(amountMinor),
      reason: `${this.#providers.get(provider)?.label ?? provider} ${externalId ?? ''}`.trim(),
      actorId: null,
    });
    await this.#noteIfDeleted(payment);
    await this.#database.query('update payment set is_credited = true where id = $1', [paymentId]);
    this.#onChange(clientId);
  }

  /** Nobody can use it there: an operator finds out whose it is. */
  async #noteIfDeleted(payment: PaymentRow): Promise<void> {
    const gone = await this.#database.query('select 1 from person where id = $1 and deleted_at is not null', [
      payment.clientId,
    ]);
    if (gone.length > 0) await this.#note(payment, 'it was credited to an account that has been deleted.');
  }

  /** A provider that fails, or update that are refused, are the operator's to know: the sender only gets a code. */
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

  async #lines(where: string, values: unknown[]): Promise<PaymentLine[]> {
    const rows = await this.#database.query<PaymentRow & { displayName: string }>(
      `select ${COLUMNS}, display_name as "displayName" from payment join person on person.id = client_id where ${where}`,
      values,
    );
    return rows.map((row) => ({
      ...viewOf(row),
      client: { personId: row.clientId, displayName: row.displayName },
      trouble: row.trouble,
    }));
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
