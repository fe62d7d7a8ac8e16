import Type, { type Static } from 'typebox';
import {
  NOTE_LENGTH_MAX,
  PAGE_SIZE_MAX,
  PAYOUT_MINOR_MAX,
  REASON_LENGTH_MAX,
  TOP_UP_MINOR_MAX,
  UNIT_MAX,
  VOUCHER_CODE_LENGTH_MAX,
  VOUCHER_DAYS_MAX,
  VOUCHERS_PER_BATCH_MAX,
} from './limits.ts';
import { MinorSchema } from './money.ts';
import { nullable } from './nullable.ts';
import { PersonId } from './people.ts';

// Money over HTTP, under /api like the rest. Amounts are integers in minor units, times ISO 8601.
// A page hears of new money by the hub's message `balance` and reads the list again.
// Every route that ends in .csv takes the query of the route without it and answers a file (RFC 4180).

const strict = { additionalProperties: false } as const;
/** The number of a row, or of the last line seen. */
const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const PersonName = Type.Object({ personId: PersonId, displayName: Type.String() });
const Amount = (maximum: number) => Type.Integer({ minimum: 1, maximum });

/** Chosen by the page for each intention: the same key happens once, however often it is sent. */
export const RequestKey = Type.String({ minLength: 8, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' });
export const Reason = Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX, pattern: '\\S' });
/** A point of time, ISO 8601 with its zone: `2026-11-22T00:00:00Z`. */
export const Instant = Type.String({
  maxLength: 32,
  format: 'date-time',
  // Of this and the last century, and without a leap second, which no clock here knows.
  pattern: '^(19|20)\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]\\d\\d:\\d\\d)$',
});
/** Whose midnight begins a day: an IANA time zone, as `Intl` names it. Left out: UTC. */
export const ZoneName = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' });

// ---- history -------------------------------------------------------------------------------------

export const TransferKind = Type.Union([
  /** A unit of a call. */
  Type.Literal('charge'),
  /** The rest of a call's minimum (charging rule 5). */
  Type.Literal('minimum'),
  /** A one-off amount from the client to the model, in a call. */
  Type.Literal('tip'),
  /** A unit given back. */
  Type.Literal('refund'),
  /** Credit paid to the operator. */
  Type.Literal('top_up'),
  Type.Literal('voucher'),
  /** Credit paid through a provider. */
  Type.Literal('payment'),
  /** Credit given for nothing. */
  Type.Literal('bonus'),
  /** A correction by the operator, up or down. */
  Type.Literal('adjustment'),
  /** Earnings set aside for a payout that was asked for. */
  Type.Literal('payout'),
  /** Earnings of a payout that was not made, back again. */
  Type.Literal('payout_returned'),
  /** A payout that has left the house; stands in no person's history. */
  Type.Literal('payout_paid'),
]);
export type TransferKind = Static<typeof TransferKind>;

/**
 * GET /api/history, /api/history.csv: the person's own money, newest first.
 * The operator names a person with `personId`. `kind` is one kind or several with commas.
 */
export const HistoryQuery = Type.Object(
  {
    kind: Type.Optional(Type.String({ maxLength: 200, pattern: '^[a-z_]+(,[a-z_]+)*$' })),
    /** From this instant on, and before that one. */
    from: Type.Optional(Instant),
    to: Type.Optional(Instant),
    /** The transferId of the last line seen. */
    before: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX })),
    personId: Type.Optional(PersonId),
  },
  strict,
);
export type HistoryQuery = Static<typeof HistoryQuery>;

export const HistoryLine = Type.Object({
  transferId: Type.Integer(),
  at: Type.String(),
  kind: TransferKind,
  /** What it did to this person's balance: negative when it was taken. */
  amountMinor: MinorSchema,
  /** The person's balance after it. */
  balanceMinor: MinorSchema,
  callId: nullable(Type.Integer()),
  /** From 1; 0 is the rest of the minimum. A refund has the unit that it gives back. */
  unit: nullable(Type.Integer()),
  reason: nullable(Type.String()),
});
export type HistoryLine = Static<typeof HistoryLine>;
export const HistoryLines = Type.Object({ lines: Type.Array(HistoryLine) });
export type HistoryLines = Static<typeof HistoryLines>;

