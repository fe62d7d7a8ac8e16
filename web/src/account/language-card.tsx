import { chooseLanguage, chosenLanguage, LANGUAGES, type LanguageChoice, t } from '~/i18n';
import { Card, Select } from '~/ui';

/** The language of the pages on this device. */
export function LanguageCard() {
  const options = () => [
    { value: 'auto' as LanguageChoice, label: t('language.auto') },
    ...LANGUAGES.map(({ code, name }) => ({ value: code as LanguageChoice, label: name })),
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
