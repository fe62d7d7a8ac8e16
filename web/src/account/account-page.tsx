import LogOut from 'lucide-solid/icons/log-out';
import { For, Show } from 'solid-js';
import { t } from '~/i18n';
import { NotificationsCard } from '~/push';
import { useSession } from '~/state';
import { Avatar, Button, Card, PageHead } from '~/ui';
import { BlocksCard } from './blocks-card.tsx';
import { DataCard } from './data-card.tsx';
import { LanguageCard } from './language-card.tsx';
import { PasswordForm } from './password-form.tsx';
import { ReportsCard } from './reports-card.tsx';
import { SessionsCard } from './sessions-card.tsx';

export default function AccountPage() {
  const session = useSession();
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
                {/* On a computer it stands at the left, under the name. */}
                <div class="lg:hidden">
                  <Button tone="quiet" icon={<LogOut size={18} />} onClick={() => session.signOut()}>
                    {t('app.signOut')}
                  </Button>
                </div>
              </div>
            </Card>
            <LanguageCard />
            <Card title={t('account.passwordTitle')}>
              <p class="mb-4 text-ink-soft">{t('account.passwordLead')}</p>
              <PasswordForm />
            </Card>
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
