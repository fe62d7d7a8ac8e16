import { t } from '~/i18n';
import { chooseLanguage, chosenLanguage } from '~/i18n/language.ts';
import { LANGUAGES, type LanguageChoice } from '~/i18n/languages.ts';
import { Card, Select } from '~/ui';

/** The language of the pages on this device. */
export function LanguageCard() {
  const options = () => [
    { value: 'auto' as LanguageChoice, words: t('language.auto') },
    ...LANGUAGES.map(({ code, name }) => ({ value: code as LanguageChoice, words: name })),
  ];
  return (
    <Card title={t('language.title')}>
      <div class="max-w-xs">
        <Select label={t('language.label')} options={options()} value={chosenLanguage()} onChange={chooseLanguage} />
      </div>
      <p class="mt-2 text-sm text-ink-soft">{t('language.why')}</p>
    </Card>
  );
}
