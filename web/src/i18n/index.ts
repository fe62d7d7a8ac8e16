// Module: i18n. Every text of the pages, by key. A language is two files with the shapes of en.ts and en-operator.ts.

import * as i18n from '@solid-primitives/i18n';
import { createSignal } from 'solid-js';
import type { UserFacing } from '~/api';
import { type Catalogue, en } from './en.ts';
import type { OperatorCatalogue } from './en-operator.ts';
import { language } from './language.ts';
import type { Language } from './languages.ts';

/** English is there at once; the others are loaded when they are spoken. */
const TEXTS: Record<Exclude<Language, 'en'>, () => Promise<Catalogue>> = {
  es: () => import('./es.ts').then(({ es }) => es),
};
const OPERATOR_TEXTS: Record<Language, () => Promise<OperatorCatalogue>> = {
  en: () => import('./en-operator.ts').then(({ enOperator }) => enOperator),
  es: () => import('./es-operator.ts').then(({ esOperator }) => esOperator),
};

export { locale } from './language.ts';

type Dictionary = i18n.Flatten<Catalogue & OperatorCatalogue>;

// The operator's words are there before the operator's pages are.
const [dictionary, setDictionary] = createSignal(i18n.flatten(en) as Dictionary);

export const t = i18n.translator(dictionary, i18n.resolveTemplate);

const add = (words: Catalogue | OperatorCatalogue) =>
  setDictionary((known) => ({ ...known, ...(i18n.flatten(words) as Partial<Dictionary>) }));

/** Before the first page: brings the words of this browser's language. Where they cannot be had, English stays. */
export async function loadLanguage(): Promise<void> {
  if (language !== 'en') {
    const words = await TEXTS[language]().catch(() => null);
    if (!words) return;
    add(words);
  }
  document.documentElement.lang = language;
}

let operatorTexts: Promise<unknown> | null = null;

/** A page of the operator, with the words that only such pages use. */
export async function withOperatorTexts<P>(page: Promise<P>): Promise<P> {
  operatorTexts ??= OPERATOR_TEXTS[language]().then(add);
  const [loaded] = await Promise.all([page, operatorTexts]);
  return loaded;
}

/** What a person reads of an error. `malformed` says in the appliance's own words what was wrong. */
export function errorText(error: UserFacing): string {
  if (error.code === 'malformed' && error.message) return t('error.malformed', { message: error.message });
  const words = (dictionary() as Record<string, unknown>)[`error.${error.code}`];
  return typeof words === 'string' ? words : error.message || t('error.internal');
}
export { chooseLanguage, chosenLanguage } from './language.ts';
export { LANGUAGES, type LanguageChoice } from './languages.ts';
