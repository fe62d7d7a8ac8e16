import { Value } from 'typebox/value';
import { type Currency, PaymentNotification, sentenceOf, toDecimal, toMinor, UserError } from '../contract/index.ts';
import type { Order, PaymentUpdate, Provider, RawNotification } from './provider.ts';
import { isSigned } from './signature.ts';

/** Any provider: something small beside it sends its update here, signed (docs/money.md). */
export class SignedWebhook implements Provider {
  readonly name = 'webhook';
  readonly label: string;
  readonly checkout: Provider['checkout'];
  readonly ask = null;
  readonly #secret: string;
  readonly #currency: Currency;

  /** @param options.checkoutUrl with `{paymentId}`, `{amount}`, `{currency}` and `{returnUrl}` in it; empty for none */
  constructor(options: { secret: string; label: string; checkoutUrl: string }, currency: Currency) {
    this.label = options.label;
    this.#secret = options.secret;
    this.#currency = currency;
    this.checkout = options.checkoutUrl === '' ? null : async (order) => this.#checkout(options.checkoutUrl, order);
  }

  async read({ headers, body, nowMs }: RawNotification): Promise<PaymentUpdate> {
    if (!isSigned(String(headers['parlour-signature'] ?? ''), body, this.#secret, nowMs)) {
      throw new UserError('bad_signature');
    }
    const update = parse(body);
    if (update.currency !== this.#currency.code) {
      throw new UserError(
        'malformed',
        `currency is ${update.currency}; this appliance counts in ${this.#currency.code}.`,
      );
    }
    if ((update.paymentId === undefined) === (update.username === undefined)) {
      throw new UserError('malformed', 'One of paymentId and username is needed.');
    }
    return {
      externalId: update.id,
      state: update.state,
      amountMinor: toMinor(update.amountMinor),
      paymentId: update.paymentId ?? null,
      username: update.username ?? null,
      trouble: null,
    };
  }

  #checkout(template: string, { paymentId, amountMinor, returnUrl }: Order) {
    const values: Record<string, string> = {
      paymentId: String(paymentId),
      amount: toDecimal(amountMinor, this.#currency.minorDigits),
      currency: this.#currency.code,
      returnUrl,
    };
    const checkoutUrl = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      values[name] === undefined ? whole : encodeURIComponent(values[name]),
    );
    return { externalId: null, checkoutUrl };
  }
}

function parse(body: Uint8Array): PaymentNotification {
  let update: unknown;
  try {
    update = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new UserError('malformed', 'The body is not JSON.');
  }
  const problem = Value.Errors(PaymentNotification, update)[0];
  if (problem) throw new UserError('malformed', sentenceOf(problem, 'body'));
  return update as PaymentNotification;
}
