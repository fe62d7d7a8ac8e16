import Type, { type Static } from 'typebox';
import { CallId, Outcome, PauseReason, Side } from './calls.ts';
import { ProbeEvidence } from './connection.ts';
import { MeterLogLine } from './meter-log.ts';
import { MinorSchema, Tariff } from './money.ts';
import { nullable } from './nullable.ts';
import { PersonId } from './people.ts';

export const ReceiptUnit = Type.Object({
  /** From 1; 0 is the rest of the minimum (charging rule 5). */
  unit: Type.Integer({ minimum: 0 }),
  amountMinor: MinorSchema,
  /** The model's part of it (charging rule 7). */
  modelMinor: MinorSchema,
  /** Billable time at which it fell. */
  billableMs: Type.Integer(),
  at: Type.String(),
  transferId: nullable(Type.Integer()),
});
export type ReceiptUnit = Static<typeof ReceiptUnit>;

/** Probes that a receipt lists; the meter log has them all. */
export const RECEIPT_PROBES_MAX = 200;

export const ReceiptPause = Type.Object({
  reason: Type.Union([PauseReason, Type.Literal('out_of_funds')]),
  from: Type.String(),
  to: nullable(Type.String()),
  /** Billable time at which the meter stood. */
  billableMs: Type.Integer(),
  /** When it was noticed: billable time was cut back from there to `from`. */
  noticedAt: Type.String(),
  cutBackMs: Type.Integer(),
  /** Units that fell between `from` and `noticedAt`; they stay charged and are used up first. */
  unitsChargedBeforeNoticed: Type.Integer(),
  /** Of `slow_link`: the probes that began it and those that ended it. */
  evidence: Type.Array(ProbeEvidence),
});
export type ReceiptPause = Static<typeof ReceiptPause>;

/** Why the rest of the minimum was taken (`due`) or not (charging rule 5); `none` when none of it was left. */
export const MinimumWhy = Type.Union([
  Type.Literal('none'),
  Type.Literal('due'),
  Type.Literal('model_ended'),
  Type.Literal('appliance_ended'),
  Type.Literal('waived'),
  Type.Literal('model_fault'),
]);
export type MinimumWhy = Static<typeof MinimumWhy>;

/** Something that does not agree: a stable code, and a sentence for people. */
export const ReceiptFault = Type.Object({
  code: Type.String(),
  sentence: Type.String(),
  /** The line of the meter log, or null where it is none in particular. */
  seq: nullable(Type.Integer()),
});
export type ReceiptFault = Static<typeof ReceiptFault>;

/** Who reads a receipt: one of its two people, or the operator, who sees both amounts. */
export const ReceiptSide = Type.Union([...Side.anyOf, Type.Literal('operator')]);
export type ReceiptSide = Static<typeof ReceiptSide>;

/** What a call cost and why, recomputed from its meter log and compared with the ledger. */
export const Receipt = Type.Object({
  callId: CallId,
  mySide: ReceiptSide,
  client: Type.Object({ personId: PersonId, displayName: Type.String() }),
  model: Type.Object({ personId: PersonId, displayName: Type.String() }),
  rateMinor: Type.Integer(),
  minimumMin: Type.Integer(),
  tariff: Tariff,
  /** The model's part of what is charged, in per cent. */
  sharePercent: Type.Integer({ minimum: 0, maximum: 100 }),
  outcome: nullable(Outcome),
  rangAt: Type.String(),
  liveAt: nullable(Type.String()),
  endedAt: nullable(Type.String()),
  billableMs: Type.Integer(),
  /** Time in which the appliance was down; nothing of it is billable. */
  downtimeMs: Type.Integer(),
  units: Type.Array(ReceiptUnit),
  /** Units that were posted ahead, never fell due, and were given back. */
  releasedUnits: Type.Array(Type.Integer()),
  /** Charges that were refused for want of funds. */
  refusedAttempts: Type.Integer(),
  minimum: Type.Object({ why: MinimumWhy, amountMinor: MinorSchema }),
  pauses: Type.Array(ReceiptPause),
  /** The newest probes of the model's uplink, oldest first. */
  probes: Type.Array(ProbeEvidence, { maxItems: RECEIPT_PROBES_MAX }),
  chargedMinor: MinorSchema,
  /** Tips given in it, on top of what was charged for its time. */
  tipsMinor: MinorSchema,
  /** The model's share, less what she gave back of it; null in the client's receipt. */
  earnedMinor: nullable(MinorSchema),
  /** What the studio keeps of what was charged and not given back; the operator's only. */
  studioMinor: nullable(MinorSchema),
  /** Media that reached the client beyond what is paid and free, in ms; null where it was not measured. */
  mediaBeyondMs: nullable(Type.Integer()),
  /** Whether meter log, ledger and core agree to the unit; null while that has not been checked. */
  agrees: nullable(Type.Boolean()),
  /** What does not agree. */
  faults: Type.Array(ReceiptFault),
});
export type Receipt = Static<typeof Receipt>;

// ---- the two files of a call ----------------------------------------------------------------------

/** GET /api/calls/:callId/log.json: the call's meter log, whole. */
export const MeterLogFile = Type.Object({
  format: Type.Literal('parlour-meter-log'),
  version: Type.Literal(1),
  callId: CallId,
  lines: Type.Array(MeterLogLine),
});
export type MeterLogFile = Static<typeof MeterLogFile>;

/** GET /api/calls/:callId/receipt.json: the receipt, and what the ledger has of the call. */
export const ReceiptFile = Type.Object({
  format: Type.Literal('parlour-receipt'),
  version: Type.Literal(1),
  currency: Type.String(),
  minorDigits: Type.Integer(),
  receipt: Receipt,
  ledger: Type.Object({
    /** Units, and the rest of the minimum as unit 0. */
    transfers: Type.Array(
      Type.Object({
        transferId: Type.Integer(),
        unit: Type.Integer({ minimum: 0 }),
        amountMinor: Type.Integer(),
        shareMinor: Type.Integer(),
        at: Type.String(),
      }),
    ),
    releases: Type.Array(
      Type.Object({
        releaseId: Type.Integer(),
        transferId: Type.Integer(),
        unit: Type.Integer({ minimum: 1 }),
        amountMinor: Type.Integer(),
        at: Type.String(),
      }),
    ),
  }),
});
export type ReceiptFile = Static<typeof ReceiptFile>;
