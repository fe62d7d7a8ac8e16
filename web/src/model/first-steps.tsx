import { Show } from 'solid-js';
import { ChoosePassword } from '~/account';
import { t } from '~/i18n';
import { useSession } from '~/state';
import { LinkButton, type Step, Steps } from '~/ui';

/** What a new model does first; gone once she has set her price. */
export function FirstSteps() {
  const session = useSession();
  const steps: Step[] = [
    {
      label: t('model.startPassword'),
      isDone: () => session.me()?.hasPassword === true,
      go: () => <ChoosePassword />,
    },
    {
      label: t('model.startProfile'),
      isDone: () => session.me()?.isProfileSet === true,
      go: () => (
        <LinkButton href="/profile" size="sm">
          {t('model.startGoProfile')}
        </LinkButton>
      ),
    },
    { label: t('model.startOn'), isDone: () => false, go: () => null },
  ];
  return (
    <Show when={session.me()?.isProfileSet === false}>
      <Steps title={t('model.startTitle')} lead={t('model.startLead')} steps={steps} />
    </Show>
  );
}
