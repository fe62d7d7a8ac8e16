import Type, { type Static } from 'typebox';
import { MinorSchema } from './money.ts';
import { Instant, PersonName, strict, ZoneName } from './money-parts.ts';
import { nullable } from './nullable.ts';

// What the operator sees of all money: reports, the state of the ledger, alarms.

// ---- reports --------------------------------------------------------------------------------------

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

// ---- the state of the ledger ----------------------------------------------------------------------

/** Part of `Studio`; POST /api/ledger/check (operator) checks now and answers it. */
export const LedgerState = Type.Object({
  /** The last whole check; null before the first one after a start has ended. */
  checkedAt: nullable(Type.String()),
  /** All accounts add up to zero, and each balance is what its transfers make it; null before the first check. */
  isBalanced: nullable(Type.Boolean()),
  isChainIntact: nullable(Type.Boolean()),
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
    /** No whole check has ended for two hours. */
    Type.Literal('ledger_unchecked'),
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
