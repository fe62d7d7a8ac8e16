import Type, { type Static } from 'typebox';
import {
  ABOUT_LENGTH_MAX,
  DISPLAY_NAME_LENGTH_MAX,
  MINIMUM_MIN_MAX,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  RATE_MINOR_MAX,
  RATE_MINOR_MIN,
  USERNAME_LENGTH_MAX,
  USERNAME_LENGTH_MIN,
} from './limits.ts';
import { MinorSchema } from './money.ts';

export const Role = Type.Union([Type.Literal('operator'), Type.Literal('model'), Type.Literal('client')]);
export type Role = Static<typeof Role>;

export const PersonId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export type PersonId = number;

export const Username = Type.String({
  minLength: USERNAME_LENGTH_MIN,
  maxLength: USERNAME_LENGTH_MAX,
  pattern: '^[a-z0-9][a-z0-9._-]*$',
});
export const DisplayName = Type.String({ minLength: 1, maxLength: DISPLAY_NAME_LENGTH_MAX, pattern: '\\S' });
export const Password = Type.String({ minLength: PASSWORD_LENGTH_MIN, maxLength: PASSWORD_LENGTH_MAX });

export const Profile = Type.Object(
  {
    rateMinor: Type.Integer({ minimum: RATE_MINOR_MIN, maximum: RATE_MINOR_MAX }),
    minimumMin: Type.Integer({ minimum: 0, maximum: MINIMUM_MIN_MAX }),
    about: Type.String({ maxLength: ABOUT_LENGTH_MAX }),
  },
  { additionalProperties: false },
);
export type Profile = Static<typeof Profile>;

/** A person as they see themselves. `profile` and `availableUntil` are a model's only. */
export const Me = Type.Object({
  personId: PersonId,
  role: Role,
  username: Type.String(),
  displayName: Type.String(),
  /** A client's credit or a model's earnings; null for the operator. */
  balanceMinor: Type.Union([MinorSchema, Type.Null()]),
  profile: Type.Union([Profile, Type.Null()]),
  /** When her calls turn off by themselves, ISO 8601; null while they are off. */
  availableUntil: Type.Union([Type.String(), Type.Null()]),
});
export type Me = Static<typeof Me>;

export const ModelPresence = Type.Union([
  Type.Literal('available'),
  Type.Literal('busy'),
  /** Calls are on, but none of her pages is connected. */
  Type.Literal('away'),
  Type.Literal('off'),
]);
export type ModelPresence = Static<typeof ModelPresence>;

/** A model as clients see her. */
export const ModelCard = Type.Object({
  personId: PersonId,
  displayName: Type.String(),
  about: Type.String(),
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
  balanceMinor: Type.Union([MinorSchema, Type.Null()]),
  isOnline: Type.Boolean(),
  createdAt: Type.String(),
});
export type PersonRow = Static<typeof PersonRow>;
