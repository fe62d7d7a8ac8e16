// Which languages there are, and which of them a browser wants.

export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'es', name: 'Español' },
] as const;
export type Language = (typeof LANGUAGES)[number]['code'];
export type LanguageChoice = Language | 'auto';

export const isLanguage = (text: string | null): text is Language => LANGUAGES.some(({ code }) => code === text);

const baseOf = (tag: string) => tag.split('-')[0] ?? '';

/** The first of the browser's languages that there is a catalogue for; else English. */
export function languageOf(choice: LanguageChoice, wished: readonly string[]): Language {
  if (choice !== 'auto') return choice;
  return wished.map(baseOf).find(isLanguage) ?? 'en';
}

/** How dates and amounts are written: as the browser does, when it speaks the pages' language. */
export function localeOf(language: Language, wished: readonly string[]): string {
  return wished.find((tag) => baseOf(tag) === language) ?? language;
}
