import type { PersonRow } from '@contract/people.ts';
import { createSignal } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm } from '~/state';
import { FormError, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { PersonDialog, ReasonField } from './person-dialog.tsx';

/** Shuts a person out, with a reason that the operators read. */
export function SuspendDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  return (
    <PersonDialog
      person={props.person}
      onClose={props.onClose}
      title="operator.suspendTitle"
      lead={() => t('operator.suspendLead')}
    >
      {(person) => <Form person={person()} onClose={props.onClose} onDone={props.onDone} />}
    </PersonDialog>
  );
}

function Form(props: { person: PersonRow; onClose: () => void; onDone: () => void }) {
  const [reason, setReason] = createSignal('');
  const form = createForm(
    () => reason().trim() !== '',
    async () => {
      await api.suspend(props.person.personId, { reason: reason().trim() });
      toast(t('operator.suspended', { name: props.person.displayName }));
      props.onDone();
    },
  );
  return (
    <form onSubmit={form.submit} class="grid gap-5" novalidate>
      <ReasonField
        value={reason()}
        onValue={setReason}
        hint={t('operator.suspendReasonHint')}
        error={form.isTried() && reason().trim() === '' ? t('form.required') : undefined}
      />
      <FormError text={form.problem()} />
      <Choice yes={t('operator.suspend')} no={t('common.cancel')} busy={form.isBusy()} onNo={props.onClose} />
    </form>
  );
}
