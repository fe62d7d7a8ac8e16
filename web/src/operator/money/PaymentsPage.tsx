import type { PaymentLine, PaymentState, ProviderName } from '@contract/money-api.ts';
import { A, useSearchParams } from '@solidjs/router';
import CreditCard from 'lucide-solid/icons/credit-card';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createMemo, createResource, createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { kept } from '~/app/kept.ts';
import { createPaged } from '~/app/pages.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Avatar, Badge, Button, Card, EmptyState, Listed, More, Rows, Segments } from '~/ui';
import { paymentTone } from '~/wallet/payments.ts';
import { MoneyFrame } from './MoneyFrame.tsx';
import { TroubleDialog } from './TroubleDialog.tsx';

const STATES: PaymentState[] = ['open', 'pending', 'settled', 'expired', 'failed'];

/** Every payment through a provider, and what an operator has to decide about one. */
export default function PaymentsPage() {
  const [params, setParams] = useSearchParams<{ state: string }>();
  const state = createMemo(() => STATES.find((one) => one === params.state) ?? null);
  const list = createPaged<PaymentLine>(
    (payment) => payment.paymentId,
    async (page) => {
      const chosen = state();
      return (await api.payments({ ...(chosen && { state: chosen }), ...page })).payments;
    },
    { filter: state },
  );
  const [ways] = createResource(() => api.providers());
  const knownWays = kept(ways);
  const labelOf = (name: ProviderName) =>
    knownWays()?.providers.find((way) => way.provider === name)?.label ?? t(`payments.provider.${name}`);
  const [deciding, setDeciding] = createSignal<PaymentLine | null>(null);
  return (
    <MoneyFrame lead={t('payments.lead')}>
      <div class="grid gap-5">
        <div>
          <Segments
            label={t('payments.filter')}
            options={[
              { value: 'all' as const, words: t('payments.all') },
              ...STATES.map((value) => ({ value, words: t(`wallet.paymentState.${value}`) })),
            ]}
            value={state() ?? 'all'}
            onChange={(value) => setParams({ state: value === 'all' ? null : value }, { replace: true, scroll: false })}
          />
        </div>
        <Card flush>
          <Listed
            items={list.lines()}
            error={list.problem()}
            onRetry={list.more}
            empty={
              <EmptyState icon={<CreditCard size={28} />} title={t('payments.none')} why={t('payments.noneWhy')} />
            }
          >
            {(payments) => (
              <ul class="divide-y divide-line">
                <Rows each={payments()} idOf={(payment) => payment.paymentId}>
                  {(payment) => (
                    <Line
                      payment={payment()}
                      provider={labelOf(payment().provider)}
                      onDecide={() => setDeciding(payment())}
                    />
                  )}
                </Rows>
              </ul>
            )}
          </Listed>
          <More list={list} error={list.problem()} />
        </Card>
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
  const { money, locale } = useServices();
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
