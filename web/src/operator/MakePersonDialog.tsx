import type { PersonMade } from '@contract/api.ts';
import { DISPLAY_NAME_LENGTH_MAX, USERNAME_LENGTH_MAX } from '@contract/limits.ts';
import { createSignal } from 'solid-js';
import { displayNameProblem, suggestUsername, usernameProblem } from '~/account/rules.ts';
import { api, toUserFacing } from '~/api';
import { errorWords, t } from '~/i18n';
import { Button, Field, FormError, RadioCards } from '~/ui';
import { Dialog } from '~/ui/Dialog.tsx';

type MadeRole = 'model' | 'client' | 'operator';

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
      <RadioCards
        label={t('operator.roleLegend')}
        value={role()}
        onChange={setRole}
        options={[
          { value: 'model', words: t('operator.roleModel'), why: t('operator.roleModelWhy') },
          { value: 'client', words: t('operator.roleClient'), why: t('operator.roleClientWhy') },
          { value: 'operator', words: t('operator.roleOperator'), why: t('operator.roleOperatorWhy') },
        ]}
      />
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
