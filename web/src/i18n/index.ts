// Room: i18n. Every text of the pages, by key. A language is one file with the shape of en.ts.
import * as i18n from '@solid-primitives/i18n';
import { createSignal } from 'solid-js';
import type { UserFacing } from '~/api';
import { type Catalogue, en } from './en.ts';
import { language } from './language.ts';
import type { Language } from './languages.ts';

/** English is there at once; the others are loaded when they are spoken. */
const OTHERS: Record<Exclude<Language, 'en'>, () => Promise<Catalogue>> = {
  es: () => import('./es.ts').then(({ es }) => es),
};

const [dictionary, setDictionary] = createSignal(i18n.flatten(en));

export const t = i18n.translator(dictionary, i18n.resolveTemplate);

/** Before the first page: brings the words of this browser's language. Where they cannot be had, English stays. */
export async function loadLanguage(): Promise<void> {
  if (language !== 'en') {
    const words = await OTHERS[language]().catch(() => null);
    if (!words) return;
    setDictionary(() => i18n.flatten(words));
  }
  document.documentElement.lang = language;
}

/** What a person reads of an error. `malformed` says in the appliance's own words what was wrong. */
export function errorWords(error: UserFacing): string {
  if (error.code === 'malformed' && error.message) return t('error.malformed', { message: error.message });
  const words = (dictionary() as Record<string, unknown>)[`error.${error.code}`];
  return typeof words === 'string' ? words : error.message || t('error.internal');
}
