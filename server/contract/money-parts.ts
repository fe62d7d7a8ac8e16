import Type from 'typebox';
import { REASON_LENGTH_MAX } from './limits.ts';
import { PersonId } from './people.ts';

// What requests and answers of money are made of.

/** No field beyond those named. */
export const strict = { additionalProperties: false } as const;
/** The number of a row, or of the last line seen. */
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const PersonName = Type.Object({ personId: PersonId, displayName: Type.String() });
/** An amount in minor units that must be something. */
export const Amount = (maximum: number) => Type.Integer({ minimum: 1, maximum });

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
