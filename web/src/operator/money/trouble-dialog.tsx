import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { PaymentLine } from '@contract/money-api.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm } from '~/state';
import { Button, Field, FormError, toast } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

/** What came of a payment that an operator had to look at; nothing moves by itself. */
export function TroubleDialog(props: { payment: PaymentLine | null; onClose: () => void; onDone: () => void }) {
  return (
    <Show when={props.payment} keyed>
      {(payment) => (
        <Dialog
          open
          onClose={props.onClose}
          title={t('payments.decideTitle', { id: payment.paymentId })}
          lead={t('payments.decideLead', { name: payment.client.displayName })}
        >
          <TroubleForm payment={payment} onDone={props.onDone} />
        </Dialog>
      )}
    </Show>
  );
}

function TroubleForm(props: { payment: PaymentLine; onDone: () => void }) {
  const [note, setNote] = createSignal('');
  const noteWrong = () => (note().trim() === '' ? t('form.required') : undefined);
  const form = createForm(
    () => noteWrong() === undefined,
    async () => {
      await api.settleTrouble(props.payment.paymentId, { note: note().trim() });
      toast(t('payments.decided'));
      props.onDone();
    },
  );
  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <Field
        label={t('payments.decideNote')}
        autocomplete="off"
        maxlength={REASON_LENGTH_MAX}
        value={note()}
        onInput={(event) => setNote(event.currentTarget.value)}
        hint={t('payments.decideHint')}
        error={form.isTried() ? noteWrong() : undefined}
      />
      <FormError text={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {t('payments.decideButton')}
      </Button>
    </form>
  );
}
