import { REASON_LENGTH_MAX, TOP_UP_MINOR_MAX } from '@contract/limits.ts';
import type { PersonRow } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { createForm } from '~/app/form.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { amountProblem, readAmount } from '~/money';
import { Button, Field, FormError, RadioCards, toast } from '~/ui';
import { Dialog } from '~/ui/Dialog.tsx';

export function CreditDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  return (
    <Show when={props.person}>
      {(person) => (
        <Dialog open onClose={props.onClose} title={t('operator.creditTitle', { name: person().displayName })}>
          <CreditForm person={person()} onDone={props.onDone} />
        </Dialog>
      )}
    </Show>
  );
}

function CreditForm(props: { person: PersonRow; onDone: () => void }) {
  const { session, money } = useServices();
  const currency = () => session.appliance()?.currency ?? { code: 'USD', minorDigits: 2 };
  // One key for one opening of the dialog: pressing again after a lost answer gives nothing twice.
  const key = crypto.randomUUID();
  const [amount, setAmount] = createSignal('');
  const [kind, setKind] = createSignal<'top_up' | 'bonus'>('top_up');
  const [reason, setReason] = createSignal(t('operator.reasonDefault'));
  const amountWrong = () => amountProblem(amount(), currency(), TOP_UP_MINOR_MAX);
  const reasonWrong = () => (reason().trim() === '' ? t('form.required') : undefined);

  const form = createForm(
    () => !amountWrong() && !reasonWrong(),
    async () => {
      const amountMinor = readAmount(amount(), currency(), TOP_UP_MINOR_MAX) ?? 0;
      const credit = { key, amountMinor, reason: reason().trim(), kind: kind() };
      const { balanceMinor } = await api.addCredit(props.person.personId, credit);
      toast(t('operator.creditDone', { name: props.person.displayName, balance: money(balanceMinor) }));
      props.onDone();
    },
  );

  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <RadioCards
        label={t('operator.creditKind')}
        value={kind()}
        onChange={setKind}
        options={[
          { value: 'top_up', words: t('operator.kindTopUp'), why: t('operator.kindTopUpWhy') },
          { value: 'bonus', words: t('operator.kindBonus'), why: t('operator.kindBonusWhy') },
        ]}
      />
      <Field
        label={t('operator.amount')}
        inputmode="decimal"
        autocomplete="off"
        suffix={currency().code}
        value={amount()}
        onInput={(event) => setAmount(event.currentTarget.value)}
        error={form.isTried() ? amountWrong() : undefined}
      />
      <Field
        label={t('operator.reason')}
        maxlength={REASON_LENGTH_MAX}
        value={reason()}
        onInput={(event) => setReason(event.currentTarget.value)}
        hint={t('operator.reasonHint', { name: props.person.displayName })}
        error={form.isTried() ? reasonWrong() : undefined}
      />
      <FormError words={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {t('operator.creditButton')}
      </Button>
    </form>
  );
}
