/** What a validator found wrong, as TypeBox says it. */
export interface Problem {
  readonly instancePath: string;
  readonly message?: string | undefined;
}

/** The field that a problem is about, as `front.port`; empty for the whole. */
export function fieldOf(problem: Problem): string {
  return problem.instancePath.slice(1).replaceAll('/', '.');
}

/** TypeBox checks a field that a schema does not know against the schema `false`. */
export function isUnknownField(problem: Problem): boolean {
  return problem.message === 'schema is false';
}

/** A problem as a sentence for people: which field, and what is allowed. */
export function sentenceOf(problem: Problem | undefined, whole: string): string {
  if (!problem) return `The ${whole} is not valid.`;
  const field = fieldOf(problem);
  if (isUnknownField(problem)) return `${field} is not known here.`;
  return `${field || whole} ${problem.message ?? 'is not valid'}.`;
}

/** What is said of a text that no database keeps. */
export const NO_NUL = 'A text must not hold the character U+0000.';

/** Whether a text anywhere in a value from outside holds a NUL; bytes are no text. */
export function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\u0000');
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return Object.values(value).some(holdsNul);
}