// ---- refunds -------------------------------------------------------------------------------------

/**
 * POST /api/calls/:callId/refund (model: her own calls, within 30 days; operator: any).
 * Whole units; a unit that was refunded before is left alone, so a repeated request is harmless.
 */
export const RefundCall = Type.Object(
  {
    /** Unit numbers as in the receipt (0 is the rest of the minimum), or all that are left. */
    units: Type.Union([
      Type.Literal('all'),
      Type.Array(Type.Integer({ minimum: 0, maximum: UNIT_MAX }), {
        minItems: 1,
        maxItems: 10_000,
        uniqueItems: true,
      }),
    ]),
    reason: Reason,
  },
  strict,
);
export type RefundCall = Static<typeof RefundCall>;

export const RefundLine = Type.Object({
  /** Of the refund, and of the charge that it gives back. */
  transferId: Type.Integer(),
  chargeId: Type.Integer(),
  unit: Type.Integer(),
  /** What the client got back: always the whole unit. */
  amountMinor: MinorSchema,
  at: Type.String(),
  reason: Type.String(),
  /** Null in the client's own view. */
  byName: nullable(Type.String()),
});
export type RefundLine = Static<typeof RefundLine>;

/** GET /api/calls/:callId/refunds, for the two people of the call and the operator; also the answer of a refund. */
export const CallRefunds = Type.Object({
  refunds: Type.Array(RefundLine),
  refundedMinor: MinorSchema,
  /** Units that this person could refund now; none for the client. */
  refundableUnits: Type.Array(Type.Integer()),
});
export type CallRefunds = Static<typeof CallRefunds>;

// ---- credit and corrections by the operator ------------------------------------------------------

/** POST /api/people/:personId/adjustment (operator): a correction, up or down, never below zero. */
export const Adjust = Type.Object(
  {
    key: RequestKey,
    amountMinor: Type.Integer({ minimum: -TOP_UP_MINOR_MAX, maximum: TOP_UP_MINOR_MAX }),
    reason: Reason,
  },
  strict,
);
export type Adjust = Static<typeof Adjust>;

// ---- vouchers ------------------------------------------------------------------------------------

/** POST /api/vouchers/redeem (client). Answer: `CreditReceived`. Spaces, hyphens and case do not matter. */
export const RedeemVoucher = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: VOUCHER_CODE_LENGTH_MAX }) },
  strict,
);
export type RedeemVoucher = Static<typeof RedeemVoucher>;
export const CreditReceived = Type.Object({ amountMinor: MinorSchema, balanceMinor: MinorSchema });
export type CreditReceived = Static<typeof CreditReceived>;

/** POST /api/voucher-batches (operator). Answer: `VouchersMade`. */
export const MakeVouchers = Type.Object(
  {
    count: Type.Integer({ minimum: 1, maximum: VOUCHERS_PER_BATCH_MAX }),
    amountMinor: Amount(TOP_UP_MINOR_MAX),
    /** What the operator calls the batch. */
    label: Type.String({ minLength: 1, maxLength: NOTE_LENGTH_MAX, pattern: '\\S' }),
    /** Whole days until they expire; left out: never. */
    validDays: Type.Optional(Type.Integer({ minimum: 1, maximum: VOUCHER_DAYS_MAX })),
  },
  strict,
);
export type MakeVouchers = Static<typeof MakeVouchers>;

export const VoucherBatch = Type.Object({
  batchId: Type.Integer(),
  label: Type.String(),
  amountMinor: MinorSchema,
  madeAt: Type.String(),
  madeBy: Type.String(),
  expiresAt: nullable(Type.String()),
  count: Type.Integer(),
  redeemedCount: Type.Integer(),
  voidedCount: Type.Integer(),
});
export type VoucherBatch = Static<typeof VoucherBatch>;
/** GET /api/voucher-batches (operator), newest first. */
export const VoucherBatchQuery = Type.Object(
  { before: Type.Optional(Id), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX })) },
  strict,
);
export type VoucherBatchQuery = Static<typeof VoucherBatchQuery>;
export const VoucherBatches = Type.Object({ batches: Type.Array(VoucherBatch) });
export type VoucherBatches = Static<typeof VoucherBatches>;
/** The codes are shown in this answer only: the appliance keeps digests and cannot show them again. */
export const VouchersMade = Type.Object({ batch: VoucherBatch, codes: Type.Array(Type.String()) });
export type VouchersMade = Static<typeof VouchersMade>;

