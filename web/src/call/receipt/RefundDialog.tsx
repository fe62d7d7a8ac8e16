import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { CallRefunds } from '@contract/money-api.ts';
import type { Receipt } from '@contract/receipt.ts';
import { createSignal, For, Show } from 'solid-js';
import { api } from '~/api';
import { createForm } from '~/app/form.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { Button, Field, FormError, RadioCards, toast } from '~/ui';
import { Choice } from '~/ui/Choice.tsx';
import { Dialog } from '~/ui/Dialog.tsx';
import { unitsInWords } from './RefundsCard.tsx';
import { readUnits } from './sums.ts';
import { unitWords } from './UnitsCard.tsx';

/** Above this, units are typed as spans instead of ticked. */
const TICKED_MAX = 60;

type Props = {
  receipt: Receipt;
  refundable: number[];
  onClose: () => void;
  onDone: (refunds: CallRefunds) => void;
};

export function RefundDialog(props: Props & { open: boolean }) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t('refund.title', { id: props.receipt.callId })}
      lead={t('refund.lead', { name: props.receipt.client.displayName })}
    >
      <RefundForm {...props} />
    </Dialog>
  );
}

function RefundForm(props: Props) {
  const { money } = useServices();
  const [what, setWhat] = createSignal<'all' | 'some'>('all');
  const [ticked, setTicked] = createSignal<number[]>([]);
  const [spans, setSpans] = createSignal('');
  const [reason, setReason] = createSignal('');
  const [isSure, setSure] = createSignal(false);
  const name = () => props.receipt.client.displayName;
  const isTicked = () => props.refundable.length <= TICKED_MAX;
  const chosen = () => {
    if (what() === 'all') return props.refundable;
    return isTicked() ? ticked() : (readUnits(spans()) ?? []);
  };
  const sum = (units: readonly number[]) =>
    money(props.receipt.units.filter((one) => units.includes(one.unit)).reduce((all, one) => all + one.amountMinor, 0));

  const unitsWrong = () => {
    if (what() === 'some' && !isTicked()) {
      const typed = readUnits(spans());
      if (typed === null) return t('refund.rangeWrong');
      const unknown = typed.find((unit) => !props.refundable.includes(unit));
      if (unknown !== undefined) return t('refund.rangeUnknown', { unit: unknown });
    }
    return chosen().length === 0 ? t('refund.none') : undefined;
  };
  const reasonWrong = () => (reason().trim() === '' ? t('form.required') : undefined);
  const asked = createForm(
    () => !unitsWrong() && !reasonWrong(),
    async () => setSure(true),
  );
  const sent = createForm(
    () => true,
    async () => {
      const units = what() === 'all' ? ('all' as const) : chosen();
      const amount = sum(chosen());
      props.onDone(await api.refund(props.receipt.callId, { units, reason: reason().trim() }));
      toast(t('refund.done', { amount, name: name() }));
    },
  );

  return (
    <Show
      when={!isSure()}
      fallback={
        <div class="grid gap-4">
          <div>
            <p class="text-lg font-semibold">{t('refund.sureTitle', { amount: sum(chosen()), name: name() })}</p>
            <p class="mt-1 text-ink-soft">
              {t('refund.sure', { units: unitsInWords(chosen(), props.receipt.tariff), reason: reason().trim() })}
            </p>
          </div>
          <FormError words={sent.problem()} />
          <Choice
            yes={t('refund.yes', { amount: sum(chosen()) })}
            no={t('refund.no')}
            busy={sent.isBusy()}
            onYes={() => sent.submit()}
            onNo={() => setSure(false)}
          />
        </div>
      }
    >
      <form onSubmit={asked.submit} class="grid gap-4" novalidate>
        <RadioCards
          label={t('refund.what')}
          value={what()}
          onChange={setWhat}
          options={[
            {
              value: 'all',
              words: t('refund.all'),
              why: `${unitsInWords(props.refundable, props.receipt.tariff)}, ${sum(props.refundable)}`,
            },
            { value: 'some', words: t('refund.some'), why: t('refund.someWhy') },
          ]}
        />
        <Show when={what() === 'some'}>
          <Show
            when={isTicked()}
            fallback={
              <Field
                label={t('refund.range')}
                autocomplete="off"
                value={spans()}
                onInput={(event) => setSpans(event.currentTarget.value)}
                hint={t('refund.rangeHint')}
                error={asked.isTried() ? unitsWrong() : undefined}
              />
            }
          >
            <Ticks
              receipt={props.receipt}
              refundable={props.refundable}
              ticked={ticked()}
              onChange={setTicked}
              error={asked.isTried() ? unitsWrong() : undefined}
            />
          </Show>
        </Show>
        <Field
          label={t('refund.reason')}
          maxlength={REASON_LENGTH_MAX}
          value={reason()}
          onInput={(event) => setReason(event.currentTarget.value)}
          hint={t('refund.reasonHint')}
          error={asked.isTried() ? reasonWrong() : undefined}
        />
        <Button type="submit" size="lg" wide>
          {t('refund.next')}
        </Button>
      </form>
    </Show>
  );
}

function Ticks(props: {
  receipt: Receipt;
  refundable: number[];
  ticked: number[];
  onChange: (units: number[]) => void;
  error: string | undefined;
}) {
  const { money } = useServices();
  const amountOf = (unit: number) => props.receipt.units.find((one) => one.unit === unit)?.amountMinor ?? 0;
  const toggle = (unit: number, isOn: boolean) =>
    props.onChange(isOn ? [...props.ticked, unit] : props.ticked.filter((one) => one !== unit));
  return (
    <fieldset>
      <legend class="mb-1.5 font-medium">{t('refund.units')}</legend>
      <div class="max-h-60 divide-y divide-line overflow-y-auto rounded-2xl border border-line-strong">
        <For each={props.refundable}>
          {(unit) => (
            <label class="flex min-h-11 items-center gap-3 px-4">
              <input
                type="checkbox"
                class="size-5 accent-(--brand)"
                checked={props.ticked.includes(unit)}
                onChange={(event) => toggle(unit, event.currentTarget.checked)}
              />
              <span class="flex-1">{unitWords(unit, props.receipt.tariff)}</span>
              <span class="figures">{money(amountOf(unit))}</span>
            </label>
          )}
        </For>
      </div>
      <Show when={props.error}>
        <p role="alert" class="mt-1.5 text-sm font-medium text-danger">
          {props.error}
        </p>
      </Show>
    </fieldset>
  );
}
