import KeyRound from 'lucide-solid/icons/key-round';
import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { t } from '~/i18n';
import { useSession } from '~/state';
import { Button, Notice } from '~/ui';

const PasswordDialog = lazy(() => import('./password-dialog.tsx'));
/** Put off for as long as the page is open: the next visit asks again. */
const [isPutOff, setPutOff] = createSignal(false);

/** The way to a first password. */
export function ChoosePassword() {
  const [isOpen, setOpen] = createSignal(false);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        {t('password.choose')}
      </Button>
      <Show when={isOpen()}>
        <Suspense>
          <PasswordDialog open={isOpen()} onClose={() => setOpen(false)} />
        </Suspense>
      </Show>
    </>
  );
}

/** For whoever came by a link that works once, and could not come back: on their first page, until they have a password. */
export function PasswordReminder() {
  const session = useSession();
  return (
    <Show when={session.me()?.hasPassword === false && !isPutOff()}>
      <Notice tone="quiet" icon={<KeyRound size={20} />} title={t('password.choose')}>
        <p class="mt-1">{t('password.why')}</p>
        <div class="mt-3 flex flex-wrap gap-2">
          <ChoosePassword />
          <Button size="sm" tone="quiet" onClick={() => setPutOff(true)}>
            {t('password.later')}
          </Button>
        </div>
      </Notice>
    </Show>
  );
}
