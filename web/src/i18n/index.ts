// Room: i18n. Every text of the pages, by key. A language is one file with the shape of en.ts.
import * as i18n from '@solid-primitives/i18n';
import { createSignal } from 'solid-js';
import type { UserFacing } from '~/api';
import { en } from './en.ts';

const [dictionary] = createSignal(i18n.flatten(en));

export const t = i18n.translator(dictionary, i18n.resolveTemplate);

/** What a person reads of an error. `malformed` says in the appliance's own words what was wrong. */
export function errorWords(error: UserFacing): string {
  const words = (dictionary() as Record<string, unknown>)[`error.${error.code}`];
  return typeof words === 'string' ? words : error.message || t('error.internal');
}
