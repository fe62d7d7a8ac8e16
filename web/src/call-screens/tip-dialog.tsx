import type { CallView } from '@contract/calls.ts';
import { TIP_MINOR_MAX } from '@contract/limits.ts';
import { createSignal, For } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { amountProblem, minorToDecimal, readAmount } from '~/money';
import { createForm, onChange, useCurrency, useMoney, useSession } from '~/state';
import { Button, Field, FormError, toast } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

/** Tips that are offered, in minutes of the call's price. */
const OFFERED_MINUTES = [1, 2, 5];

/** A one-off amount from the client's credit. */
export function TipDialog(props: { open: boolean; onClose: () => void; view: CallView }) {
  const call = useCall();
  const session = useSession();
  const money = useMoney();
  const currency = useCurrency();
  const [text, setText] = createSignal('');
  /** One intention, one key: a repeated press gives one tip. */
  let key = crypto.randomUUID();
  onChange(
    () => props.open,
    (isOpen) => {
      if (!isOpen) return;
      key = crypto.randomUUID();
      setText('');
    },
  );
  const balanceMinor = () => session.me()?.balanceMinor ?? 0;
  const amountMinor = () => readAmount(text(), currency(), TIP_MINOR_MAX);
  const problem = () => {
    const wrong = amountProblem(text(), currency(), TIP_MINOR_MAX);
    if (wrong) return wrong;
    return (amountMinor() ?? 0) > balanceMinor() ? t('tip.tooMuch') : undefined;
  };
  const form = createForm(
    () => problem() === undefined,
    async () => {
      const amount = amountMinor() ?? 0;
      await call.tip(amount, key);
      toast(t('tip.given', { amount: money(amount) }));
      props.onClose();
    },
  );
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t('tip.title', { name: props.view.peer.displayName })}
      lead={t('tip.why')}
    >
      <form onSubmit={form.submit} class="grid gap-4" novalidate>
        <p class="figures flex items-baseline justify-between gap-4">
          <span class="text-ink-soft">{t('client.credit')}</span>
          <span class="font-semibold">{money(balanceMinor())}</span>
        </p>
        <Offers rateMinor={props.view.rateMinor} balanceMinor={balanceMinor()} onPick={setText} />
        <Field
          label={t('tip.amount')}
          inputmode="decimal"
          suffix={currency().code}
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          error={form.isTried() ? problem() : undefined}
        />
        <FormError text={form.problem()} />
        <Button type="submit" wide size="lg" busy={form.isBusy()}>
          {amountMinor() ? t('tip.send', { amount: money(amountMinor() ?? 0) }) : t('tip.give')}
        </Button>
      </form>
    </Dialog>
  );
}

function Offers(props: { rateMinor: number; balanceMinor: number; onPick: (amount: string) => void }) {
  const money = useMoney();
  const currency = useCurrency();
  return (
    <div class="flex flex-wrap gap-2">
      <For each={OFFERED_MINUTES}>
        {(minutes) => (
          <Button
            tone="quiet"
            disabled={props.rateMinor * minutes > props.balanceMinor}
            onClick={() => props.onPick(minorToDecimal(props.rateMinor * minutes, currency().minorDigits))}
          >
            {money(props.rateMinor * minutes)}
          </Button>
        )}
      </For>
    </div>
  );
}
