import type { Payment } from '@contract/money-api.ts';
import CircleCheck from 'lucide-solid/icons/circle-check';
import CircleX from 'lucide-solid/icons/circle-x';
import ExternalLink from 'lucide-solid/icons/external-link';
import Hourglass from 'lucide-solid/icons/hourglass';
import { Match, Show, Switch } from 'solid-js';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { onChange, useMoney } from '~/state';
import { announce, Button, Failed, Skeleton } from '~/ui';
import { createPayment, isCheckoutUrl } from './payments.ts';

/** Where a payment stands, live, and the way to its checkout while it is not paid. */
export function PaymentProgress(props: { paymentId: number; isInCall?: boolean; onSettled?: () => void }) {
  const { payment, error, retry } = createPayment(() => props.paymentId);
  onChange(
    () => payment()?.state,
    (now, before) => {
      if (now === undefined || before === undefined) return;
      announce(`${t(`wallet.paymentState.${now}`)}. ${t(`wallet.paymentWhy.${now}`)}`);
      if (now === 'settled') props.onSettled?.();
    },
  );
  return (
    <Switch>
      <Match when={payment()}>{(one) => <Progress payment={one()} isInCall={props.isInCall ?? false} />}</Match>
      <Match when={error()}>{(one) => <Failed text={errorText(one())} onRetry={retry} />}</Match>
      <Match when={true}>
        <div class="grid gap-4" role="status" aria-label={t('common.loading')}>
          <Skeleton class="h-16" />
        </div>
      </Match>
    </Switch>
  );
}

function Progress(props: { payment: Payment; isInCall: boolean }) {
  const money = useMoney();
  const checkout = () =>
    props.payment.state === 'open' && isCheckoutUrl(props.payment.checkoutUrl) ? props.payment.checkoutUrl : null;
  const link =
    'inline-flex min-h-12 items-center justify-center gap-2 rounded-full bg-brand px-6 font-semibold text-on-brand hover:bg-brand-hover';
  return (
    <div class="grid justify-items-center gap-4 text-center">
      <Mark state={props.payment.state} />
      <div>
        <p class="figures font-display text-4xl">{money(props.payment.amountMinor)}</p>
        <p class="mt-2 text-lg font-semibold">{t(`wallet.paymentState.${props.payment.state}`)}</p>
        <p class="mx-auto mt-1 max-w-sm text-ink-soft">{t(`wallet.paymentWhy.${props.payment.state}`)}</p>
      </div>
      <Show when={checkout()}>
        {(url) => (
          <Show
            when={props.isInCall}
            fallback={
              <Button size="lg" icon={<ExternalLink size={18} />} onClick={() => location.assign(url())}>
                {t('wallet.goPay')}
              </Button>
            }
          >
            <a href={url()} target="_blank" rel="noopener noreferrer" class={link}>
              <ExternalLink size={18} aria-hidden="true" />
              {t('wallet.openCheckout')}
            </a>
          </Show>
        )}
      </Show>
      <p class="text-sm text-ink-soft">
        {t('wallet.paymentNumber', { id: props.payment.paymentId })} · {formatDateTime(props.payment.startedAt, locale)}
      </p>
    </div>
  );
}

function Mark(props: { state: Payment['state'] }) {
  const round = 'flex size-16 items-center justify-center rounded-full';
  return (
    <Switch
      fallback={
        <span class={`${round} bg-brass-soft text-on-brass-soft`} aria-hidden="true">
          <Hourglass size={30} />
        </span>
      }
    >
      <Match when={props.state === 'settled'}>
        <span class={`${round} bg-brand-soft text-on-brand-soft`} aria-hidden="true">
          <CircleCheck size={32} />
        </span>
      </Match>
      <Match when={props.state === 'failed' || props.state === 'expired'}>
        <span class={`${round} bg-danger-soft text-on-danger-soft`} aria-hidden="true">
          <CircleX size={32} />
        </span>
      </Match>
    </Switch>
  );
}
