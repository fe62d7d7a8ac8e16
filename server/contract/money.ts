import Type, { type Static } from 'typebox';

declare const minor: unique symbol;
declare const millis: unique symbol;

/** An amount in the minor unit of the appliance's currency (cents); always a safe integer. */
export type Minor = number & { readonly [minor]: true };
/** A length or point of time in milliseconds; always a safe integer. */
export type Millis = number & { readonly [millis]: true };

/** Brands a number as money. Throws on anything but a safe integer: that is a bug, never user input. */
export function toMinor(value: number): Minor {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an amount in minor units: ${value}`);
  return value as Minor;
}

/** Brands a number as milliseconds; rounds down, since a clock gives fractions. */
export function toMillis(value: number): Millis {
  const whole = Math.floor(value);
  if (!Number.isSafeInteger(whole)) throw new RangeError(`not a time in milliseconds: ${value}`);
  return whole as Millis;
}

/** Any amount, of either sign. */
export const MinorSchema = Type.Unsafe<Minor>(
  Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
);

export const Tariff = Type.Union([Type.Literal('per_minute'), Type.Literal('per_second')]);
export type Tariff = Static<typeof Tariff>;

/** ISO 4217 code and the number of its minor digits (0, 2 or 3). */
export const Currency = Type.Object(
  { code: Type.String({ pattern: '^[A-Z]{3}$' }), minorDigits: Type.Integer({ minimum: 0, maximum: 3 }) },
  { additionalProperties: false },
);
export type Currency = Static<typeof Currency>;