export const VoucherState = Type.Union([
  Type.Literal('open'),
  Type.Literal('redeemed'),
  Type.Literal('voided'),
  Type.Literal('expired'),
]);
export const Voucher = Type.Object({
  voucherId: Type.Integer(),
  /** The last characters of the code, to tell it from its neighbours. */
  ending: Type.String(),
  state: VoucherState,
  redeemedBy: nullable(PersonName),
  redeemedAt: nullable(Type.String()),
});
export type Voucher = Static<typeof Voucher>;
/**
 * GET /api/voucher-batches/:batchId (operator): the batch, and a page of its vouchers, the last made first.
 * POST /api/voucher-batches/:batchId/void and POST /api/vouchers/:voucherId/void (operator) end what is open;
 * both answer the batch with its first page.
 */
export const VoucherQuery = Type.Object(
  {
    state: Type.Optional(VoucherState),
    before: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX })),
  },
  strict,
);
export type VoucherQuery = Static<typeof VoucherQuery>;
export const VoucherBatchDetail = Type.Object({ batch: VoucherBatch, vouchers: Type.Array(Voucher) });
export type VoucherBatchDetail = Static<typeof VoucherBatchDetail>;
export const VoucherBatchParams = Type.Object({ batchId: Id });
export const VoucherParams = Type.Object({ voucherId: Id });

// ---- payments ------------------------------------------------------------------------------------

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
 * it back to the page /payments/:paymentId, mostly before the provider's news has come.
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
 * POST /api/webhooks/payment: a provider's news, signed over the exact bytes (docs/money.md).
 * POST /api/webhooks/btcpay: BTCPay Server's own format.
 */
export const PaymentNews = Type.Object({
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
export type PaymentNews = Static<typeof PaymentNews>;

// ---- earnings and payouts ------------------------------------------------------------------------

/** GET /api/earnings?zone= (model). Refunds are taken off where they fall. */
export const EarningsQuery = Type.Object({ zone: Type.Optional(ZoneName) }, strict);
export type EarningsQuery = Static<typeof EarningsQuery>;
export const Earnings = Type.Object({
  /** What can be asked for now. */
  balanceMinor: MinorSchema,
  todayMinor: MinorSchema,
  /** Since Monday. */
  weekMinor: MinorSchema,
  monthMinor: MinorSchema,
  allMinor: MinorSchema,
  /** Asked for and not paid yet. */
  inPayoutMinor: MinorSchema,
  payoutMinMinor: Type.Integer(),
});
export type Earnings = Static<typeof Earnings>;

export const PayoutState = Type.Union([
  /** Asked for; the money is set aside. */
  Type.Literal('requested'),
  Type.Literal('approved'),
  Type.Literal('paid'),
  /** Refused by the operator, the transfer failed, or taken back by the model: the earnings are back. */
  Type.Literal('rejected'),
  Type.Literal('failed'),
  Type.Literal('withdrawn'),
]);
export type PayoutState = Static<typeof PayoutState>;

/** POST /api/payouts (model). Answer: `Payout`, 201. */
export const RequestPayout = Type.Object(
  {
    key: RequestKey,
    amountMinor: Amount(PAYOUT_MINOR_MAX),
    /** Where to: an account number, or what the two have agreed. She and the operators see it. */
    destination: Type.String({ minLength: 1, maxLength: NOTE_LENGTH_MAX, pattern: '\\S' }),
  },
  strict,
);
export type RequestPayout = Static<typeof RequestPayout>;

export const PayoutStep = Type.Object({
  step: Type.Union([...PayoutState.anyOf, Type.Literal('first_approval')]),
  at: Type.String(),
  byName: Type.String(),
  /** The reason, or the reference of the transfer. */
  note: nullable(Type.String()),
});
export type PayoutStep = Static<typeof PayoutStep>;

export const Payout = Type.Object({
  payoutId: Type.Integer(),
  model: PersonName,
  amountMinor: MinorSchema,
  destination: Type.String(),
  state: PayoutState,
  requestedAt: Type.String(),
  /** How many different operators must approve it, and who has. */
  approvalsNeeded: Type.Integer(),
  approvedBy: Type.Array(PersonName),
  steps: Type.Array(PayoutStep),
});
export type Payout = Static<typeof Payout>;

/** GET /api/payouts (model: own; operator: all), newest first. GET /api/payouts.csv (operator). */
export const PayoutQuery = Type.Object(
  {
    state: Type.Optional(PayoutState),
    before: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX })),
  },
  strict,
);
export type PayoutQuery = Static<typeof PayoutQuery>;
export const Payouts = Type.Object({ payouts: Type.Array(Payout) });
export type Payouts = Static<typeof Payouts>;
export const PayoutParams = Type.Object({ payoutId: Id });

