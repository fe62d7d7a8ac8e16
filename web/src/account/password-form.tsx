import { PASSWORD_LENGTH_MIN } from '@contract/limits.ts';
import { createResource, createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, kept, useSession } from '~/state';
import { Button, FormError, PasswordField, toast } from '~/ui';
import { passwordProblem } from './rules.ts';

/** Sets a password. Whoever has one gives it first, unless they have just come in by a one-time link. */
export function PasswordForm(props: { onSet?: () => void }) {
  const session = useSession();
  const [read, { refetch }] = createResource(() => api.passwordState().catch(() => null));
  const state = kept(read);
  const [oldPassword, setOldPassword] = createSignal('');
  const [password, setPassword] = createSignal('');
  const hasPassword = () => session.me()?.hasPassword ?? false;
  /** Until it is known, what is most likely. */
  const asksOld = () => state()?.asksOld ?? hasPassword();
  const form = createForm(
    () => !passwordProblem(password()) && (!asksOld() || oldPassword() !== ''),
    async () => {
      await api.setPassword({ password: password(), ...(asksOld() && { oldPassword: oldPassword() }) });
      toast(t('account.passwordSet'));
      setOldPassword('');
      setPassword('');
      session.update({ hasPassword: true });
      void refetch();
      props.onSet?.();
    },
  );

  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      {/* For password managers, which file a password under the user name of its form. */}
      <input type="text" name="username" autocomplete="username" value={session.me()?.username} readonly hidden />
      <Show when={asksOld()}>
        <PasswordField
          label={t('password.old')}
          autocomplete="current-password"
          value={oldPassword()}
          onInput={(event) => setOldPassword(event.currentTarget.value)}
          hint={t('password.forgotten')}
          error={form.isTried() && oldPassword() === '' ? t('form.required') : undefined}
        />
      </Show>
      <PasswordField
        label={t('account.newPassword')}
        autocomplete="new-password"
        value={password()}
        onInput={(event) => setPassword(event.currentTarget.value)}
        hint={t('setUp.passwordHint', { min: PASSWORD_LENGTH_MIN })}
        error={form.isTried() ? passwordProblem(password()) : undefined}
      />
      <FormError text={form.problem()} />
      <div>
        <Button type="submit" busy={form.isBusy()}>
          {t('account.setPassword')}
        </Button>
      </div>
    </form>
  );
}
