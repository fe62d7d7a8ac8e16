import Download from 'lucide-solid/icons/download';
import Trash from 'lucide-solid/icons/trash';
import { createSignal, Show } from 'solid-js';
import { api, EXPORT_PATH } from '~/api';
import { t } from '~/i18n';
import { createForm, useMoney, useSession } from '~/state';
import { Button, Card, DownloadLink, Field, FormError, Notice } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';

/** One's data as a file, and the end of the account. */
export function DataCard() {
  const [isDeleting, setDeleting] = createSignal(false);
  return (
    <Card title={t('data.title')}>
      <p class="max-w-prose text-ink-soft">{t('data.lead')}</p>
      <div class="mt-4 flex flex-wrap gap-3">
        <DownloadLink href={EXPORT_PATH} tone="quiet" icon={<Download size={18} aria-hidden="true" />}>
          {t('data.export')}
        </DownloadLink>
        <Button tone="quiet" icon={<Trash size={18} aria-hidden="true" />} onClick={() => setDeleting(true)}>
          {t('data.delete')}
        </Button>
      </div>
      <Show when={isDeleting()}>
        <DeleteDialog onClose={() => setDeleting(false)} />
      </Show>
    </Card>
  );
}

/** Asks for the user name, and for what is given up in as many words. */
function DeleteDialog(props: { onClose: () => void }) {
  const session = useSession();
  const money = useMoney();
  const key = `delete-${crypto.randomUUID()}`;
  const [username, setUsername] = createSignal('');
  /** What was ticked is the amount that was read: when it changes, it is asked again. */
  const [givenUpMinor, setGivenUpMinor] = createSignal<number | null>(null);
  const me = () => session.me();
  const leftMinor = () => me()?.balanceMinor ?? 0;
  const isGivenUp = () => givenUpMinor() === leftMinor();
  const isNameRight = () => username().trim().toLowerCase() === me()?.username;
  const form = createForm(
    () => isNameRight() && (leftMinor() === 0 || isGivenUp()),
    async () => {
      await api.deleteAccount({ username: me()?.username ?? '', giveUpMinor: leftMinor() as never, key });
      session.leave();
    },
  );
  return (
    <Dialog open onClose={props.onClose} title={t('data.deleteTitle')} lead={t('data.deleteLead')}>
      <form onSubmit={form.submit} class="grid gap-5" novalidate>
        <ul class="list-disc space-y-1.5 pl-5">
          <li>{t('data.goes')}</li>
          <li>{t('data.stays')}</li>
          <li>{t('data.noWayBack')}</li>
        </ul>
        <Show when={leftMinor() > 0}>
          <Notice tone="bad" title={t('data.moneyLeft', { amount: money(leftMinor()) })}>
            <p class="mt-1">{t(me()?.role === 'model' ? 'data.moneyLeftModel' : 'data.moneyLeftClient')}</p>
            <label class="mt-3 flex min-h-11 items-start gap-3">
              <input
                type="checkbox"
                class="mt-0.5 size-6 shrink-0 accent-(--danger)"
                checked={isGivenUp()}
                onChange={(event) => setGivenUpMinor(event.currentTarget.checked ? leftMinor() : null)}
              />
              <span class="font-medium">{t('data.giveUp', { amount: money(leftMinor()) })}</span>
            </label>
            <Show when={form.isTried() && !isGivenUp()}>
              <p class="mt-2 text-sm font-medium">{t('data.giveUpMissing')}</p>
            </Show>
          </Notice>
        </Show>
        <Field
          label={t('data.typeName', { username: me()?.username ?? '' })}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={username()}
          onInput={(event) => setUsername(event.currentTarget.value)}
          error={form.isTried() && !isNameRight() ? t('error.wrong_username') : undefined}
        />
        <FormError text={form.problem()} />
        <Choice yes={t('data.deleteYes')} no={t('data.keep')} busy={form.isBusy()} onNo={props.onClose} />
      </form>
    </Dialog>
  );
}
