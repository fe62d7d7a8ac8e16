import { Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { LinkButton } from '~/ui';

/** For a client whose list is empty: the way to somebody. */
export function FindModels() {
  const { session } = useServices();
  return (
    <Show when={session.me()?.role === 'client'}>
      <LinkButton href="/" tone="quiet">
        {t('client.find')}
      </LinkButton>
    </Show>
  );
}
