import type { ProviderName } from '@contract/money-api.ts';
import { A } from '@solidjs/router';
import CreditCard from 'lucide-solid/icons/credit-card';
import { createResource, For } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { keepFresh } from '~/app/fresh.ts';
import { kept, keptList } from '~/app/kept.ts';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Avatar, Badge, Card, EmptyState, Listed } from '~/ui';
import { paymentTone } from '~/wallet/payments.ts';
import { MoneyFrame } from './MoneyFrame.tsx';

/** Every payment through a provider. */
export default function PaymentsPage() {
  const { money, locale } = useServices();
  const [read, { refetch }] = createResource(async () => (await api.payments()).payments);
  const known = keptList(read, (payment) => payment.paymentId);
  const [ways] = createResource(() => api.providers());
  const knownWays = kept(ways);
  const labelOf = (name: ProviderName) =>
    knownWays()?.providers.find((way) => way.provider === name)?.label ?? t(`payments.provider.${name}`);
  keepFresh(
    async () => void (await refetch()),
    () => true,
  );
  return (
    <MoneyFrame lead={t('payments.lead')}>
      <Card flush>
        <Listed
          items={known()}
          error={read.error && errorWords(toUserFacing(read.error))}
          onRetry={refetch}
          empty={<EmptyState icon={<CreditCard size={28} />} title={t('payments.none')} why={t('payments.noneWhy')} />}
        >
          {(list) => (
            <ul class="divide-y divide-line">
              <For each={list()}>
                {(payment) => (
                  <li class="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5 sm:px-6">
                    <div class="flex min-w-0 flex-1 basis-56 items-center gap-4">
                      <Avatar name={payment.client.displayName} personId={payment.client.personId} size="sm" />
                      <div class="min-w-0">
                        <A
                          href={`/history?personId=${payment.client.personId}`}
                          class="rounded font-semibold underline-offset-4 hover:underline"
                        >
                          {payment.client.displayName}
                        </A>
                        <p class="text-sm text-ink-soft">
                          {t('wallet.paymentNumber', { id: payment.paymentId })} · {labelOf(payment.provider)} ·{' '}
                          {formatDateTime(payment.startedAt, locale)}
                        </p>
                      </div>
                    </div>
                    <Badge tone={paymentTone(payment.state)}>{t(`wallet.paymentState.${payment.state}`)}</Badge>
                    <p class="figures ml-auto min-w-24 text-right font-semibold">{money(payment.amountMinor)}</p>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Listed>
      </Card>
    </MoneyFrame>
  );
}
