import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { Payout } from '@contract/money-api.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, useMoney } from '~/state';
import { Button, Field, FormError, toast } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

export type OperatorStep = 'approve' | 'reject' | 'paid' | 'failed';
type Asked = { payout: Payout; step: OperatorStep };

/** The question before a step of a payout, with its note: a must where the model has to be told why. */
export function PayoutStepDialog(props: { asked: Asked | null; onClose: () => void; onDone: () => void }) {
  const money = useMoney();
  const words = (asked: Asked) => ({
    amount: money(asked.payout.amountMinor),
    name: asked.payout.model.displayName,
    destination: asked.payout.destination,
  });
  const lead = (asked: Asked) => {
    const { payout, step } = asked;
    const isFirst = step === 'approve' && payout.approvedBy.length + 1 < payout.approvalsNeeded;
    return isFirst ? t('payouts.approve.leadFirst') : t(`payouts.${step}.lead`, words(asked));
  };
  return (
    <Show when={props.asked} keyed>
      {(asked) => (
        <Dialog open onClose={props.onClose} title={t(`payouts.${asked.step}.title`, words(asked))} lead={lead(asked)}>
          <StepForm {...asked} onClose={props.onClose} onDone={props.onDone} />
        </Dialog>
      )}
    </Show>
  );
}

function StepForm(props: Asked & { onClose: () => void; onDone: () => void }) {
  const [note, setNote] = createSignal('');
  const needsNote = () => props.step === 'reject' || props.step === 'failed';
  const noteWrong = () => (needsNote() && note().trim() === '' ? t('form.required') : undefined);
  const form = createForm(
    () => noteWrong() === undefined,
    async () => {
      const text = note().trim();
      await api.stepPayout(props.payout.payoutId, props.step, text === '' ? {} : { note: text });
      toast(t(`payouts.${props.step}.done`));
      props.onDone();
    },
  );
  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <Show when={props.step !== 'approve'}>
        <Field
          label={t(needsNote() ? 'payouts.reason' : 'payouts.reference')}
          autocomplete="off"
          maxlength={REASON_LENGTH_MAX}
          value={note()}
          onInput={(event) => setNote(event.currentTarget.value)}
          error={form.isTried() ? noteWrong() : undefined}
        />
      </Show>
      <FormError text={form.problem()} />
      <div class="flex flex-col-reverse gap-3 sm:flex-row">
        <Button tone="quiet" wide onClick={() => props.onClose()}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" tone={needsNote() ? 'danger' : 'primary'} wide busy={form.isBusy()}>
          {t(`payouts.${props.step}.button`)}
        </Button>
      </div>
    </form>
  );
}
