import Type, { type Static } from 'typebox';
import {
  ABOUT_LENGTH_MAX,
  DISPLAY_NAME_LENGTH_MAX,
  LANGUAGES_MAX,
  MINIMUM_MIN_MAX,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  RATE_MINOR_MAX,
  RATE_MINOR_MIN,
  TAG_LENGTH_MAX,
  TAGS_MAX,
  USERNAME_LENGTH_MAX,
  USERNAME_LENGTH_MIN,
} from './limits.ts';
import { MinorSchema } from './money.ts';
import { nullable } from './nullable.ts';

export const Role = Type.Union([Type.Literal('operator'), Type.Literal('model'), Type.Literal('client')]);
export type Role = Static<typeof Role>;

export const PersonId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export type PersonId = number;

export const Username = Type.String({
  minLength: USERNAME_LENGTH_MIN,
  maxLength: USERNAME_LENGTH_MAX,
  pattern: '^[a-z0-9][a-z0-9._-]*$',
});
/** One line, and something in it that can be seen: no name is made of spaces and joiners alone. */
const NAME_PATTERN = '^[^\\t\\r\\n]*[\\p{L}\\p{N}\\p{P}\\p{S}][^\\t\\r\\n]*$';
export const DisplayName = Type.String({ minLength: 1, maxLength: DISPLAY_NAME_LENGTH_MAX, pattern: NAME_PATTERN });
export const Password = Type.String({ minLength: PASSWORD_LENGTH_MIN, maxLength: PASSWORD_LENGTH_MAX });

export const Profile = Type.Object(
  {
    rateMinor: Type.Integer({ minimum: RATE_MINOR_MIN, maximum: RATE_MINOR_MAX }),
    minimumMin: Type.Integer({ minimum: 0, maximum: MINIMUM_MIN_MAX }),
    about: Type.String({ maxLength: ABOUT_LENGTH_MAX }),
    /** ISO 639 codes. */
    languages: Type.Array(Type.String({ pattern: '^[a-z]{2,3}$' }), { maxItems: LANGUAGES_MAX, uniqueItems: true }),
    tags: Type.Array(Type.String({ minLength: 1, maxLength: TAG_LENGTH_MAX, pattern: '^[^\\s,][^,]*$' }), {
      maxItems: TAGS_MAX,
      uniqueItems: true,
    }),
  },
  { additionalProperties: false },
);
export type Profile = Static<typeof Profile>;

/** What others think of a person. */
export const RatingSummary = Type.Object({
  /** Ratings with stars. */
  count: Type.Integer(),
  /** Mean of the stars in tenths: 47 is 4.7; null while there are fewer than RATINGS_SHOWN_MIN. */
  averageTenths: nullable(Type.Integer()),
  upCount: Type.Integer(),
  downCount: Type.Integer(),
});
export type RatingSummary = Static<typeof RatingSummary>;

/** A person as they see themselves. `profile` and `availableUntil` are a model's only. */
export const Me = Type.Object({
  personId: PersonId,
  role: Role,
  username: Type.String(),
  displayName: Type.String(),
  /** Without one only another one-time link lets them in again. */
  hasPassword: Type.Boolean(),
  /** A client's credit or a model's earnings; null for the operator. */
  balanceMinor: nullable(MinorSchema),
  profile: nullable(Profile),
  /** Whether a model has set it herself: else it is what every new model begins with. */
  isProfileSet: Type.Boolean(),
  pictureUrl: nullable(Type.String()),
  isVerified: Type.Boolean(),
  /** What clients think of a model; null for the others. */
  rating: nullable(RatingSummary),
  /** When her calls turn off by themselves, ISO 8601; null while they are off. */
  availableUntil: nullable(Type.String()),
  /** A model's only; false for the others. */
  refusesLooks: Type.Boolean(),
  /** Her part of what is charged, in per cent; null for the others. */
  sharePercent: nullable(Type.Integer({ minimum: 0, maximum: 100 })),
});
export type Me = Static<typeof Me>;

export const ModelPresence = Type.Union([
  Type.Literal('available'),
  Type.Literal('busy'),
  /** Calls are on, but none of her pages has been connected for AWAY_AFTER_MS. */
  Type.Literal('away'),
  Type.Literal('off'),
]);
export type ModelPresence = Static<typeof ModelPresence>;

/** A model as clients see her. */
export const ModelCard = Type.Object({
  personId: PersonId,
  displayName: Type.String(),
  about: Type.String(),
  languages: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  pictureUrl: nullable(Type.String()),
  isVerified: Type.Boolean(),
  /** Ratings with stars; the average in tenths (47 is 4.7) once there are RATINGS_SHOWN_MIN of them. */
  ratingCount: Type.Integer(),
  ratingTenths: nullable(Type.Integer()),
  rateMinor: Type.Integer(),
  minimumMin: Type.Integer(),
  presence: ModelPresence,
});
export type ModelCard = Static<typeof ModelCard>;

/** A person as the operator sees them. */
export const PersonRow = Type.Object({
  personId: PersonId,
  role: Role,
  username: Type.String(),
  displayName: Type.String(),
  balanceMinor: nullable(MinorSchema),
  isOnline: Type.Boolean(),
  isVerified: Type.Boolean(),
  isStaff: Type.Boolean(),
  /** A model's own part of what is charged, in per cent; null: the appliance's, and for who is no model. */
  sharePercent: nullable(Type.Integer({ minimum: 0, maximum: 100 })),
  createdAt: Type.String(),
  suspendedAt: nullable(Type.String()),
  suspendedWhy: nullable(Type.String()),
  deletedAt: nullable(Type.String()),
});
export type PersonRow = Static<typeof PersonRow>;

/** A person as the other sees them in a list. */
export const Peer = Type.Object({
  personId: PersonId,
  displayName: Type.String(),
  pictureUrl: nullable(Type.String()),
  isVerified: Type.Boolean(),
});
export type Peer = Static<typeof Peer>;

/** Who rings, as the model sees it before she answers. */
export const CallerCard = Type.Object({
  memberSince: Type.String(),
  isVerified: Type.Boolean(),
  /** Said only where the operator's setting `people.show_staff` is on; else false. */
  isStaff: Type.Boolean(),
  /** Calls with this model that went live, and calls with anyone. */
  callsWithYou: Type.Integer(),
  callsInAll: Type.Integer(),
  rating: RatingSummary,
  /** She had blocked this caller before, and has lifted it. */
  wasBlocked: Type.Boolean(),
  /** Confirmations with her that the caller left or let run out within 24 h, once they are as many as `people.looksMax`; else 0. */
  looksWithYou: Type.Integer(),
});
export type CallerCard = Static<typeof CallerCard>;
