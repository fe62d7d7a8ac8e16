import { NOTE_LENGTH_MAX, PAYOUT_MINOR_MAX } from '@contract/limits.ts';
import type { Earnings } from '@contract/money-api.ts';
import { createSignal } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { amountProblem, minorToDecimal, readAmount } from '~/money';
import { createForm, useCurrency, useMoney } from '~/state';
import { AmountField, Button, Field, FormError, toast } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

type Props = { earnings: Earnings; onClose: () => void; onAsked: () => void };

/** What is filled in outlives the dialog: a ring closes it. */
function createFilled() {
  const [amount, setAmount] = createSignal('');
  const [destination, setDestination] = createSignal('');
  /** What was asked for with one key is one payout, also when it is asked again in another opening. */
  const intention = { key: crypto.randomUUID() as string, said: '' };
  return { amount, setAmount, destination, setDestination, intention };
}

export function PayoutDialog(props: Props & { open: boolean }) {
  const filled = createFilled();
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('earnings.ask')} lead={t('earnings.askLead')}>
      <PayoutForm {...props} filled={filled} />
    </Dialog>
  );
}

function PayoutForm(props: Props & { filled: ReturnType<typeof createFilled> }) {
  const money = useMoney();
  const { amount, setAmount, destination, setDestination, intention } = props.filled;
  const currency = useCurrency();
  const everything = () => minorToDecimal(props.earnings.balanceMinor, currency().minorDigits);
  const amountMinor = () => readAmount(amount(), currency(), PAYOUT_MINOR_MAX);
  const amountWrong = () => {
    const minor = amountMinor();
    if (minor === null) return amountProblem(amount(), currency(), PAYOUT_MINOR_MAX);
    if (minor < props.earnings.payoutMinMinor)
      return t('earnings.least', { min: money(props.earnings.payoutMinMinor) });
    return minor > props.earnings.balanceMinor
      ? t('earnings.tooMuch', { balance: money(props.earnings.balanceMinor) })
      : undefined;
  };
  const destinationWrong = () => (destination().trim() === '' ? t('form.required') : undefined);
  const form = createForm(
    () => !amountWrong() && !destinationWrong(),
    async () => {
      const body = { amountMinor: amountMinor() ?? 0, destination: destination().trim() };
      const said = JSON.stringify(body);
      if (intention.said !== said) Object.assign(intention, { key: crypto.randomUUID(), said });
      const payout = await api.requestPayout({ key: intention.key, ...body });
      toast(t('earnings.asked', { amount: money(payout.amountMinor) }));
      setAmount('');
      setDestination('');
      intention.said = '';
      props.onAsked();
    },
  );

  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <div class="grid gap-2">
        <AmountField
          label={t('earnings.amount')}
          code={currency().code}
          value={amount()}
          onValue={setAmount}
          hint={t('earnings.least', { min: money(props.earnings.payoutMinMinor) })}
          error={form.isTried() ? amountWrong() : undefined}
        />
        <div>
          <Button tone="quiet" size="sm" onClick={() => setAmount(everything())}>
            {t('earnings.everything')}: {money(props.earnings.balanceMinor)}
          </Button>
        </div>
      </div>
      <Field
        label={t('earnings.destination')}
        autocomplete="off"
        maxlength={NOTE_LENGTH_MAX}
        value={destination()}
        onInput={(event) => setDestination(event.currentTarget.value)}
        hint={t('earnings.destinationHint')}
        error={form.isTried() ? destinationWrong() : undefined}
      />
      <FormError text={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {amountWrong() ? t('earnings.askButtonEmpty') : t('earnings.askButton', { amount: money(amountMinor() ?? 0) })}
      </Button>
    </form>
  );
}
