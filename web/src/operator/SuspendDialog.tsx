import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { PersonRow } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { createForm } from '~/app/form.ts';
import { t } from '~/i18n';
import { Button, Field, FormError, toast } from '~/ui';
import { Dialog } from '~/ui/Dialog.tsx';

/** Shuts a person out, with a reason that the operators read. */
export function SuspendDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  return (
    <Show when={props.person}>
      {(person) => (
        <Dialog
          open
          onClose={props.onClose}
          title={t('operator.suspendTitle', { name: person().displayName })}
          lead={t('operator.suspendLead')}
        >
          <Form person={person()} onClose={props.onClose} onDone={props.onDone} />
        </Dialog>
      )}
    </Show>
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
      <Field
        label={t('operator.reason')}
        hint={t('operator.suspendReasonHint')}
        maxlength={REASON_LENGTH_MAX}
        value={reason()}
        onInput={(event) => setReason(event.currentTarget.value)}
        error={form.isTried() && reason().trim() === '' ? t('form.required') : undefined}
      />
      <FormError words={form.problem()} />
      <div class="flex flex-col-reverse gap-3 sm:flex-row">
        <Button tone="quiet" wide onClick={props.onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" tone="danger" wide busy={form.isBusy()}>
          {t('operator.suspend')}
        </Button>
      </div>
    </form>
  );
}
