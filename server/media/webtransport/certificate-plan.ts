/** A certificate as far as it matters when it is served: a page takes it until its end, and knows it by its hash. */
export interface Lifetime {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Whole life; pages take certificates by their hash only if it is at most 14 days. */
export const CERTIFICATE_LIFE_MS = 10 * DAY_MS;
/** How far in the past a life begins, for pages whose clock is behind. */
export const CERTIFICATE_BACKDATED_MS = 12 * HOUR_MS;
/**
 * For so long after a page was told the hashes, what is served is among them: a certificate is made so
 * long before it is served and then served for as long. What is left of its life after that is for
 * clocks that are ahead.
 */
export const CERTIFICATE_PERIOD_MS = 4 * DAY_MS;

export interface CertificatePlan<T> {
  /** What is served; undefined: one has to be made. */
  readonly current: T | undefined;
  /** What comes after it, if it has been made. */
  readonly next: T | undefined;
  readonly isNextDue: boolean;
  /** Not served again. */
  readonly over: readonly T[];
}

const madeMs = ({ notBeforeMs }: Lifetime) => notBeforeMs + CERTIFICATE_BACKDATED_MS;

/** What becomes of the certificates that there are, at this time. Depends on nothing else. */
export function planCertificates<T extends Lifetime>(held: readonly T[], nowMs: number): CertificatePlan<T> {
  // The clock may also have been set back: then what was made after now is good for nobody.
  const isGood = (one: T) => one.notBeforeMs <= nowMs && nowMs < madeMs(one) + 2 * CERTIFICATE_PERIOD_MS;
  const good = held.filter(isGood).sort((a, b) => a.notBeforeMs - b.notBeforeMs);
  const [current, next, ...more] = good;
  return {
    current,
    next,
    isNextDue: current !== undefined && next === undefined && nowMs >= madeMs(current) + CERTIFICATE_PERIOD_MS,
    over: [...held.filter((one) => !isGood(one)), ...more],
  };
}
