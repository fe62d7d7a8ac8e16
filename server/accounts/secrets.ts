import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const TOKEN_BYTES = 32;

/** A hash to compare with when there is no person, so that both answers take the same time. */
const NOBODY = hash(randomBytes(16).toString('hex'), ARGON2ID);

export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2ID);

/** @param passwordHash null for a person who has no password: false, after as long as for a wrong one */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const isRight = await verify(passwordHash ?? (await NOBODY), password);
  return isRight && passwordHash !== null;
}

/** A secret to hand out: 256 random bits, URL-safe. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** What is kept of a token. It has too much entropy to be guessed from its digest. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
