import Type, { type Static } from 'typebox';
import { MinorSchema, Tariff } from './money.ts';
import { nullable } from './nullable.ts';
import { CallerCard, Peer, PersonId } from './people.ts';

export const CallId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export type CallId = number;

export const Side = Type.Union([Type.Literal('client'), Type.Literal('model')]);
export type Side = Static<typeof Side>;

export const otherSide = (side: Side): Side => (side === 'client' ? 'model' : 'client');

export const CallState = Type.Union([
  Type.Literal('ringing'),
  Type.Literal('confirming'),
  Type.Literal('live'),
  Type.Literal('suspended'),
  Type.Literal('ended'),
]);
export type CallState = Static<typeof CallState>;

/** How a call can end: the table of the charging rules. */
export const Outcome = Type.Union([
  Type.Literal('rejected'),
  Type.Literal('missed'),
  Type.Literal('withdrawn'),
  Type.Literal('canceled'),
  Type.Literal('client_ended'),
  Type.Literal('model_ended'),
  Type.Literal('out_of_funds'),
  Type.Literal('network_lost'),
  Type.Literal('operator_ended'),
  Type.Literal('failed'),
]);
export type Outcome = Static<typeof Outcome>;

export const PauseReason = Type.Union([
  Type.Literal('slow_link'),
  Type.Literal('no_media'),
  Type.Literal('reconnecting'),
  Type.Literal('model_waived'),
  /** The ledger has not answered; media runs only on what is paid. */
  Type.Literal('ledger_wait'),
  /** `no_media` and `reconnecting` are the model's; these are the client's, and the appliance's own. */
  Type.Literal('client_no_media'),
  Type.Literal('client_reconnecting'),
  Type.Literal('appliance_reconnecting'),
]);
export type PauseReason = Static<typeof PauseReason>;

/** The meter as it stood when the view was sent. Lengths of time only: the page counts on from there. */
export const MeterView = Type.Object({
  state: Type.Union([Type.Literal('charging'), Type.Literal('not_charging'), Type.Literal('suspended')]),
  reasons: Type.Array(PauseReason),
  billableMs: Type.Integer(),
  /** Units that have fallen due, and what they cost. */
  unitsCharged: Type.Integer(),
  chargedMinor: MinorSchema,
  /** Units that are paid: at most one more, up to a second ahead of its time. */
  unitsPosted: Type.Integer(),
  /** The client's credit; null in the model's view. */
  balanceMinor: nullable(MinorSchema),
  /** Billable time until which the client has paid. */
  paidUntilMs: Type.Integer(),
  /** Billable time that the paid time left and the credit cover together; null once the meter is stopped for good. */
  timeLeftMs: nullable(Type.Integer()),
  isLow: Type.Boolean(),
  /** While suspended: what is left of the grace. */
  graceLeftMs: nullable(Type.Integer()),
});
export type MeterView = Static<typeof MeterView>;

export const SideView = Type.Object({
  /** Has pressed Connect. */
  isConnected: Type.Boolean(),
  /** Has a page attached to the call. */
  isPresent: Type.Boolean(),
  /** Their media leg is up. */
  hasMedia: Type.Boolean(),
  isMuted: Type.Boolean(),
  isCameraOff: Type.Boolean(),
});
export type SideView = Static<typeof SideView>;

/** A call as one of its two people sees it. Sent whole at every change, so that no page can miss a step. */
export const CallView = Type.Object({
  callId: CallId,
  /** Rises with every view of this call; an older one is dropped. */
  seq: Type.Integer(),
  state: CallState,
  mySide: Side,
  peer: Peer,
  rateMinor: Type.Integer(),
  minimumMin: Type.Integer(),
  tariff: Tariff,
  me: SideView,
  them: SideView,
  /** What is left of the ring, the confirmation or the wait for a lost side; null where no time runs. */
  msLeft: nullable(Type.Integer()),
  /**
   * The credit of a client, the earnings of a model, null where they are not known. A unit that is paid ahead and has
   * not fallen due is not taken off yet: it is told with its charge.
   */
  balanceMinor: nullable(MinorSchema),
  /** Whole minutes that the client's credit covers, and whether the call can go live (charging rule 6). */
  fundedMin: Type.Integer(),
  isFunded: Type.Boolean(),
  /** From the first second live on. */
  meter: nullable(MeterView),
  outcome: nullable(Outcome),
  /** Who ended it; null when no person did. */
  endedBy: nullable(Side),
  /** What the model said when she rejected the ring. */
  rejectReason: nullable(Type.String()),
  /** Tips of this call so far; they are no part of what the time costs. */
  tipsMinor: MinorSchema,
  /** Who rings; null in the client's view. */
  caller: nullable(CallerCard),
});
export type CallView = Static<typeof CallView>;

/** One line of a person's list of calls. */
export const CallLine = Type.Object({
  callId: CallId,
  peer: Type.Object({ personId: PersonId, displayName: Type.String() }),
  mySide: Side,
  rangAt: Type.String(),
  outcome: nullable(Outcome),
  billableMs: Type.Integer(),
  chargedMinor: MinorSchema,
  /** Of it, what the client got back. */
  refundedMinor: MinorSchema,
  tipsMinor: MinorSchema,
  /** The model's share, less what she gave back of it; null in the client's list. */
  earnedMinor: nullable(MinorSchema),
});
export type CallLine = Static<typeof CallLine>;
