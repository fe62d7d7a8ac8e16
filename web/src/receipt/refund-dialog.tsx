import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { CallRefunds } from '@contract/money-api.ts';
import type { Receipt } from '@contract/receipt.ts';
import { createSignal, For, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, useMoney } from '~/state';
import { Button, Field, FormError, RadioCards, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';
import { unitsText } from './refunds-card.tsx';
import { readUnits } from './sums.ts';
import { unitText } from './units-card.tsx';

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

/** Which units are given back: all, those that are ticked, or those whose spans are typed. */
function createUnitChoice(props: Props) {
  const [what, setWhat] = createSignal<'all' | 'some'>('all');
  const [ticked, setTicked] = createSignal<number[]>([]);
  const [spans, setSpans] = createSignal('');
  const isTicked = () => props.refundable.length <= TICKED_MAX;
  const chosen = () => {
    if (what() === 'all') return props.refundable;
    return isTicked() ? ticked() : (readUnits(spans()) ?? []);
  };
  const problem = () => {
    if (what() === 'some' && !isTicked()) {
      const typed = readUnits(spans());
      if (typed === null) return t('refund.rangeWrong');
      const unknown = typed.find((unit) => !props.refundable.includes(unit));
      if (unknown !== undefined) return t('refund.rangeUnknown', { unit: unknown });
    }
    return chosen().length === 0 ? t('refund.none') : undefined;
  };
  return { what, setWhat, ticked, setTicked, spans, setSpans, isTicked, chosen, problem };
}

function RefundForm(props: Props) {
  const money = useMoney();
  const choice = createUnitChoice(props);
  const [reason, setReason] = createSignal('');
  const [isSure, setSure] = createSignal(false);
  const name = () => props.receipt.client.displayName;
  const sum = (units: readonly number[]) =>
    money(props.receipt.units.filter((one) => units.includes(one.unit)).reduce((all, one) => all + one.amountMinor, 0));

  const reasonWrong = () => (reason().trim() === '' ? t('form.required') : undefined);
  const asked = createForm(
    () => !choice.problem() && !reasonWrong(),
    async () => setSure(true),
  );
  const sent = createForm(
    () => true,
    async () => {
      const units = choice.what() === 'all' ? ('all' as const) : choice.chosen();
      const amount = sum(choice.chosen());
      props.onDone(await api.refund(props.receipt.callId, { units, reason: reason().trim() }));
      toast(t('refund.done', { amount, name: name() }));
    },
  );

  return (
    <Show
      when={!isSure()}
      fallback={
        <Sure
          title={t('refund.sureTitle', { amount: sum(choice.chosen()), name: name() })}
          lead={t('refund.sure', {
            units: unitsText(choice.chosen(), props.receipt.tariff),
            reason: reason().trim(),
          })}
          yes={t('refund.yes', { amount: sum(choice.chosen()) })}
          problem={sent.problem()}
          isBusy={sent.isBusy()}
          onYes={() => void sent.submit()}
          onNo={() => setSure(false)}
        />
      }
    >
      <form onSubmit={asked.submit} class="grid gap-4" novalidate>
        <Units {...props} choice={choice} sumOf={sum} isTried={asked.isTried()} />
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

function Sure(props: {
  title: string;
  lead: string;
  yes: string;
  problem: string | null;
  isBusy: boolean;
  onYes: () => void;
  onNo: () => void;
}) {
  return (
    <div class="grid gap-4">
      <div>
        <p class="text-lg font-semibold">{props.title}</p>
        <p class="mt-1 text-ink-soft">{props.lead}</p>
      </div>
      <FormError text={props.problem} />
      <Choice yes={props.yes} no={t('refund.no')} busy={props.isBusy} onYes={props.onYes} onNo={props.onNo} />
    </div>
  );
}

function Units(
  props: Props & {
    choice: ReturnType<typeof createUnitChoice>;
    sumOf: (units: readonly number[]) => string;
    isTried: boolean;
  },
) {
  return (
    <>
      <RadioCards
        label={t('refund.what')}
        value={props.choice.what()}
        onChange={props.choice.setWhat}
        options={[
          {
            value: 'all',
            label: t('refund.all'),
            why: `${unitsText(props.refundable, props.receipt.tariff)}, ${props.sumOf(props.refundable)}`,
          },
          { value: 'some', label: t('refund.some'), why: t('refund.someWhy') },
        ]}
      />
      <Show when={props.choice.what() === 'some'}>
        <Show
          when={props.choice.isTicked()}
          fallback={
            <Field
              label={t('refund.range')}
              autocomplete="off"
              value={props.choice.spans()}
              onInput={(event) => props.choice.setSpans(event.currentTarget.value)}
              hint={t('refund.rangeHint')}
              error={props.isTried ? props.choice.problem() : undefined}
            />
          }
        >
          <Ticks
            receipt={props.receipt}
            refundable={props.refundable}
            ticked={props.choice.ticked()}
            onChange={props.choice.setTicked}
            error={props.isTried ? props.choice.problem() : undefined}
          />
        </Show>
      </Show>
    </>
  );
}

function Ticks(props: {
  receipt: Receipt;
  refundable: number[];
  ticked: number[];
  onChange: (units: number[]) => void;
  error: string | undefined;
}) {
  const money = useMoney();
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
              <span class="flex-1">{unitText(unit, props.receipt.tariff)}</span>
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
