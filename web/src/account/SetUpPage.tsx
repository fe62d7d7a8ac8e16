import { DISPLAY_NAME_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@contract/limits.ts';
import { A, Navigate, useNavigate } from '@solidjs/router';
import KeyRound from 'lucide-solid/icons/key-round';
import Link2Off from 'lucide-solid/icons/link-2-off';
import { createSignal, Match, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useServices } from '~/app/services.tsx';
import { HOME } from '~/app/session.ts';
import { errorWords, t } from '~/i18n';
import { Button, EmptyState, Field, FormError, LinkButton, PasswordField } from '~/ui';
import { DoorFrame } from './DoorFrame.tsx';
import { displayNameProblem, passwordProblem, suggestUsername, usernameProblem } from './rules.ts';
import { takeToken } from './token.ts';

export default function SetUpPage() {
  const { session } = useServices();
  const token = takeToken();
  const [isRefused, setRefused] = createSignal(false);
  return (
    <DoorFrame title={t('setUp.title')}>
      <Switch>
        <Match when={isRefused()}>
          <div role="alert">
            <EmptyState
              isPage
              icon={<Link2Off size={28} />}
              title={t('setUp.linkFailed')}
              why={t('setUp.needsLinkLost')}
            >
              <LinkButton href="/sign-in" tone="quiet">
                {t('setUp.done')}
              </LinkButton>
            </EmptyState>
          </div>
        </Match>
        <Match when={token}>{(one) => <SetUpForm token={one()} onRefused={() => setRefused(true)} />}</Match>
        <Match when={session.appliance()?.needsSetUp}>
          <EmptyState isPage icon={<KeyRound size={28} />} title={t('setUp.needsLink')} why={t('setUp.needsLinkWhy')} />
          <p class="text-center text-sm text-ink-soft">{t('setUp.needsLinkLost')}</p>
        </Match>
        <Match when={true}>
          <Navigate href="/sign-in" />
        </Match>
      </Switch>
    </DoorFrame>
  );
}

function SetUpForm(props: { token: string; onRefused: () => void }) {
  const { session } = useServices();
  const navigate = useNavigate();
  const [displayName, setDisplayName] = createSignal('');
  /** Null while it follows the name. */
  const [typed, setTyped] = createSignal<string | null>(null);
  const username = () => typed() ?? suggestUsername(displayName());
  const [password, setPassword] = createSignal('');
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);
  const problems = () => ({
    displayName: displayNameProblem(displayName()),
    username: usernameProblem(username()),
    password: passwordProblem(password()),
  });
  const shown = (name: keyof ReturnType<typeof problems>) => (isTried() ? problems()[name] : undefined);

  async function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    setProblem(null);
    if (Object.values(problems()).some(Boolean)) return;
    setBusy(true);
    try {
      const me = await api.setUp({
        token: props.token,
        username: username(),
        displayName: displayName().trim(),
        password: password(),
      });
      session.enter(me);
      navigate(HOME[me.role], { replace: true });
    } catch (thrown) {
      const error = toUserFacing(thrown);
      if (error.code === 'link_used_or_expired') return props.onRefused();
      setProblem(errorWords(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <h1 class="font-display text-3xl">{t('setUp.title')}</h1>
      <p class="mt-2 mb-6 text-ink-soft">{t('setUp.lead')}</p>
      <form onSubmit={submit} class="grid gap-4" novalidate>
        <Field
          label={t('setUp.displayName')}
          autocomplete="name"
          maxlength={DISPLAY_NAME_LENGTH_MAX}
          value={displayName()}
          onInput={(event) => setDisplayName(event.currentTarget.value)}
          hint={t('setUp.displayNameHint')}
          error={shown('displayName')}
        />
        <Field
          label={t('setUp.username')}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          value={username()}
          onInput={(event) => setTyped(event.currentTarget.value.trim().toLowerCase())}
          hint={t('setUp.usernameHint')}
          error={shown('username')}
        />
        <PasswordField
          label={t('setUp.password')}
          name="new-password"
          autocomplete="new-password"
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
          hint={t('setUp.passwordHint', { min: PASSWORD_LENGTH_MIN })}
          error={shown('password')}
        />
        <FormError words={problem()} />
        <Button type="submit" size="lg" wide busy={isBusy()}>
          {t('setUp.button')}
        </Button>
        <A href="/sign-in" class="rounded py-1 text-center text-sm text-ink-soft underline underline-offset-4">
          {t('setUp.done')}
        </A>
      </form>
    </>
  );
}
