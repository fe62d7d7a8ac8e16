import Type, { type Static } from 'typebox';
import { CallId, CallLine } from './calls.ts';
import { AVAILABLE_HOURS_MAX, PAGE_SIZE_MAX, PASSWORD_LENGTH_MAX, TOP_UP_MINOR_MAX } from './limits.ts';
import { Currency, MinorSchema } from './money.ts';
import { Alarm, LedgerState, Reason, RequestKey } from './money-api.ts';
import { nullable } from './nullable.ts';
import { DisplayName, Password, PersonId, PersonRow, Profile, Username } from './people.ts';

// The HTTP API under /api: JSON in, JSON out, the session in a cookie. A request that changes
// something needs the appliance's own Origin.

/** GET /api/appliance: what a page may know before anyone signs in. */
export const Appliance = Type.Object({
  name: Type.String(),
  version: Type.String(),
  currency: Currency,
  /** No operator yet: the page asks for the one-time link. */
  needsSetUp: Type.Boolean(),
});
export type Appliance = Static<typeof Appliance>;

/** POST /api/set-up: makes the operator and signs them in. Answer: `Me`. */
export const SetUp = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 128 }),
    username: Username,
    displayName: DisplayName,
    password: Password,
  },
  { additionalProperties: false },
);
export type SetUp = Static<typeof SetUp>;

/** POST /api/session: signs in. Answer: `Me`. GET answers who is signed in, DELETE signs out. */
export const SignIn = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);
export type SignIn = Static<typeof SignIn>;

/** POST /api/session/link: signs in by a one-time link. Answer: `Me`. */
export const SignInByLink = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);
export type SignInByLink = Static<typeof SignInByLink>;

/**
 * PUT /api/password: sets a password for the person signed in; the other sessions end. Whoever has one gives it
 * as `oldPassword`, unless they have come in by a one-time link within LINK_IS_FRESH_MS.
 */
export const SetPassword = Type.Object(
  { password: Password, oldPassword: Type.Optional(Type.String({ minLength: 1, maxLength: PASSWORD_LENGTH_MAX })) },
  { additionalProperties: false },
);
export type SetPassword = Static<typeof SetPassword>;

/** GET /api/password: whether there is one, and whether a change asks for it. */
export const PasswordState = Type.Object({ isSet: Type.Boolean(), asksOld: Type.Boolean() });
export type PasswordState = Static<typeof PasswordState>;

/** PUT /api/profile (model). Answer: `Me`. */
export const SetProfile = Profile;

/** PUT /api/ring-terms (model): whom she takes rings of. Answer: `Me`. */
export const SetRingTerms = Type.Object(
  {
    /** No ring of a client who has looked `people.looksMax` times within 24 h without connecting reaches her. */
    refusesLooks: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type SetRingTerms = Static<typeof SetRingTerms>;

/** PUT /api/people/:personId/share (operator): a model's own part of what is charged. Answer: {}. */
export const SetShare = Type.Object(
  {
    /** In per cent, for calls that ring from now on; null: `money.modelSharePercent`. */
    sharePercent: nullable(Type.Integer({ minimum: 0, maximum: 100 })),
  },
  { additionalProperties: false },
);
export type SetShare = Static<typeof SetShare>;

/** PUT /api/availability (model): on for so many hours from now; 0 turns calls off. Answer: `Me`. */
export const SetAvailability = Type.Object(
  { hours: Type.Integer({ minimum: 0, maximum: AVAILABLE_HOURS_MAX }) },
  { additionalProperties: false },
);
export type SetAvailability = Static<typeof SetAvailability>;

/** Query of every list: newest first, `before` is the id of the last line seen. */
export const PageQuery = Type.Object(
  {
    before: Type.Optional(CallId),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX })),
  },
  { additionalProperties: false },
);
export type PageQuery = Static<typeof PageQuery>;

/** GET /api/calls: the person's own calls. */
export const CallLines = Type.Object({ calls: Type.Array(CallLine) });
export type CallLines = Static<typeof CallLines>;

/**
 * GET /api/calls/:callId/receipt: `Receipt`, for the two people of the call and the operator. As files:
 * GET /api/calls/:callId/receipt.json: `ReceiptFile`; GET /api/calls/:callId/log.json: `MeterLogFile`.
 */

/** POST /api/people (operator). Answer: `PersonMade`. */
export const MakePerson = Type.Object(
  {
    role: Type.Union([Type.Literal('model'), Type.Literal('client'), Type.Literal('operator')]),
    username: Username,
    displayName: DisplayName,
  },
  { additionalProperties: false },
);
export type MakePerson = Static<typeof MakePerson>;

/** A one-time link to hand over; it is shown once and cannot be read again. */
export const SignInLink = Type.Object({
  url: Type.String(),
  /** The same link for other devices, when `url` leads nowhere there because the operator sits at the appliance. */
  otherUrls: Type.Array(Type.String()),
  expiresAt: Type.String(),
});
export type SignInLink = Static<typeof SignInLink>;
export const PersonMade = Type.Object({ person: PersonRow, link: SignInLink });
export type PersonMade = Static<typeof PersonMade>;

/** GET /api/people (operator). */
export const People = Type.Object({ people: Type.Array(PersonRow) });
export type People = Static<typeof People>;

/** POST /api/people/:personId/credit (operator). The key makes a repeated request harmless. */
export const AddCredit = Type.Object(
  {
    key: RequestKey,
    amountMinor: Type.Integer({ minimum: 1, maximum: TOP_UP_MINOR_MAX }),
    reason: Reason,
    /** `top_up` was paid for (the default), `bonus` is given. */
    kind: Type.Optional(Type.Union([Type.Literal('top_up'), Type.Literal('bonus')])),
  },
  { additionalProperties: false },
);
export type AddCredit = Static<typeof AddCredit>;
export const CreditAdded = Type.Object({ balanceMinor: MinorSchema });
export type CreditAdded = Static<typeof CreditAdded>;

/** GET /api/studio (operator): the state of the appliance. */
export const Studio = Type.Object({
  /** Reports that wait for an answer. */
  openReportCount: Type.Integer(),
  calls: Type.Array(
    Type.Object({
      callId: Type.Integer(),
      state: Type.String(),
      clientName: Type.String(),
      modelName: Type.String(),
      meterState: Type.Union([Type.String(), Type.Null()]),
      reasons: Type.Array(Type.String()),
      billableMs: Type.Integer(),
      chargedMinor: MinorSchema,
      rateMinor: Type.Integer(),
    }),
  ),
  socketCount: Type.Integer(),
  media: Type.Object({ isUp: Type.Boolean(), restartCount: Type.Integer() }),
  /** `isWritable` is false while the database is read-only or its disk is full: meters pause then. */
  database: Type.Object({ isUp: Type.Boolean(), isWritable: Type.Boolean() }),
  revenueMinor: MinorSchema,
  /** What is owed to clients. */
  creditMinor: MinorSchema,
  /** What is owed to models. */
  earningsMinor: MinorSchema,
  /** Set aside for payouts that are not paid yet. */
  payoutsDueMinor: MinorSchema,
  ledgerBalanced: nullable(Type.Boolean()),
  ledger: LedgerState,
  /** Everything that an operator must look at, worst first; none when all is well. */
  alarms: Type.Array(Alarm),
  /** Calls whose receipt, ledger and log disagree: an alarm. */
  disagreements: Type.Array(Type.Integer()),
});
export type Studio = Static<typeof Studio>;

export const PersonParams = Type.Object({ personId: PersonId });
export const CallParams = Type.Object({ callId: CallId });
