import type { PersonMade } from '@contract/api.ts';
import { DISPLAY_NAME_LENGTH_MAX, USERNAME_LENGTH_MAX } from '@contract/limits.ts';
import { createSignal } from 'solid-js';
import { displayNameProblem, suggestUsername, usernameProblem } from '~/account';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm } from '~/state';
import { Button, Field, FormError, RadioCards } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

type MadeRole = 'model' | 'client';

export function MakePersonDialog(props: {
  open: boolean;
  /** Chosen at first. */
  role: MadeRole;
  onClose: () => void;
  onMade: (made: PersonMade) => void;
}) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('operator.makeTitle')}>
      <MakeForm role={props.role} onMade={props.onMade} />
    </Dialog>
  );
}

function MakeForm(props: { role: MadeRole; onMade: (made: PersonMade) => void }) {
  const [role, setRole] = createSignal<MadeRole>(props.role);
  const [displayName, setDisplayName] = createSignal('');
  /** Null while it follows the name. */
  const [typed, setTyped] = createSignal<string | null>(null);
  const username = () => typed() ?? suggestUsername(displayName());
  const form = createForm(
    () => !displayNameProblem(displayName()) && !usernameProblem(username()),
    async () =>
      props.onMade(await api.makePerson({ role: role(), username: username(), displayName: displayName().trim() })),
  );

  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <RadioCards
        label={t('operator.roleLegend')}
        value={role()}
        onChange={setRole}
        options={[
          { value: 'model', label: t('operator.roleModel'), why: t('operator.roleModelWhy') },
          { value: 'client', label: t('operator.roleClient'), why: t('operator.roleClientWhy') },
        ]}
      />
      <Field
        label={t('operator.displayName')}
        autocomplete="off"
        maxlength={DISPLAY_NAME_LENGTH_MAX}
        value={displayName()}
        onInput={(event) => setDisplayName(event.currentTarget.value)}
        hint={t('operator.displayNameHint')}
        error={form.isTried() ? displayNameProblem(displayName()) : undefined}
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
        error={form.isTried() ? usernameProblem(username()) : undefined}
      />
      <p class="text-sm text-ink-soft">{t('operator.makeOperator')}</p>
      <FormError text={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {t('operator.makeButton')}
      </Button>
    </form>
  );
}
