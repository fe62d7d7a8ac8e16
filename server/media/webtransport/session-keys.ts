import { randomBytes, timingSafeEqual } from 'node:crypto';

/** A page connects as soon as it has the address; an older token is worth nothing. */
const TOKEN_MS_MAX = 20_000;
const TOKEN_BYTES = 32;

/** Tokens that let one page open one session for one leg, once. */
export class SessionKeys {
  readonly #keys = new Map<number, { token: Buffer; untilMs: number }>();

  /** Makes the token of a leg, in place of any it had. */
  make(legId: number, nowMs: number): string {
    const token = randomBytes(TOKEN_BYTES);
    this.#keys.set(legId, { token, untilMs: nowMs + TOKEN_MS_MAX });
    return token.toString('base64url');
  }

  /** Whether the token is the leg's. A right one is used up by this; a wrong one spoils nothing for the right page. */
  use(legId: number, token: string, nowMs: number): boolean {
    const key = this.#keys.get(legId);
    if (!key) return false;
    const given = Buffer.from(token, 'base64url');
    if (given.length !== TOKEN_BYTES || !timingSafeEqual(given, key.token)) return false;
    this.#keys.delete(legId);
    return nowMs <= key.untilMs;
  }

  drop(legId: number): void {
    this.#keys.delete(legId);
  }
}
