import Type, { type Static } from 'typebox';
import {
  NOTE_LENGTH_MAX,
  PAGE_SIZE_MAX,
  TOP_UP_MINOR_MAX,
  VOUCHER_CODE_LENGTH_MAX,
  VOUCHER_DAYS_MAX,
  VOUCHERS_PER_BATCH_MAX,
} from './limits.ts';
import { MinorSchema } from './money.ts';
import { Amount, Id, PersonName, RequestKey, strict } from './money-parts.ts';
import { nullable } from './nullable.ts';

// Credit by voucher: batches of codes, and their use.

/** POST /api/vouchers/redeem (client). Answer: `CreditReceived`. Spaces, hyphens and case do not matter. */
export const RedeemVoucher = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: VOUCHER_CODE_LENGTH_MAX }) },
  strict,
);
export type RedeemVoucher = Static<typeof RedeemVoucher>;
export const CreditReceived = Type.Object({ amountMinor: MinorSchema, balanceMinor: MinorSchema });
export type CreditReceived = Static<typeof CreditReceived>;

/**
 * POST /api/voucher-batches (operator). Answer: `VouchersMade`. Sent again under the same key, it is the same batch, and
 * for ten minutes the same answer; after that, or after a restart, `vouchers_made_already`.
 */
export const MakeVouchers = Type.Object(
  {
    key: RequestKey,
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
