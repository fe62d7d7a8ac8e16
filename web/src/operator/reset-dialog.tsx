import type { SignInLink } from '@contract/api.ts';
import type { PersonRow } from '@contract/people.ts';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm } from '~/state';
import { FormError } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { PersonDialog } from './person-dialog.tsx';

/** For a lost device or a known password: everything that lets this person in ends, and a new link is made. */
export function ResetDialog(props: {
  person: PersonRow | null;
  onClose: () => void;
  onDone: (person: PersonRow, link: SignInLink) => void;
}) {
  const form = createForm(
    () => props.person !== null,
    async () => {
      const { person } = props;
      if (person) props.onDone(person, await api.resetSignIn(person.personId));
    },
  );
  return (
    <PersonDialog
      person={props.person}
      onClose={props.onClose}
      title="operator.resetTitle"
      lead={() => t('operator.resetLead')}
    >
      {() => (
        <>
          <FormError text={form.problem()} />
          <Choice
            yes={t('operator.resetYes')}
            no={t('common.cancel')}
            busy={form.isBusy()}
            onYes={() => void form.submit()}
            onNo={props.onClose}
          />
        </>
      )}
    </PersonDialog>
  );
}
