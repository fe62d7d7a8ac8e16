import Type, { type Static } from 'typebox';
import { NOTE_LENGTH_MAX, PAGE_SIZE_MAX, PAYOUT_MINOR_MAX } from './limits.ts';
import { MinorSchema } from './money.ts';
import { Amount, Id, PersonName, Reason, RequestKey, strict, ZoneName } from './money-parts.ts';
import { nullable } from './nullable.ts';

// What models have earned, and how they are paid.

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
