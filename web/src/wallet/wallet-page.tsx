import type { PaymentLine as Line } from '@contract/money-api.ts';
import { A } from '@solidjs/router';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import { Show } from 'solid-js';
import { api } from '~/api';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { createPaged, useMoney, useSession } from '~/state';
import { Badge, Card, LinkButton, Listed, More, PageHead, Rows } from '~/ui';
import { AddCredit } from './add-credit.tsx';
import { takeVoucher } from './carried.ts';
import { paymentTone } from './payments.ts';

/** A client's credit, how to add to it, and what was paid. `/wallet#CODE` carries a voucher's code. */
export default function WalletPage() {
  const session = useSession();
  const money = useMoney();
  const code = takeVoucher() ?? undefined;
  const payments = createPaged<Line>(
    (payment) => payment.paymentId,
    async (page) => (await api.payments(page)).payments,
  );
  return (
    <>
      <PageHead title={t('wallet.title')} lead={t('wallet.lead')} />
      <div class="grid items-start gap-5 lg:grid-cols-2 lg:grid-rows-[auto_1fr]">
        <section class="rounded-card bg-brand-soft p-5 text-on-brand-soft sm:p-7">
          <h2 class="font-medium">{t('wallet.balance')}</h2>
          <p class="figures mt-1 font-display text-5xl break-words">{money(session.me()?.balanceMinor ?? 0)}</p>
          <div class="mt-5">
            <LinkButton href="/history" tone="quiet" size="sm" icon={<ReceiptText size={16} />}>
              {t('nav.history')}
            </LinkButton>
          </div>
        </section>
        <div class="lg:row-span-2">
          <Card title={t('wallet.add')}>
            <AddCredit code={code} />
          </Card>
        </div>
        {/* Where nothing was ever paid, perhaps since this appliance has no provider, nothing is said of payments. */}
        <Show when={payments.problem() || (payments.lines()?.length ?? 0) > 0}>
          <Card title={t('wallet.payments')} flush>
            <Listed items={payments.lines()} error={payments.problem()} onRetry={payments.more} empty={null}>
              {(list) => (
                <ul class="divide-y divide-line">
                  <Rows each={list()} idOf={(payment) => payment.paymentId}>
                    {(payment) => <PaymentLine payment={payment()} />}
                  </Rows>
                </ul>
              )}
            </Listed>
            <More list={payments} error={payments.problem()} />
          </Card>
        </Show>
      </div>
    </>
  );
}

function PaymentLine(props: { payment: Line }) {
  const money = useMoney();
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5 sm:px-6">
      <div class="min-w-0 flex-1 basis-40">
        <A
          href={`/payments/${props.payment.paymentId}`}
          class="rounded font-medium underline underline-offset-4 hover:text-brand"
        >
          {t('wallet.paymentNumber', { id: props.payment.paymentId })}
        </A>
        <p class="text-sm text-ink-soft">{formatDateTime(props.payment.startedAt, locale)}</p>
      </div>
      <Badge tone={paymentTone(props.payment.state)}>{t(`wallet.paymentState.${props.payment.state}`)}</Badge>
      <p class="figures ml-auto min-w-20 text-right font-semibold">{money(props.payment.amountMinor)}</p>
    </li>
  );
}
