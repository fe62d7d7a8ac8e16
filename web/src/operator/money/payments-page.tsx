import type { PaymentLine, PaymentState, ProviderName } from '@contract/money-api.ts';
import { A } from '@solidjs/router';
import CreditCard from 'lucide-solid/icons/credit-card';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createResource, createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { kept, useMoney } from '~/state';
import { Avatar, Badge, Button, EmptyState } from '~/ui';
import { paymentTone } from '~/wallet';
import { MoneyFrame } from './money-frame.tsx';
import { createStateList, ListCard, StateFilter } from './state-list.tsx';
import { TroubleDialog } from './trouble-dialog.tsx';

const STATES: PaymentState[] = ['open', 'pending', 'settled', 'expired', 'failed'];

const idOf = (payment: PaymentLine) => payment.paymentId;

/** Every payment through a provider, and what an operator has to decide about one. */
export default function PaymentsPage() {
  const { list, state, show } = createStateList<PaymentLine, PaymentState>(STATES, idOf, async (chosen, page) => {
    return (await api.payments({ ...(chosen && { state: chosen }), ...page })).payments;
  });
  const [ways] = createResource(() => api.providers());
  const knownWays = kept(ways);
  const labelOf = (name: ProviderName) =>
    knownWays()?.providers.find((way) => way.provider === name)?.label ?? t(`payments.provider.${name}`);
  const [deciding, setDeciding] = createSignal<PaymentLine | null>(null);
  return (
    <MoneyFrame lead={t('payments.lead')}>
      <div class="grid gap-5">
        <div>
          <StateFilter
            label={t('payments.filter')}
            all={t('payments.all')}
            states={STATES}
            labelOf={(value) => t(`wallet.paymentState.${value}`)}
            state={state()}
            onShow={show}
          />
        </div>
        <ListCard
          list={list}
          idOf={idOf}
          empty={<EmptyState icon={<CreditCard size={28} />} title={t('payments.none')} why={t('payments.noneWhy')} />}
        >
          {(payment) => (
            <Line payment={payment()} provider={labelOf(payment().provider)} onDecide={() => setDeciding(payment())} />
          )}
        </ListCard>
      </div>
      <TroubleDialog
        payment={deciding()}
        onClose={() => setDeciding(null)}
        onDone={() => {
          setDeciding(null);
          void list.refresh();
        }}
      />
    </MoneyFrame>
  );
}

function Line(props: { payment: PaymentLine; provider: string; onDecide: () => void }) {
  const money = useMoney();
  const one = () => props.payment;
  return (
    <li class="grid gap-3 px-5 py-3.5 sm:px-6">
      <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div class="flex min-w-0 flex-1 basis-56 items-center gap-4">
          <Avatar name={one().client.displayName} personId={one().client.personId} size="sm" />
          <div class="min-w-0">
            <A
              href={`/history?personId=${one().client.personId}`}
              class="rounded font-semibold underline-offset-4 hover:underline"
            >
              {one().client.displayName}
            </A>
            <p class="text-sm text-ink-soft">
              {t('wallet.paymentNumber', { id: one().paymentId })} · {props.provider} ·{' '}
              {formatDateTime(one().startedAt, locale)}
            </p>
          </div>
        </div>
        <Badge tone={paymentTone(one().state)}>{t(`wallet.paymentState.${one().state}`)}</Badge>
        <p class="figures ml-auto min-w-24 text-right font-semibold">{money(one().amountMinor)}</p>
      </div>
      <Show when={one().trouble}>
        {(words) => (
          <div class="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl bg-danger-soft px-4 py-3 text-on-danger-soft">
            <p class="flex min-w-0 flex-1 basis-60 items-start gap-2">
              <TriangleAlert size={18} class="mt-0.5 shrink-0" aria-hidden="true" />
              <span class="min-w-0 break-words">{words()}</span>
            </p>
            <Button
              tone="quiet"
              size="sm"
              aria-label={t('payments.decideLabel', { id: one().paymentId })}
              onClick={() => props.onDecide()}
            >
              {t('payments.decide')}
            </Button>
          </div>
        )}
      </Show>
    </li>
  );
}
