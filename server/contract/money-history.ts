import Type, { type Static } from 'typebox';
import { CallId } from './calls.ts';
import { PAGE_SIZE_MAX, TOP_UP_MINOR_MAX, UNIT_MAX } from './limits.ts';
import { MinorSchema } from './money.ts';
import { Id, Instant, Reason, RequestKey, strict } from './money-parts.ts';
import { nullable } from './nullable.ts';
import { PersonId } from './people.ts';

// Money that has moved, and its corrections: history, refunds, adjustments.

// ---- history --------------------------------------------------------------------------------------

export const TransferKind = Type.Union([
  /** A unit of a call. */
  Type.Literal('charge'),
  /** The rest of a call's minimum (charging rule 5). */
  Type.Literal('minimum'),
  /** A one-off amount from the client to the model, in a call. */
  Type.Literal('tip'),
  /** A unit or a tip given back. */
  Type.Literal('refund'),
  /**
   * A unit that was posted ahead and never fell due, given back (charging rule 4). Neither it nor its charge stands
   * in a history, but where the model had been paid out meanwhile.
   */
  Type.Literal('release'),
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
  /** A payout that has been paid out; stands in no person's history. */
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
  /** From 1; 0 is the rest of the minimum. A refund has the unit that it gives back; of a tip it has none. */
  unit: nullable(Type.Integer()),
  reason: nullable(Type.String()),
});
export type HistoryLine = Static<typeof HistoryLine>;
export const HistoryLines = Type.Object({ lines: Type.Array(HistoryLine) });
export type HistoryLines = Static<typeof HistoryLines>;

// ---- refunds --------------------------------------------------------------------------------------

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

/** POST /api/calls/:callId/tips/:transferId/refund (as units are): a whole tip, once. Answer: `CallRefunds`. */
export const RefundTip = Type.Object({ reason: Reason }, strict);
export type RefundTip = Static<typeof RefundTip>;
export const TipParams = Type.Object({ callId: CallId, transferId: Id });

/** A tip of a call, and whether it went back. */
export const TipLine = Type.Object({
  transferId: Type.Integer(),
  amountMinor: MinorSchema,
  at: Type.String(),
  /** Null while the model has it. */
  refund: nullable(
    Type.Object({
      transferId: Type.Integer(),
      at: Type.String(),
      reason: Type.String(),
      /** Null in the client's own view. */
      byName: nullable(Type.String()),
    }),
  ),
  /** This person could give it back now. */
  isRefundable: Type.Boolean(),
});
export type TipLine = Static<typeof TipLine>;

/** GET /api/calls/:callId/refunds, for the two people of the call and the operator; also the answer of a refund. */
export const CallRefunds = Type.Object({
  refunds: Type.Array(RefundLine),
  refundedMinor: MinorSchema,
  /** Units that this person could refund now; none for the client. */
  refundableUnits: Type.Array(Type.Integer()),
  /** Tips are no units: `refunds` and `refundedMinor` are without them. */
  tips: Type.Array(TipLine),
});
export type CallRefunds = Static<typeof CallRefunds>;

// ---- credit and corrections by the operator -------------------------------------------------------

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
