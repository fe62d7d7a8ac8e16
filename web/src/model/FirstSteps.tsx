import { Show } from 'solid-js';
import { ChoosePassword } from '~/account/PasswordReminder.tsx';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { LinkButton, type Step, Steps } from '~/ui';

/** What a new model does first; gone once she has set her price. */
export function FirstSteps() {
  const { session } = useServices();
  const steps: Step[] = [
    {
      words: t('model.startPassword'),
      isDone: () => session.me()?.hasPassword === true,
      go: () => <ChoosePassword />,
    },
    {
      words: t('model.startProfile'),
      isDone: () => session.me()?.isProfileSet === true,
      go: () => (
        <LinkButton href="/profile" size="sm">
          {t('model.startGoProfile')}
        </LinkButton>
      ),
    },
    { words: t('model.startOn'), isDone: () => false, go: () => null },
  ];
  return (
    <Show when={session.me()?.isProfileSet === false}>
      <Steps title={t('model.startTitle')} lead={t('model.startLead')} steps={steps} />
    </Show>
  );
}
