import { NOTE_LENGTH_MAX, TOP_UP_MINOR_MAX, VOUCHER_DAYS_MAX, VOUCHERS_PER_BATCH_MAX } from '@contract/limits.ts';
import type { VouchersMade } from '@contract/money-api.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { amountProblem, readAmount } from '~/money';
import { createForm, useCurrency, useMoney } from '~/state';
import { AmountField, Button, Field, FormError } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

export function MakeVouchersDialog(props: {
  open: boolean;
  onClose: () => void;
  onMade: (made: VouchersMade) => void;
}) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('vouchers.make')}>
      <MakeForm onMade={props.onMade} />
    </Dialog>
  );
}

/** A whole number from 1 to `max`; null when it is not one. */
function readCount(text: string, max: number): number | null {
  const count = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
  return count >= 1 && count <= max ? count : null;
}

/** An order of vouchers, as it is typed. */
function createOrder() {
  const currency = useCurrency();
  const [count, setCount] = createSignal('');
  const [amount, setAmount] = createSignal('');
  const [label, setLabel] = createSignal('');
  const [days, setDays] = createSignal('');
  const countRead = () => readCount(count(), VOUCHERS_PER_BATCH_MAX);
  const amountRead = () => readAmount(amount(), currency(), TOP_UP_MINOR_MAX);
  const daysRead = () => (days().trim() === '' ? undefined : readCount(days(), VOUCHER_DAYS_MAX));
  const wrong = {
    count: () => (countRead() === null ? t('vouchers.countWrong', { max: VOUCHERS_PER_BATCH_MAX }) : undefined),
    amount: () => amountProblem(amount(), currency(), TOP_UP_MINOR_MAX),
    label: () => (label().trim() === '' ? t('form.required') : undefined),
    days: () => (daysRead() === null ? t('vouchers.countWrong', { max: VOUCHER_DAYS_MAX }) : undefined),
  };
  const order = () => {
    const validDays = daysRead();
    return {
      count: countRead() ?? 0,
      amountMinor: amountRead() ?? 0,
      label: label().trim(),
      ...(validDays ? { validDays } : {}),
    };
  };
  return { count, setCount, amount, setAmount, label, setLabel, days, setDays, wrong, order };
}

function MakeForm(props: { onMade: (made: VouchersMade) => void }) {
  /** One intention, one key: pressed again because the answer was lost, it is the same batch. */
  let intention = { key: crypto.randomUUID() as string, said: '' };
  const currency = useCurrency();
  const typed = createOrder();
  const { wrong } = typed;
  const form = createForm(
    () => Object.values(wrong).every((one) => one() === undefined),
    async () => {
      const order = typed.order();
      const said = JSON.stringify(order);
      if (intention.said !== said) intention = { key: crypto.randomUUID(), said };
      props.onMade(await api.makeVouchers({ key: intention.key, ...order }));
    },
  );

  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <div class="grid items-start gap-4 min-[26rem]:grid-cols-2">
        <Field
          label={t('vouchers.count')}
          inputmode="numeric"
          autocomplete="off"
          value={typed.count()}
          onInput={(event) => typed.setCount(event.currentTarget.value)}
          error={form.isTried() ? wrong.count() : undefined}
        />
        <AmountField
          label={t('vouchers.amount')}
          code={currency().code}
          value={typed.amount()}
          onValue={typed.setAmount}
          error={form.isTried() ? wrong.amount() : undefined}
        />
      </div>
      <Field
        label={t('vouchers.label')}
        autocomplete="off"
        maxlength={NOTE_LENGTH_MAX}
        value={typed.label()}
        onInput={(event) => typed.setLabel(event.currentTarget.value)}
        hint={t('vouchers.labelHint')}
        error={form.isTried() ? wrong.label() : undefined}
      />
      <Field
        label={t('vouchers.validDays')}
        inputmode="numeric"
        autocomplete="off"
        value={typed.days()}
        onInput={(event) => typed.setDays(event.currentTarget.value)}
        hint={t('vouchers.validDaysHint')}
        error={form.isTried() ? wrong.days() : undefined}
      />
      <Total {...typed.order()} />
      <FormError text={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {t('vouchers.makeButton')}
      </Button>
    </form>
  );
}

function Total(props: { count: number; amountMinor: number }) {
  const money = useMoney();
  const total = () => props.count * props.amountMinor;
  return (
    <Show when={total() > 0}>
      <p class="figures font-medium">
        {t('vouchers.total', {
          count: props.count,
          amount: money(props.amountMinor),
          total: money(total()),
        })}
      </p>
    </Show>
  );
}