/**
 * POST /api/payouts/:payoutId/<step>, each answers the `Payout`. Operators: `approve`, `reject`, `paid`, `failed`;
 * the model: `withdraw`, while it is requested. `reject` and `failed` need a note.
 */
export const PayoutAction = Type.Object({ note: Type.Optional(Reason) }, strict);
export type PayoutAction = Static<typeof PayoutAction>;

// ---- reports -------------------------------------------------------------------------------------

/** GET /api/reports?by=day|model|client&from=&to=&zone= (operator), /api/reports.csv. */
export const ReportQuery = Type.Object(
  {
    by: Type.Union([Type.Literal('day'), Type.Literal('model'), Type.Literal('client')]),
    from: Type.Optional(Instant),
    to: Type.Optional(Instant),
    zone: Type.Optional(ZoneName),
  },
  strict,
);
export type ReportQuery = Static<typeof ReportQuery>;

export const ReportFigures = Type.Object({
  calls: Type.Integer(),
  /** Charged, refunds taken off; it is the model's share and the studio's together. */
  turnoverMinor: MinorSchema,
  modelMinor: MinorSchema,
  studioMinor: MinorSchema,
  refundsMinor: MinorSchema,
  /** Credit that came in: top-ups, vouchers, payments; bonuses and corrections stand apart. */
  creditMinor: MinorSchema,
  bonusMinor: MinorSchema,
  adjustmentsMinor: MinorSchema,
  /** Paid out to models. */
  payoutsMinor: MinorSchema,
});
export type ReportFigures = Static<typeof ReportFigures>;
export const Report = Type.Object({
  by: ReportQuery.properties.by,
  /** By day: `day` (YYYY-MM-DD, every day of the span) and no person; else the person. Busiest first, days in order. */
  rows: Type.Array(
    Type.Intersect([Type.Object({ day: nullable(Type.String()), person: nullable(PersonName) }), ReportFigures]),
  ),
  total: ReportFigures,
  /** As it stands now, whatever the span: what is owed to clients and models, and set aside for payouts. */
  creditOutstandingMinor: MinorSchema,
  earningsOwedMinor: MinorSchema,
  payoutsDueMinor: MinorSchema,
});
export type Report = Static<typeof Report>;

// ---- the state of the ledger ---------------------------------------------------------------------

/** Part of `Studio`; POST /api/ledger/check (operator) checks now and answers it. */
export const LedgerState = Type.Object({
  /** The last whole check; null before the first one after a start has ended. */
  checkedAt: nullable(Type.String()),
  /** All accounts add up to zero, and each balance is what its transfers make it. */
  isBalanced: Type.Boolean(),
  isChainIntact: Type.Boolean(),
  /** The first break of the chain, in words. */
  firstBreak: nullable(Type.String()),
  transferCount: Type.Integer(),
  /** Number and hash of the newest batch: kept outside, it proves later that nothing before it was changed. */
  head: nullable(Type.Object({ batch: Type.Integer(), hash: Type.String() })),
});
export type LedgerState = Static<typeof LedgerState>;

/** What an operator must look at. The words are for people; the code is stable. */
export const Alarm = Type.Object({
  code: Type.Union([
    Type.Literal('ledger_unbalanced'),
    Type.Literal('chain_broken'),
    Type.Literal('database_down'),
    Type.Literal('database_read_only'),
    Type.Literal('database_full'),
    Type.Literal('receipt_disagrees'),
    Type.Literal('payment_needs_operator'),
  ]),
  message: Type.String(),
});
export type Alarm = Static<typeof Alarm>;
