import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { UserError } from '../contract/index.ts';

/** Of 0 to 4: 2 is a password that about 10^6 guesses find, more than anybody has who may try some in a minute. */
const SCORE_MIN = 2;
/** The time that a look takes grows with the square of the length: what is easy is so in its first letters. */
const CHARACTERS_LOOKED_AT = 24;

let factory: ZxcvbnFactory | null = null;

/**
 * Refuses a password that is guessed easily: one of the most used ones, a row of keys, repetitions, or the person's or
 * the studio's own names with something beside them. Nothing leaves the appliance for it.
 * @param names what a guesser who knows the person tries first
 * @throws UserError `password_too_easy`
 */
export function refuseEasyPassword(password: string, names: readonly string[]): void {
  factory ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const looked = password.slice(0, CHARACTERS_LOOKED_AT);
  if (factory.check(looked, [...names]).score < SCORE_MIN) throw new UserError('password_too_easy');
}
