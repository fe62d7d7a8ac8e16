import { DISPLAY_NAME_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@contract/limits.ts';
import { A, Navigate, useNavigate } from '@solidjs/router';
import KeyRound from 'lucide-solid/icons/key-round';
import Link2Off from 'lucide-solid/icons/link-2-off';
import { createSignal, Match, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { HOME, takeToken, useSession } from '~/state';
import { Button, EmptyState, Field, FormError, LinkButton, PasswordField } from '~/ui';
import { displayNameProblem, passwordProblem, suggestUsername, usernameProblem } from './rules.ts';
import { SignInFrame } from './sign-in-frame.tsx';

export default function SetUpPage() {
  const session = useSession();
  const token = takeToken();
  const [isRefused, setRefused] = createSignal(false);
  return (
    <SignInFrame title={t('setUp.title')}>
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
    </SignInFrame>
  );
}

/** The first operator, as they are typed. */
function createOwner() {
  const [displayName, setDisplayName] = createSignal('');
  /** Null while it follows the name. */
  const [typed, setTyped] = createSignal<string | null>(null);
  const username = () => typed() ?? suggestUsername(displayName());
  const [password, setPassword] = createSignal('');
  const problems = () => ({
    displayName: displayNameProblem(displayName()),
    username: usernameProblem(username()),
    password: passwordProblem(password()),
  });
  return { displayName, setDisplayName, username, setUsername: setTyped, password, setPassword, problems };
}

function SetUpForm(props: { token: string; onRefused: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const owner = createOwner();
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    setProblem(null);
    if (Object.values(owner.problems()).some(Boolean)) return;
    setBusy(true);
    try {
      const me = await api.setUp({
        token: props.token,
        username: owner.username(),
        displayName: owner.displayName().trim(),
        password: owner.password(),
      });
      session.enter(me);
      navigate(HOME[me.role], { replace: true });
    } catch (thrown) {
      const error = toUserFacing(thrown);
      if (error.code === 'link_used_or_expired') return props.onRefused();
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <h1 class="font-display text-3xl">{t('setUp.title')}</h1>
      <p class="mt-2 mb-6 text-ink-soft">{t('setUp.lead')}</p>
      <form onSubmit={submit} class="grid gap-4" novalidate>
        <OwnerFields owner={owner} isTried={isTried()} />
        <FormError text={problem()} />
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

function OwnerFields(props: { owner: ReturnType<typeof createOwner>; isTried: boolean }) {
  const shown = (name: keyof ReturnType<typeof props.owner.problems>) =>
    props.isTried ? props.owner.problems()[name] : undefined;
  return (
    <>
      <Field
        label={t('setUp.displayName')}
        autocomplete="name"
        maxlength={DISPLAY_NAME_LENGTH_MAX}
        value={props.owner.displayName()}
        onInput={(event) => props.owner.setDisplayName(event.currentTarget.value)}
        hint={t('setUp.displayNameHint')}
        error={shown('displayName')}
      />
      <Field
        label={t('setUp.username')}
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        value={props.owner.username()}
        onInput={(event) => props.owner.setUsername(event.currentTarget.value.trim().toLowerCase())}
        hint={t('setUp.usernameHint')}
        error={shown('username')}
      />
      <PasswordField
        label={t('setUp.password')}
        name="new-password"
        autocomplete="new-password"
        value={props.owner.password()}
        onInput={(event) => props.owner.setPassword(event.currentTarget.value)}
        hint={t('setUp.passwordHint', { min: PASSWORD_LENGTH_MIN })}
        error={shown('password')}
      />
    </>
  );
}
