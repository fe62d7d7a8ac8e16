import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { type Currency, fromDecimal, toDecimal, UserError } from '../contract/index.ts';
import type { Order, PaymentUpdate, Provider, RawNotification } from './provider.ts';
import { hmacOf, isSameDigest } from './signature.ts';

const ANSWER_MS_MAX = 10_000;
/** Begins our order ids: a web shop on the same store counts its own orders in plain numbers. */
const ORDER = 'parlour-';

/** Of an invoice as Greenfield gives it, what we read (docs.btcpayserver.org/API/Greenfield/v1, Invoices). */
const Invoice = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 128 }),
  storeId: Type.Optional(Type.String()),
  status: Type.String(),
  additionalStatus: Type.Optional(Type.String()),
  amount: Type.String(),
  currency: Type.String(),
  checkoutLink: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.Object({ orderId: Type.Optional(Type.Unknown()) })),
});
type Invoice = Static<typeof Invoice>;

/** Of a webhook delivery, what we read. Its type and its place among others are not trusted: the invoice is asked. */
const Delivery = Type.Object({
  type: Type.String(),
  storeId: Type.Optional(Type.String()),
  invoiceId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});

const STATES: Readonly<Record<string, PaymentUpdate['state']>> = {
  New: 'open',
  Processing: 'pending',
  Settled: 'settled',
  Expired: 'expired',
  Invalid: 'failed',
};

/** What was paid besides or below the invoice is not in its amount: BTCPay Server leaves it to people. */
const TROUBLES: Readonly<Record<string, string>> = {
  PaidOver: 'BTCPay Server says that more than the invoice was paid; the invoice was credited.',
  PaidPartial: 'BTCPay Server says that only a part of the invoice was paid; nothing was credited for it.',
};

/** BTCPay Server through its Greenfield API. */
export class BtcPay implements Provider {
  readonly name = 'btcpay';
  readonly label: string;
  readonly #options: { btcpayUrl: string; btcpayStoreId: string; btcpayApiKey: string; btcpayWebhookSecret: string };
  readonly #currency: Currency;

  constructor(
    options: {
      btcpayUrl: string;
      btcpayStoreId: string;
      btcpayApiKey: string;
      btcpayWebhookSecret: string;
      label: string;
    },
    currency: Currency,
  ) {
    this.label = options.label;
    this.#options = options;
    this.#currency = currency;
  }

  readonly checkout = async ({ paymentId, amountMinor, returnUrl }: Order) => {
    const invoice = await this.#request('POST', '', {
      amount: toDecimal(amountMinor, this.#currency.minorDigits),
      currency: this.#currency.code,
      metadata: { orderId: `${ORDER}${paymentId}` },
      checkout: { redirectURL: returnUrl, redirectAutomatically: true },
    });
    if (!invoice?.checkoutLink) throw new UserError('provider_unavailable');
    return { externalId: invoice.id, checkoutUrl: invoice.checkoutLink };
  };

  /**
   * Deliveries come again and in any order, so one is only a hint to look: the state is that of the
   * invoice itself, asked now.
   */
  async read({ headers, body }: RawNotification): Promise<PaymentUpdate | null> {
    const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(String(headers['btcpay-sig'] ?? '')) ?? [];
    if (!hex || !isSameDigest(hmacOf(this.#options.btcpayWebhookSecret, body), hex)) {
      throw new UserError('bad_signature');
    }
    let delivery: unknown;
    try {
      delivery = JSON.parse(Buffer.from(body).toString('utf8'));
    } catch {
      throw new UserError('malformed', 'The body is not JSON.');
    }
    if (!Value.Check(Delivery, delivery)) throw new UserError('malformed');
    if (
      delivery.invoiceId === undefined ||
      (delivery.storeId ?? this.#options.btcpayStoreId) !== this.#options.btcpayStoreId
    ) {
      return null;
    }
    return this.ask(delivery.invoiceId);
  }

  readonly ask = async (externalId: string): Promise<PaymentUpdate | null> => {
    const invoice = await this.#request('GET', `/${encodeURIComponent(externalId)}`);
    const state = invoice && STATES[invoice.status];
    if (!invoice || !state) return null;
    const amountMinor = fromDecimal(invoice.amount, this.#currency.minorDigits);
    // An invoice of the same store for something else than our credit.
    if (amountMinor === null || amountMinor <= 0 || invoice.currency !== this.#currency.code) return null;
    const orderId = String(invoice.metadata?.orderId ?? '');
    const number = orderId.startsWith(ORDER) ? orderId.slice(ORDER.length) : '';
    return {
      externalId: invoice.id,
      state,
      amountMinor,
      paymentId: /^\d{1,15}$/.test(number) ? Number(number) : null,
      username: null,
      trouble: TROUBLES[invoice.additionalStatus ?? ''] ?? null,
    };
  };

  /** @returns null when there is no such invoice */
  async #request(method: 'GET' | 'POST', path: string, body?: object): Promise<Invoice | null> {
    const { btcpayUrl, btcpayStoreId, btcpayApiKey } = this.#options;
    const url = `${btcpayUrl.replace(/\/+$/, '')}/api/v1/stores/${encodeURIComponent(btcpayStoreId)}/invoices${path}`;
    let answer: unknown;
    try {
      const response = await fetch(url, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        headers: { Authorization: `token ${btcpayApiKey}`, ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (response.status === 404 && method === 'GET') return null;
      if (!response.ok) throw new Error(`BTCPay Server answered ${response.status}`);
      answer = await response.json();
    } catch (error) {
      throw new UserError('provider_unavailable', undefined, error);
    }
    if (!Value.Check(Invoice, answer)) throw new UserError('provider_unavailable', 'BTCPay Server sent no invoice.');
    return answer;
  }
}
