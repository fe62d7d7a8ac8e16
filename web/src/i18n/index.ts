// Room: i18n. Every text of the pages, by key. A language is two files with the shapes of en.ts and en-operator.ts.
import * as i18n from '@solid-primitives/i18n';
import { createSignal } from 'solid-js';
import type { UserFacing } from '~/api';
import { type Catalogue, en } from './en.ts';
import type { OperatorCatalogue } from './en-operator.ts';
import { language } from './language.ts';
import type { Language } from './languages.ts';

/** English is there at once; the others are loaded when they are spoken. */
const WORDS: Record<Exclude<Language, 'en'>, () => Promise<Catalogue>> = {
  es: () => import('./es.ts').then(({ es }) => es),
};
const OPERATOR_WORDS: Record<Language, () => Promise<OperatorCatalogue>> = {
  en: () => import('./en-operator.ts').then(({ enOperator }) => enOperator),
  es: () => import('./es-operator.ts').then(({ esOperator }) => esOperator),
};

type Dictionary = i18n.Flatten<Catalogue & OperatorCatalogue>;

// The operator's words are there before the operator's pages are.
const [dictionary, setDictionary] = createSignal(i18n.flatten(en) as Dictionary);

export const t = i18n.translator(dictionary, i18n.resolveTemplate);

const add = (words: Catalogue | OperatorCatalogue) =>
  setDictionary((known) => ({ ...known, ...(i18n.flatten(words) as Partial<Dictionary>) }));

/** Before the first page: brings the words of this browser's language. Where they cannot be had, English stays. */
export async function loadLanguage(): Promise<void> {
  if (language !== 'en') {
    const words = await WORDS[language]().catch(() => null);
    if (!words) return;
    add(words);
  }
  document.documentElement.lang = language;
}

let operatorWords: Promise<unknown> | null = null;

/** A page of the operator, with the words that only such pages use. */
export async function withOperatorWords<P>(page: Promise<P>): Promise<P> {
  operatorWords ??= OPERATOR_WORDS[language]().then(add);
  const [loaded] = await Promise.all([page, operatorWords]);
  return loaded;
}

/** What a person reads of an error. `malformed` says in the appliance's own words what was wrong. */
export function errorWords(error: UserFacing): string {
  if (error.code === 'malformed' && error.message) return t('error.malformed', { message: error.message });
  const words = (dictionary() as Record<string, unknown>)[`error.${error.code}`];
  return typeof words === 'string' ? words : error.message || t('error.internal');
}
