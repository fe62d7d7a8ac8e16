import { PASSWORD_LENGTH_MIN } from '@contract/limits.ts';
import { createSignal, For, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { NotificationsCard } from '~/push';
import { Avatar, Button, Card, FormError, PageHead, PasswordField, toast } from '~/ui';
import { BlocksCard } from './BlocksCard.tsx';
import { DataCard } from './DataCard.tsx';
import { LanguageCard } from './LanguageCard.tsx';
import { ReportsCard } from './ReportsCard.tsx';
import { passwordProblem } from './rules.ts';
import { SessionsCard } from './SessionsCard.tsx';

export default function AccountPage() {
  const { session } = useServices();
  return (
    <Show when={session.me()}>
      {(me) => (
        <div class="max-w-3xl">
          <PageHead title={t('account.title')} />
          <div class="grid gap-5">
            <Card>
              <div class="flex flex-wrap items-center gap-5">
                <Avatar name={me().displayName} personId={me().personId} size="lg" />
                <dl class="grid min-w-0 flex-1 basis-64 grid-cols-[auto_1fr] gap-x-6 gap-y-2">
                  <For
                    each={[
                      [t('account.displayName'), me().displayName],
                      [t('account.username'), me().username],
                      [t('account.role'), t(`role.${me().role}`)],
                    ]}
                  >
                    {([label, value]) => (
                      <>
                        <dt class="text-ink-soft">{label}</dt>
                        <dd class="min-w-0 font-medium break-words">{value}</dd>
                      </>
                    )}
                  </For>
                </dl>
              </div>
            </Card>
            <LanguageCard />
            <PasswordCard username={me().username} />
            <SessionsCard />
            <Show when={me().role !== 'operator'}>
              <NotificationsCard isModel={me().role === 'model'} />
              <BlocksCard />
              <ReportsCard />
            </Show>
            <DataCard />
          </div>
        </div>
      )}
    </Show>
  );
}

function PasswordCard(props: { username: string }) {
  const [password, setPassword] = createSignal('');
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    setProblem(null);
    if (passwordProblem(password())) return;
    setBusy(true);
    try {
      await api.setPassword({ password: password() });
      setPassword('');
      setTried(false);
      toast(t('account.passwordSet'));
    } catch (thrown) {
      setProblem(errorWords(toUserFacing(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card title={t('account.passwordTitle')}>
      <p class="mb-4 text-ink-soft">{t('account.passwordLead')}</p>
      <form onSubmit={submit} class="grid gap-4" novalidate>
        {/* For password managers, which file a password under the user name of its form. */}
        <input type="text" name="username" autocomplete="username" value={props.username} readonly hidden />
        <PasswordField
          label={t('account.newPassword')}
          autocomplete="new-password"
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
          hint={t('setUp.passwordHint', { min: PASSWORD_LENGTH_MIN })}
          error={isTried() ? passwordProblem(password()) : undefined}
        />
        <FormError words={problem()} />
        <div>
          <Button type="submit" busy={isBusy()}>
            {t('account.setPassword')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
