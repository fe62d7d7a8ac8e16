import { TOP_UP_MINOR_MAX } from '@contract/limits.ts';
import type { PersonRow } from '@contract/people.ts';
import { createSignal } from 'solid-js';
import { api } from '~/api';
import { createForm } from '~/app/form.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { amountProblem, readAmount } from '~/money';
import { AmountField, Button, FormError, RadioCards, toast } from '~/ui';
import { PersonDialog, ReasonField } from './PersonDialog.tsx';

export function CreditDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  return (
    <PersonDialog person={props.person} onClose={props.onClose} title="operator.creditTitle">
      {(person) => <CreditForm person={person()} onDone={props.onDone} />}
    </PersonDialog>
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
      <AmountField
        label={t('operator.amount')}
        code={currency().code}
        value={amount()}
        onValue={setAmount}
        error={form.isTried() ? amountWrong() : undefined}
      />
      <ReasonField
        value={reason()}
        onValue={setReason}
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
