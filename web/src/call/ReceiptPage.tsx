import type { Receipt } from '@contract/calls.ts';
import { useNavigate, useParams } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import CircleCheck from 'lucide-solid/icons/circle-check';
import Printer from 'lucide-solid/icons/printer';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createResource, For, type JSX, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { formatClock, formatDateTime, formatLength, formatTimeExact } from '~/money';
import { Button, Card, EmptyState, Notice, PageHead, SkeletonCards } from '~/ui';

/** The receipt of one call: what anyone with a calculator can check. */
export default function ReceiptPage() {
  const params = useParams<{ callId: string }>();
  const navigate = useNavigate();
  const [receipt, { refetch }] = createResource(
    () => Number(params.callId),
    (callId) => api.receipt(callId),
  );
  return (
    <div class="max-w-3xl">
      <PageHead title={t('receipt.title')}>
        <div class="flex gap-2 print:hidden">
          <Button tone="quiet" icon={<ArrowLeft size={18} />} onClick={() => navigate(-1)}>
            {t('common.back')}
          </Button>
          <Button tone="quiet" icon={<Printer size={18} />} onClick={() => window.print()}>
            {t('receipt.print')}
          </Button>
        </div>
      </PageHead>
      <Switch fallback={<SkeletonCards count={2} />}>
        <Match when={receipt.error}>
          <div role="alert">
            <EmptyState icon={<TriangleAlert size={28} />} title={errorWords(toUserFacing(receipt.error))} why="">
              <Button onClick={refetch}>{t('common.tryAgain')}</Button>
            </EmptyState>
          </div>
        </Match>
        <Match when={receipt()}>{(one) => <ReceiptCards receipt={one()} />}</Match>
      </Switch>
    </div>
  );
}

function ReceiptCards(props: { receipt: Receipt }) {
  const { money, locale } = useServices();
  const one = () => props.receipt;
  const when = (iso: string | null) => (iso === null ? null : formatDateTime(iso, locale));
  return (
    <div class="grid gap-5">
      <Card title={t('receipt.number', { id: one().callId })}>
        <dl class="grid gap-x-8 gap-y-3 sm:grid-cols-2">
          <Fact label={t('receipt.client')}>{one().client.displayName}</Fact>
          <Fact label={t('receipt.model')}>{one().model.displayName}</Fact>
          <Fact label={t('receipt.rang')}>{when(one().rangAt)}</Fact>
          <Fact label={t('receipt.began')}>{when(one().liveAt)}</Fact>
          <Fact label={t('receipt.ended')}>{when(one().endedAt) ?? t('receipt.goingOn')}</Fact>
          <Fact label={t('receipt.outcome')}>{t(`outcomeShort.${one().outcome ?? 'none'}`)}</Fact>
          <Fact label={t('receipt.rate')}>{money(one().rateMinor)}</Fact>
          <Fact label={t('receipt.minimum')}>
            {one().minimumMin > 0 ? t('common.minutes', one().minimumMin) : t('client.noMinimum')}
          </Fact>
          <Fact label={t('receipt.tariffLabel')}>{t(`receipt.tariff.${one().tariff}`)}</Fact>
          <Fact label={t('receipt.length')}>{formatLength(one().billableMs, locale)}</Fact>
        </dl>
      </Card>
      <Card title={t('receipt.charges')}>
        <Show when={one().units.length > 0} fallback={<p class="text-ink-soft">{t('receipt.nothing')}</p>}>
          <ul class="figures divide-y divide-line">
            <For each={one().units}>
              {(unit) => (
                <li class="flex items-baseline justify-between gap-4 py-2">
                  <span>
                    {unit.unit === 0
                      ? t('receipt.minimumRest')
                      : t(`receipt.unit.${one().tariff}`, { unit: unit.unit })}{' '}
                    <span class="text-sm text-ink-soft">
                      {t('receipt.at', { clock: formatClock(unit.billableMs) })}
                    </span>
                  </span>
                  <span class="font-medium">{money(unit.amountMinor)}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <dl class="figures mt-3 grid gap-1 border-t-2 border-ink pt-3">
          <Sum label={t(one().mySide === 'client' ? 'receipt.total' : 'receipt.charged')}>
            {money(one().chargedMinor)}
          </Sum>
          <Show when={one().earnedMinor !== null && one().earnedMinor}>
            {(earned) => <Sum label={t('receipt.earned')}>{money(earned())}</Sum>}
          </Show>
        </dl>
      </Card>
      <Show when={one().pauses.length > 0}>
        <Card title={t('receipt.pauses')}>
          <ul class="grid gap-2">
            <For each={one().pauses}>
              {(pause) => (
                <li class="flex flex-wrap justify-between gap-x-4">
                  <span>{t(`pause.${pause.reason}`)}</span>
                  <span class="figures text-ink-soft">
                    {formatTimeExact(pause.from, locale)} –{' '}
                    {pause.to ? formatTimeExact(pause.to, locale) : t('receipt.pauseOpen')}
                  </span>
                </li>
              )}
            </For>
          </ul>
        </Card>
      </Show>
      <Switch fallback={<Notice tone="quiet">{t('receipt.open')}</Notice>}>
        <Match when={one().agrees === true}>
          <Notice tone="good" icon={<CircleCheck size={22} />}>
            {t('receipt.agrees')}
          </Notice>
        </Match>
        <Match when={one().agrees === false}>
          <Notice tone="bad" icon={<TriangleAlert size={22} />}>
            {t('receipt.disagrees')}
          </Notice>
        </Match>
      </Switch>
    </div>
  );
}

function Fact(props: { label: string; children: JSX.Element }) {
  return (
    <Show when={props.children}>
      <div class="min-w-0">
        <dt class="text-sm text-ink-soft">{props.label}</dt>
        <dd class="font-medium break-words">{props.children}</dd>
      </div>
    </Show>
  );
}

function Sum(props: { label: string; children: JSX.Element }) {
  return (
    <div class="flex items-baseline justify-between gap-4 text-lg font-semibold">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
