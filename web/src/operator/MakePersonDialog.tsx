import type { PersonMade } from '@contract/api.ts';
import { DISPLAY_NAME_LENGTH_MAX, USERNAME_LENGTH_MAX } from '@contract/limits.ts';
import { createSignal, For } from 'solid-js';
import { displayNameProblem, suggestUsername, usernameProblem } from '~/account/rules.ts';
import { api, toUserFacing } from '~/api';
import { errorWords, t } from '~/i18n';
import { Button, Field, FormError } from '~/ui';
import { Dialog } from '~/ui/Dialog.tsx';

type MadeRole = 'model' | 'client';

export function MakePersonDialog(props: { open: boolean; onClose: () => void; onMade: (made: PersonMade) => void }) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('operator.makeTitle')}>
      <MakeForm onMade={props.onMade} />
    </Dialog>
  );
}

function MakeForm(props: { onMade: (made: PersonMade) => void }) {
  const [role, setRole] = createSignal<MadeRole>('model');
  const [displayName, setDisplayName] = createSignal('');
  /** Null while it follows the name. */
  const [typed, setTyped] = createSignal<string | null>(null);
  const username = () => typed() ?? suggestUsername(displayName());
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    setProblem(null);
    if (displayNameProblem(displayName()) || usernameProblem(username())) return;
    setBusy(true);
    try {
      props.onMade(await api.makePerson({ role: role(), username: username(), displayName: displayName().trim() }));
    } catch (thrown) {
      setProblem(errorWords(toUserFacing(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} class="grid gap-4" novalidate>
      <fieldset class="grid gap-1.5">
        <legend class="mb-1.5 font-medium">{t('operator.roleLegend')}</legend>
        <div class="grid gap-3 min-[26rem]:grid-cols-2">
          <For each={['model', 'client'] as const}>
            {(one) => <RoleChoice role={one} isChosen={role() === one} onChoose={() => setRole(one)} />}
          </For>
        </div>
      </fieldset>
      <Field
        label={t('operator.displayName')}
        autocomplete="off"
        maxlength={DISPLAY_NAME_LENGTH_MAX}
        value={displayName()}
        onInput={(event) => setDisplayName(event.currentTarget.value)}
        hint={t('operator.displayNameHint')}
        error={isTried() ? displayNameProblem(displayName()) : undefined}
      />
      <Field
        label={t('operator.username')}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        maxlength={USERNAME_LENGTH_MAX}
        value={username()}
        onInput={(event) => setTyped(event.currentTarget.value.trim().toLowerCase())}
        hint={t('setUp.usernameHint')}
        error={isTried() ? usernameProblem(username()) : undefined}
      />
      <FormError words={problem()} />
      <Button type="submit" size="lg" wide busy={isBusy()}>
        {t('operator.makeButton')}
      </Button>
    </form>
  );
}

function RoleChoice(props: { role: MadeRole; isChosen: boolean; onChoose: () => void }) {
  const words = () => (props.role === 'model' ? 'roleModel' : 'roleClient');
  return (
    <label class="relative flex gap-3 rounded-2xl border border-line-strong p-4 has-checked:border-brand has-checked:bg-brand-soft has-checked:text-on-brand-soft has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-brand">
      <input
        type="radio"
        name="role"
        value={props.role}
        checked={props.isChosen}
        onChange={() => props.onChoose()}
        aria-label={t(`operator.${words()}`)}
        class="mt-1 size-4 accent-brand"
      />
      <span>
        <span class="block font-semibold">{t(`operator.${words()}`)}</span>
        <span class="block text-sm">{t(`operator.${words()}Why`)}</span>
      </span>
    </label>
  );
}
