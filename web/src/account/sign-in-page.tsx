import { Navigate, useNavigate } from '@solidjs/router';
import Link2Off from 'lucide-solid/icons/link-2-off';
import { createSignal, Match, onMount, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { takeToken, useSession } from '~/state';
import { Button, EmptyState, Field, FormError, PasswordField } from '~/ui';
import { firstPage } from '~/wallet';

import { SignInFrame } from './sign-in-frame.tsx';

type Link = 'none' | 'trying' | 'refused' | 'again';

export default function SignInPage() {
  const session = useSession();
  const navigate = useNavigate();
  const token = takeToken();
  const [link, setLink] = createSignal<Link>(token ? 'trying' : 'none');
  const [why, setWhy] = createSignal<string | null>(null);

  async function enterByLink() {
    if (!token) return;
    setLink('trying');
    try {
      const me = await api.signInByLink({ token });
      session.enter(me);
      navigate(firstPage(me.role), { replace: true });
    } catch (thrown) {
      const error = toUserFacing(thrown);
      setWhy(errorText(error));
      setLink(error.code === 'link_used_or_expired' || error.code === 'malformed' ? 'refused' : 'again');
    }
  }
  onMount(enterByLink);

  return (
    <SignInFrame title={t('signIn.button')}>
      <Switch fallback={<PasswordForm />}>
        <Match when={link() === 'none' && session.me()}>{(me) => <Navigate href={firstPage(me().role)} />}</Match>
        <Match when={link() === 'none' && session.appliance()?.needsSetUp}>
          <Navigate href="/set-up" />
        </Match>
        <Match when={link() === 'trying' || link() === 'again'}>
          <h1 class="font-display text-3xl">{t('signIn.linkTitle')}</h1>
          <p class="mt-2 mb-6 text-ink-soft">{t('signIn.linkLead')}</p>
          <div class="grid gap-4">
            <FormError text={why()} />
            <Button size="lg" wide busy={link() === 'trying'} onClick={enterByLink}>
              {t('signIn.linkButton')}
            </Button>
          </div>
        </Match>
        <Match when={link() === 'refused'}>
          <div role="alert">
            <EmptyState
              isPage
              icon={<Link2Off size={28} />}
              title={t('signIn.linkFailed')}
              why={t('signIn.linkFailedWhy')}
            >
              <Button onClick={() => setLink('none')}>{t('signIn.withPassword')}</Button>
            </EmptyState>
          </div>
        </Match>
      </Switch>
    </SignInFrame>
  );
}

function PasswordForm() {
  const session = useSession();
  const navigate = useNavigate();
  const [username, setUsername] = createSignal('');
  const [password, setPassword] = createSignal('');
  const [problem, setProblem] = createSignal<string | null>(null);
  const [missing, setMissing] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);

  async function submit(event: Event) {
    event.preventDefault();
    setProblem(null);
    setMissing(username().trim() === '' || password() === '');
    if (missing()) return;
    setBusy(true);
    try {
      const me = await api.signIn({ username: username().trim().toLowerCase(), password: password() });
      session.enter(me);
      navigate(firstPage(me.role), { replace: true });
    } catch (thrown) {
      setProblem(errorText(toUserFacing(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <h1 class="font-display text-3xl">{t('signIn.title')}</h1>
      <p class="mt-2 mb-6 text-ink-soft">{t('signIn.lead')}</p>
      <form onSubmit={submit} class="grid gap-4" novalidate>
        <Field
          label={t('signIn.username')}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          value={username()}
          onInput={(event) => setUsername(event.currentTarget.value)}
          error={missing() && username().trim() === '' ? t('form.required') : undefined}
        />
        <PasswordField
          label={t('signIn.password')}
          name="password"
          autocomplete="current-password"
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
          error={missing() && password() === '' ? t('form.required') : undefined}
        />
        <FormError text={problem()} />
        <Button type="submit" size="lg" wide busy={isBusy()}>
          {t('signIn.button')}
        </Button>
        <Show when={!problem()}>
          <p class="text-center text-sm text-ink-soft">{t('signIn.noPassword')}</p>
        </Show>
      </form>
    </>
  );
}
