import Type, { type Static } from 'typebox';
import { PAGE_SIZE_MAX, TOP_UP_MINOR_MAX } from './limits.ts';
import { MinorSchema } from './money.ts';
import { Amount, Id, PersonName, Reason, RequestKey, strict } from './money-parts.ts';
import { nullable } from './nullable.ts';

// Credit by a payment provider: checkouts, and what the providers tell.

/** `voucher`: type in a code. `btcpay`, `webhook`: go to a checkout and come back. */
export const ProviderName = Type.Union([Type.Literal('voucher'), Type.Literal('btcpay'), Type.Literal('webhook')]);
export type ProviderName = Static<typeof ProviderName>;

/** GET /api/payments/providers (client): the ways to add credit that this appliance has. */
export const Providers = Type.Object({
  providers: Type.Array(
    Type.Object({
      provider: ProviderName,
      /** What people call it. */
      label: Type.String(),
      /** Whether POST /api/payments makes a checkout of it; false: the code or the provider's own page does. */
      hasCheckout: Type.Boolean(),
    }),
  ),
  amountMinMinor: Type.Integer(),
  amountMaxMinor: Type.Integer(),
});
export type Providers = Static<typeof Providers>;

/**
 * POST /api/payments (client). Answer: `Payment`, 201; send the browser to its `checkoutUrl`. The checkout sends
 * it back to the page /payments/:paymentId, mostly before the provider's notification has come.
 */
export const StartPayment = Type.Object(
  {
    key: RequestKey,
    provider: Type.Union([Type.Literal('btcpay'), Type.Literal('webhook')]),
    amountMinor: Amount(TOP_UP_MINOR_MAX),
  },
  strict,
);
export type StartPayment = Static<typeof StartPayment>;

export const PaymentState = Type.Union([
  /** The provider has not answered yet. */
  Type.Literal('opening'),
  /** Not paid yet. */
  Type.Literal('open'),
  /** Paid, not yet certain. */
  Type.Literal('pending'),
  /** Certain, and credited. */
  Type.Literal('settled'),
  Type.Literal('expired'),
  Type.Literal('failed'),
]);
export type PaymentState = Static<typeof PaymentState>;

export const Payment = Type.Object({
  paymentId: Type.Integer(),
  provider: ProviderName,
  amountMinor: MinorSchema,
  state: PaymentState,
  checkoutUrl: nullable(Type.String()),
  startedAt: Type.String(),
  settledAt: nullable(Type.String()),
});
export type Payment = Static<typeof Payment>;
/** A payment in a list. */
export const PaymentLine = Type.Intersect([
  Payment,
  Type.Object({
    client: PersonName,
    /** What an operator has to look at, in words, until one has; always null for the client. */
    trouble: nullable(Type.String()),
  }),
]);
export type PaymentLine = Static<typeof PaymentLine>;
/** GET /api/payments (client: own; operator: all), newest first. GET /api/payments/:paymentId: one, own. */
export const PaymentQuery = Type.Object(
  {
    state: Type.Optional(PaymentState),
    before: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX })),
  },
  strict,
);
export type PaymentQuery = Static<typeof PaymentQuery>;
export const Payments = Type.Object({ payments: Type.Array(PaymentLine) });
export type Payments = Static<typeof Payments>;
/** POST /api/payments/:paymentId/settle-trouble (operator): looked at, and what came of it. Answer: `PaymentLine`. */
export const SettleTrouble = Type.Object({ note: Reason }, strict);
export type SettleTrouble = Static<typeof SettleTrouble>;
export const PaymentParams = Type.Object({ paymentId: Id });

/**
 * POST /api/webhooks/payment: a provider's notification, signed over the exact bytes (docs/money.md).
 * POST /api/webhooks/btcpay: BTCPay Server's own format.
 */
export const PaymentNotification = Type.Object({
  /** The provider's own id of the payment: it is credited once. */
  id: Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\u0000]*$' }),
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('settled'),
    Type.Literal('expired'),
    Type.Literal('failed'),
  ]),
  amountMinor: Amount(TOP_UP_MINOR_MAX),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  /** One of the two: a payment that the page had started, or the client's user name. */
  paymentId: Type.Optional(Id),
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000]*$' })),
});
export type PaymentNotification = Static<typeof PaymentNotification>;
