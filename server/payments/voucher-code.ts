import { createHash, randomInt } from 'node:crypto';

/** Crockford's base 32: no I, L, O and U, which are misread or misspelt. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP_LENGTH = 5;
/** 19 random characters are 95 bits, out of reach for guessing also with the digests at hand; the last one checks. */
const CODE_LENGTH = 20;

/** A new code as it is printed: `7K3QF-…`, four groups of five. */
export function newCode(): string {
  let code = '';
  while (code.length < CODE_LENGTH - 1) code += ALPHABET[randomInt(ALPHABET.length)];
  code += checkCharacter(code);
  return (code.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) as string[]).join('-');
}

/**
 * What a person typed, as it was printed but without hyphens; null when it cannot be a code: too short,
 * too long, or mistyped in one character, or with two neighbours exchanged.
 */
export function readCode(typed: string): string | null {
  const code = typed
    .toUpperCase()
    .replaceAll(/[\s\-–—_.]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  if (code.length !== CODE_LENGTH || [...code].some((character) => !ALPHABET.includes(character))) return null;
  return checkCharacter(code.slice(0, -1)) === code.at(-1) ? code : null;
}

/** What is kept of a code: it has too much entropy to be guessed from its digest. */
export const digestOfCode = (code: string): Buffer => createHash('sha256').update(code.replaceAll('-', '')).digest();

/** Luhn's algorithm for 32 characters ("Luhn mod N"). */
function checkCharacter(body: string): string {
  const n = ALPHABET.length;
  let sum = 0;
  for (const [index, character] of [...body].reverse().entries()) {
    const value = ALPHABET.indexOf(character) * (index % 2 === 0 ? 2 : 1);
    sum += Math.floor(value / n) + (value % n);
  }
  return ALPHABET[(n - (sum % n)) % n] as string;
}
