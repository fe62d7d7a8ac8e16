import type { Providers } from '@contract/money-api.ts';
import { createResource, createSignal, For, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { kept, useMoney, useSession } from '~/state';
import { Failed, Skeleton } from '~/ui';
import { CheckoutForm } from './checkout-form.tsx';
import { PaymentProgress } from './payment-progress.tsx';
import { VoucherForm } from './voucher-form.tsx';
import { Way } from './way.tsx';

/** Every way to add credit that this appliance has. In a call nothing leads away from the page. */
export function AddCredit(props: { isInCall?: boolean; code?: string | undefined; onAdded?: () => void }) {
  const [providers, { refetch }] = createResource(() => api.providers());
  const known = kept(providers);
  const session = useSession();
  const money = useMoney();
  const [startedId, setStartedId] = createSignal<number | null>(null);
  return (
    <Switch>
      <Match when={startedId()}>
        {(paymentId) => <PaymentProgress paymentId={paymentId()} isInCall onSettled={() => props.onAdded?.()} />}
      </Match>
      <Match when={providers.error}>
        <Failed text={errorText(toUserFacing(providers.error))} onRetry={refetch} />
        <Studio isAlone={false} />
      </Match>
      <Match when={known()}>
        {(found) => (
          <div class="grid gap-6 divide-y divide-line *:not-last:pb-6">
            <Show when={props.isInCall}>
              <p class="figures flex items-baseline justify-between gap-4" role="status">
                <span class="text-ink-soft">{t('client.credit')}</span>
                <span class="text-xl font-semibold">{money(session.me()?.balanceMinor ?? 0)}</span>
              </p>
            </Show>
            <Ways found={found()} {...props} onStarted={setStartedId} />
            <Studio isAlone={found().providers.length === 0} />
          </div>
        )}
      </Match>
      <Match when={true}>
        <div class="grid gap-4" role="status" aria-label={t('common.loading')}>
          <Skeleton class="h-12" />
          <Skeleton class="h-12" />
        </div>
      </Match>
    </Switch>
  );
}

function Ways(props: {
  found: Providers;
  isInCall?: boolean;
  code?: string | undefined;
  onAdded?: () => void;
  onStarted: (paymentId: number) => void;
}) {
  const session = useSession();
  return (
    <For each={props.found.providers}>
      {(way) => (
        <Switch>
          <Match when={way.provider === 'voucher'}>
            <VoucherForm code={props.code} isInCall={props.isInCall ?? false} onAdded={() => props.onAdded?.()} />
          </Match>
          <Match when={way.hasCheckout && way.provider !== 'voucher' && way.provider}>
            {(provider) => (
              <CheckoutForm
                provider={provider()}
                label={way.label}
                minMinor={props.found.amountMinMinor}
                maxMinor={props.found.amountMaxMinor}
                isInCall={props.isInCall ?? false}
                onStarted={props.onStarted}
              />
            )}
          </Match>
          <Match when={true}>
            <Way title={t('wallet.payTitle', { provider: way.label })}>
              <p class="text-ink-soft">{t('wallet.payElsewhere', { username: session.me()?.username ?? '' })}</p>
            </Way>
          </Match>
        </Switch>
      )}
    </For>
  );
}

function Studio(props: { isAlone: boolean }) {
  const session = useSession();
  const username = () => session.me()?.username ?? '';
  return (
    <Show when={!props.isAlone} fallback={<p>{t('wallet.onlyStudio', { username: username() })}</p>}>
      <Way title={t('wallet.studioTitle')}>
        <p class="text-ink-soft">{t('wallet.studioWhy', { username: username() })}</p>
      </Way>
    </Show>
  );
}
