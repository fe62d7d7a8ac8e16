import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the clock of who signed may be from ours. */
export const SIGNATURE_AGE_S_MAX = 300;

export const hmacOf = (secret: string, ...parts: (string | Uint8Array)[]): Buffer => {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/** Compares in a time that does not tell where the two differ. @param hex 64 digits; anything else is false */
export function isSameDigest(digest: Buffer, hex: string): boolean {
  return /^[0-9a-f]{64}$/i.test(hex) && timingSafeEqual(digest, Buffer.from(hex, 'hex'));
}

/**
 * The header `Parlour-Signature: t=<Unix seconds>,v1=<HMAC-SHA256 of "<t>." and the body, in hexadecimal>`.
 * The time is signed too, so that a notification cannot be kept and sent again later. Several `v1` may stand there
 * while a secret is exchanged.
 */
export function isSigned(header: string | undefined, body: Uint8Array, secret: string, nowMs: number): boolean {
  const fields = (header ?? '').split(',').map((field) => field.trim().split('='));
  const time = fields.find(([name]) => name === 't')?.[1];
  if (!time || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(nowMs / 1_000 - Number(time)) > SIGNATURE_AGE_S_MAX) return false;
  const digest = hmacOf(secret, `${time}.`, body);
  return fields.some(([name, value]) => name === 'v1' && value !== undefined && isSameDigest(digest, value));
}
