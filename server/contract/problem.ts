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

/** How deep a value from outside may be nested: the deepest schema here has five levels. */
export const NESTING_MAX = 16;
/** Control characters but tab and line ends; a terminal, a spreadsheet or a log does something with them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;
/** They turn the direction of what follows, so that a text reads as another one (Unicode Technical Report 36, 2.10). */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What is wrong with the texts of a value from outside, wherever they stand in it, keys included; bytes are no text.
 * @returns a sentence for people; null when nothing is
 */
export function faultOfTexts(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return faultOfText(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return null;
  if (depth >= NESTING_MAX) return `Values must not be nested deeper than ${NESTING_MAX} levels.`;
  for (const [key, inner] of Object.entries(value)) {
    const fault = faultOfText(key) ?? faultOfTexts(inner, depth + 1);
    if (fault) return fault;
  }
  return null;
}

function faultOfText(text: string): string | null {
  const [control] = CONTROL.exec(text) ?? [];
  if (control) return `A text must not hold the control character ${codePointOf(control)}.`;
  const [direction] = DIRECTION.exec(text) ?? [];
  if (direction) return `A text must not hold ${codePointOf(direction)}, which turns the direction of writing.`;
  return LONE_SURROGATE.test(text)
    ? 'A text must be well-formed Unicode: half of a surrogate pair stands alone.'
    : null;
}

const codePointOf = (character: string): string =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
