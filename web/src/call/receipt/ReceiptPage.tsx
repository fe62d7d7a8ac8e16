import type { Receipt } from '@contract/receipt.ts';
import { useNavigate, useParams } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import CircleCheck from 'lucide-solid/icons/circle-check';
import Printer from 'lucide-solid/icons/printer';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import Undo2 from 'lucide-solid/icons/undo-2';
import { createResource, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { keepFresh } from '~/app/fresh.ts';
import { kept } from '~/app/kept.ts';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { formatDateTime, formatLength } from '~/money';
import { RatingForm } from '~/people';
import { Button, Card, EmptyState, Notice, PageHead, SkeletonCards } from '~/ui';
import { FilesCard } from './FilesCard.tsx';
import { Pauses } from './Pauses.tsx';
import { ProbesCard } from './ProbesCard.tsx';
import { RefundDialog } from './RefundDialog.tsx';
import { RefundsCard } from './RefundsCard.tsx';
import { SumsCard } from './SumsCard.tsx';
import { TipsCard } from './TipsCard.tsx';
import { UnitsCard } from './UnitsCard.tsx';

/** The receipt of one call: what anyone with a calculator can check, and what went back. */
export default function ReceiptPage() {
  const params = useParams<{ callId: string }>();
  const navigate = useNavigate();
  const callId = () => Number(params.callId);
  const [receipt, { refetch }] = createResource(callId, (id) => api.receipt(id));
  const [refunds, { refetch: readRefunds, mutate: setRefunds }] = createResource(callId, (id) => api.refunds(id));
  const [isRefunding, setRefunding] = createSignal(false);
  const one = kept(receipt);
  const back = kept(refunds);
  const isOpen = () => one() !== undefined && one()?.agrees === null;
  keepFresh(async () => void (await Promise.all([refetch(), readRefunds()])), isOpen);

  return (
    <div class="max-w-3xl">
      <PageHead title={t('receipt.title')}>
        <div class="flex flex-wrap gap-2 print:hidden">
          <Show when={one() && (back()?.refundableUnits.length ?? 0) > 0}>
            <Button tone="quiet" icon={<Undo2 size={18} />} onClick={() => setRefunding(true)}>
              {t('refund.button')}
            </Button>
          </Show>
          <Button tone="quiet" icon={<ArrowLeft size={18} />} onClick={() => navigate(-1)}>
            {t('common.back')}
          </Button>
          <Button tone="quiet" icon={<Printer size={18} />} onClick={() => window.print()}>
            {t('receipt.print')}
          </Button>
        </div>
      </PageHead>
      <Switch fallback={<SkeletonCards count={2} />}>
        <Match when={one()}>
          {(found) => (
            <div class="grid gap-5">
              <Summary receipt={found()} refundedMinor={back()?.refundedMinor ?? 0} />
              <Show when={found().mySide !== 'operator'}>
                <div class="empty:hidden print:hidden">
                  <RatingForm callId={found().callId} name={peerOf(found()).displayName} />
                </div>
              </Show>
              <Show when={refunds.error}>
                <Notice tone="warn" title={t('refund.unreadable')}>
                  <div class="mt-2">
                    <Button size="sm" tone="quiet" onClick={() => readRefunds()}>
                      {t('common.tryAgain')}
                    </Button>
                  </div>
                </Notice>
              </Show>
              <UnitsCard
                receipt={found()}
                refundedUnits={new Set(back()?.refunds.map((line) => line.unit))}
                refundedMinor={back()?.refundedMinor ?? 0}
              />
              <Show when={(back()?.refunds.length ?? 0) > 0 && back()}>
                {(list) => <RefundsCard receipt={found()} refunds={list()} />}
              </Show>
              <Show when={(back()?.tips.length ?? 0) > 0 && back()}>
                {(list) => (
                  <TipsCard
                    receipt={found()}
                    tips={list().tips}
                    onDone={(next) => {
                      setRefunds(next);
                      void refetch();
                    }}
                  />
                )}
              </Show>
              <Facts receipt={found()} />
              <Pauses receipt={found()} />
              <ProbesCard probes={found().probes} isOpen={found().mySide === 'operator'} />
              <SumsCard receipt={found()} refundedMinor={back()?.refundedMinor ?? 0} />
              <Agreement receipt={found()} />
              <FilesCard callId={found().callId} />
              <RefundDialog
                open={isRefunding()}
                receipt={found()}
                refundable={back()?.refundableUnits ?? []}
                onClose={() => setRefunding(false)}
                onDone={(next) => {
                  setRefunding(false);
                  setRefunds(next);
                  void refetch();
                }}
              />
            </div>
          )}
        </Match>
        <Match when={receipt.error}>
          <div role="alert">
            <EmptyState icon={<TriangleAlert size={28} />} title={errorWords(toUserFacing(receipt.error))} why="">
              <Button onClick={refetch}>{t('common.tryAgain')}</Button>
            </EmptyState>
          </div>
        </Match>
      </Switch>
    </div>
  );
}

const peerOf = (one: Receipt) => (one.mySide === 'client' ? one.model : one.client);

const SUMMARY_WORDS = { client: 'ended.paid', model: 'ended.earned', operator: 'ended.charged' } as const;

/** With whom, when, how long, how much: what most people open a receipt for. */
function Summary(props: { receipt: Receipt; refundedMinor: number }) {
  const { money, locale } = useServices();
  const one = () => props.receipt;
  const who = () =>
    one().mySide === 'operator'
      ? `${one().client.displayName} · ${one().model.displayName}`
      : peerOf(one()).displayName;
  const amount = () => (one().mySide === 'model' ? (one().earnedMinor ?? 0) : one().chargedMinor - props.refundedMinor);
  return (
    <section
      aria-label={t('receipt.summary')}
      class="flex flex-wrap items-end justify-between gap-x-6 gap-y-3 rounded-card bg-brand-soft p-5 text-on-brand-soft sm:p-7"
    >
      <div class="min-w-0">
        <p class="text-lg font-semibold break-words">{who()}</p>
        <p>
          {formatDateTime(one().liveAt ?? one().rangAt, locale)} · {formatLength(one().billableMs, locale)}
        </p>
      </div>
      <p class="sm:text-right">
        <span class="block text-sm">{t(SUMMARY_WORDS[one().mySide])}</span>
        <span class="figures block font-display text-4xl">{money(amount())}</span>
      </p>
    </section>
  );
}

function Facts(props: { receipt: Receipt }) {
  const { money, locale } = useServices();
  const one = () => props.receipt;
  const when = (iso: string | null) => (iso === null ? null : formatDateTime(iso, locale));
  return (
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
        <Fact label={t('receipt.share')}>{one().mySide === 'client' ? null : `${one().sharePercent} %`}</Fact>
        <Fact label={t('receipt.down')}>{one().downtimeMs > 0 ? formatLength(one().downtimeMs, locale) : null}</Fact>
        <Fact label={t('receipt.refused')}>{one().refusedAttempts || null}</Fact>
        <Fact label={t('receipt.released')}>{one().releasedUnits.length || null}</Fact>
      </dl>
    </Card>
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

function Agreement(props: { receipt: Receipt }) {
  const one = () => props.receipt;
  return (
    <>
      <Switch
        fallback={<Notice tone="quiet">{t(one().endedAt === null ? 'receipt.open' : 'receipt.unchecked')}</Notice>}
      >
        <Match when={one().agrees === true}>
          <Notice tone="good" icon={<CircleCheck size={22} />}>
            {t('receipt.agrees')}
          </Notice>
        </Match>
        <Match when={one().agrees === false}>
          <Notice tone="bad" icon={<TriangleAlert size={22} />}>
            {t('receipt.disagrees')}
            <ul class="mt-2 list-disc pl-5 text-sm" lang="en">
              <For each={one().faults}>{(fault) => <li>{fault.sentence}</li>}</For>
            </ul>
          </Notice>
        </Match>
      </Switch>
      <Show when={(one().mediaBeyondMs ?? 0) > 0}>
        <Notice tone="warn">
          {t('receipt.mediaBeyond', { seconds: Math.round((one().mediaBeyondMs ?? 0) / 1_000) })}
        </Notice>
      </Show>
    </>
  );
}
