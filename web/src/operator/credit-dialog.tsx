import type { PersonRow } from '@contract/people.ts';
import { createSignal } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, useMoney } from '~/state';
import { Button, FormError, RadioCards, toast } from '~/ui';
import { AmountAndReasonFields, createAmountAndReason } from './amount-form.tsx';
import { PersonDialog } from './person-dialog.tsx';

export function CreditDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  return (
    <PersonDialog person={props.person} onClose={props.onClose} title="operator.creditTitle">
      {(person) => <CreditForm person={person()} onDone={props.onDone} />}
    </PersonDialog>
  );
}

function CreditForm(props: { person: PersonRow; onDone: () => void }) {
  const money = useMoney();
  // One key for one opening of the dialog: pressing again after a lost answer gives nothing twice.
  const key = crypto.randomUUID();
  const [kind, setKind] = createSignal<'top_up' | 'bonus'>('top_up');
  const fields = createAmountAndReason(t('operator.reasonDefault'));

  const form = createForm(fields.isValid, async () => {
    const credit = { key, ...fields.read(), kind: kind() };
    const { balanceMinor } = await api.addCredit(props.person.personId, credit);
    toast(t('operator.creditDone', { name: props.person.displayName, balance: money(balanceMinor) }));
    props.onDone();
  });

  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <RadioCards
        label={t('operator.creditKind')}
        value={kind()}
        onChange={setKind}
        options={[
          { value: 'top_up', label: t('operator.kindTopUp'), why: t('operator.kindTopUpWhy') },
          { value: 'bonus', label: t('operator.kindBonus'), why: t('operator.kindBonusWhy') },
        ]}
      />
      <AmountAndReasonFields fields={fields} name={props.person.displayName} isTried={form.isTried()} />
      <FormError text={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {t('operator.creditButton')}
      </Button>
    </form>
  );
}
