import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

const WHOLE = /^(0|-?[1-9]\d{0,15})$/;

/**
 * Checks a part of a request. Path and query are texts: a whole number becomes one where it is written as one is
 * usually written, and nothing else does. What becomes 10 of itself, such as 10.9, 0x0a or 1e1, would be another
 * person's number.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (value: unknown) => {
    const read = httpPart === 'body' ? value : valuesOf(schema, value);
    return validator.Check(read) ? { value: read } : { error: validator.Errors(read) as never };
  };
};

/** The values that the texts of a path or a query stand for; a text that stands for none stays as it is. */
export function valuesOf(schema: TSchema, value: unknown): unknown {
  const { properties } = schema as { properties?: Record<string, { type?: string }> };
  if (!properties || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [name, valueOfText(properties[name]?.type, text)] as const),
  );
}

function valueOfText(type: string | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if ((type === 'integer' || type === 'number') && WHOLE.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
