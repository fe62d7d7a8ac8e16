import { Show } from 'solid-js';
import { t } from '~/i18n';
import { useSession } from '~/state';
import { LinkButton } from '~/ui';

/** For a client whose list is empty: the way to somebody. */
export function FindModels() {
  const session = useSession();
  return (
    <Show when={session.me()?.role === 'client'}>
      <LinkButton href="/" tone="quiet">
        {t('client.find')}
      </LinkButton>
    </Show>
  );
}
