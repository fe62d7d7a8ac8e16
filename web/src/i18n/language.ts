// The language of this page. It is known before anything is shown; another choice loads the page anew.
import { isLanguage, type LanguageChoice, languageOf, localeOf } from './languages.ts';

const KEY = 'parlour.language';

export const chosenLanguage = (): LanguageChoice => {
  try {
    const kept = localStorage.getItem(KEY);
    return isLanguage(kept) ? kept : 'auto';
  } catch {
    return 'auto'; // a browser that keeps nothing
  }
};

export function chooseLanguage(choice: LanguageChoice): void {
  try {
    if (choice === 'auto') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    return;
  }
  location.reload();
}

export const language = languageOf(chosenLanguage(), navigator.languages);
export const locale = localeOf(language, navigator.languages);
