import { UserError } from '../contract/index.ts';

// How often a client may ring, and look without connecting: the confirmation shows the model for nothing (charging rules,
// "Free time before the call").

/** What a client has rung lately. */
export interface RingHistory {
  /** Rings of the last minute. */
  readonly ringsLately: number;
  /** Rings at this model within RING_PAIR_MS. */
  readonly ringsOfPair: number;
  /** Confirmations with this model that the client left or let run out within LOOKS_MS. */
  readonly looksOfPair: number;
  /** The same with any model. */
  readonly looks: number;
}

/** Counts from 1. */
export interface RingLimits {
  readonly ringsPerMinuteMax: number;
  readonly ringsOfPairPerHourMax: number;
  /** Looks at one model after which she is asked. */
  readonly looksMax: number;
  /** Looks at all models after which no ring goes out any more. */
  readonly looksPerDayMax: number;
}

export const RINGS_MS = 60_000;
export const RING_PAIR_MS = 3_600_000;
export const LOOKS_MS = 24 * 3_600_000;

/**
 * @param refusesLooks whether the model takes no ring of who has looked too often
 * @throws UserError `too_many_rings`, `too_many_looks`, `looked_too_often`
 */
export function checkRing(history: RingHistory, limits: RingLimits, refusesLooks: boolean): void {
  if (history.ringsLately >= limits.ringsPerMinuteMax) throw new UserError('too_many_rings');
  if (history.ringsOfPair >= limits.ringsOfPairPerHourMax) {
    throw new UserError('too_many_rings', 'You have rung her too often within an hour. Try again later.');
  }
  if (history.looks >= limits.looksPerDayMax) throw new UserError('too_many_looks');
  if (refusesLooks && looksToAskFor(history, limits) > 0) throw new UserError('looked_too_often');
}

/** Looks that the model is asked about before she takes a ring; 0 while there are too few. */
export const looksToAskFor = ({ looksOfPair }: RingHistory, { looksMax }: RingLimits): number =>
  looksOfPair >= looksMax ? looksOfPair : 0;
