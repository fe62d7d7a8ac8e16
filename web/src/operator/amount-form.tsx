import { TOP_UP_MINOR_MAX } from '@contract/limits.ts';
import { type Accessor, createSignal } from 'solid-js';
import { t } from '~/i18n';
import { amountProblem, readAmount } from '~/money';
import { useCurrency } from '~/state';
import { AmountField } from '~/ui';
import { ReasonField } from './person-dialog.tsx';

/** An amount and the reason for it, as they are typed: what every change of a balance by an operator asks for. */
type AmountAndReason = {
  amount: Accessor<string>;
  setAmount(text: string): void;
  reason: Accessor<string>;
  setReason(text: string): void;
  /** What is wrong with each; undefined when nothing is. */
  amountProblem: Accessor<string | undefined>;
  reasonProblem: Accessor<string | undefined>;
  isValid(): boolean;
  /** What was typed, once it is valid. */
  read(): { amountMinor: number; reason: string };
};

export function createAmountAndReason(reasonAtFirst = ''): AmountAndReason {
  const currency = useCurrency();
  const [amount, setAmount] = createSignal('');
  const [reason, setReason] = createSignal(reasonAtFirst);
  const amountWrong = () => amountProblem(amount(), currency(), TOP_UP_MINOR_MAX);
  const reasonWrong = () => (reason().trim() === '' ? t('form.required') : undefined);
  return {
    amount,
    setAmount,
    reason,
    setReason,
    amountProblem: amountWrong,
    reasonProblem: reasonWrong,
    isValid: () => !amountWrong() && !reasonWrong(),
    read: () => ({
      amountMinor: readAmount(amount(), currency(), TOP_UP_MINOR_MAX) ?? 0,
      reason: reason().trim(),
    }),
  };
}

/** The two fields. @param props.isTried problems are shown from the first try on */
export function AmountAndReasonFields(props: { fields: AmountAndReason; name: string; isTried: boolean }) {
  const currency = useCurrency();
  return (
    <>
      <AmountField
        label={t('operator.amount')}
        code={currency().code}
        value={props.fields.amount()}
        onValue={props.fields.setAmount}
        error={props.isTried ? props.fields.amountProblem() : undefined}
      />
      <ReasonField
        value={props.fields.reason()}
        onValue={props.fields.setReason}
        hint={t('operator.reasonHint', { name: props.name })}
        error={props.isTried ? props.fields.reasonProblem() : undefined}
      />
    </>
  );
}
