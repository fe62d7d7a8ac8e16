import type { CallRefunds } from '@contract/money-api.ts';
import type { Receipt } from '@contract/receipt.ts';
import { useNavigate, useParams } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import CircleCheck from 'lucide-solid/icons/circle-check';
import Printer from 'lucide-solid/icons/printer';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import Undo2 from 'lucide-solid/icons/undo-2';
import { createResource, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime, formatLength } from '~/money';
import { RatingForm } from '~/people';
import { keepFresh, kept, useMoney } from '~/state';
import { Button, Card, EmptyState, Notice, PageHead, SkeletonCards } from '~/ui';
import { FilesCard } from './files-card.tsx';
import { Pauses } from './pauses.tsx';
import { ProbesCard } from './probes-card.tsx';
import { RefundDialog } from './refund-dialog.tsx';
import { RefundsCard } from './refunds-card.tsx';
import { SumsCard } from './sums-card.tsx';
import { TipsCard } from './tips-card.tsx';
import { UnitsCard } from './units-card.tsx';

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
            <Found
              receipt={found()}
              refunds={back()}
              areRefundsLost={refunds.error !== undefined}
              onReadRefunds={readRefunds}
              isRefunding={isRefunding()}
              onCloseRefund={() => setRefunding(false)}
              onRefunds={(next) => {
                setRefunds(next);
                void refetch();
              }}
            />
          )}
        </Match>
        <Match when={receipt.error}>
          <div role="alert">
            <EmptyState icon={<TriangleAlert size={28} />} title={errorText(toUserFacing(receipt.error))} why="">
              <Button onClick={refetch}>{t('common.tryAgain')}</Button>
            </EmptyState>
          </div>
        </Match>
      </Switch>
    </div>
  );
}

/** All that is known of one call's money. */
function Found(props: {
  receipt: Receipt;
  refunds: CallRefunds | undefined;
  areRefundsLost: boolean;
  onReadRefunds: () => void;
  isRefunding: boolean;
  onCloseRefund: () => void;
  onRefunds: (next: CallRefunds) => void;
}) {
  return (
    <div class="grid gap-5">
      <Summary receipt={props.receipt} refundedMinor={props.refunds?.refundedMinor ?? 0} />
      <Show when={props.receipt.mySide !== 'operator'}>
        <div class="empty:hidden print:hidden">
          <RatingForm callId={props.receipt.callId} name={peerOf(props.receipt).displayName} />
        </div>
      </Show>
      <Show when={props.areRefundsLost}>
        <Notice tone="warn" title={t('refund.unreadable')}>
          <div class="mt-2">
            <Button size="sm" tone="quiet" onClick={() => props.onReadRefunds()}>
              {t('common.tryAgain')}
            </Button>
          </div>
        </Notice>
      </Show>
      <UnitsCard
        receipt={props.receipt}
        refundedUnits={new Set(props.refunds?.refunds.map((line) => line.unit))}
        refundedMinor={props.refunds?.refundedMinor ?? 0}
      />
      <Show when={(props.refunds?.refunds.length ?? 0) > 0 && props.refunds}>
        {(list) => <RefundsCard receipt={props.receipt} refunds={list()} />}
      </Show>
      <Show when={(props.refunds?.tips.length ?? 0) > 0 && props.refunds}>
        {(list) => <TipsCard receipt={props.receipt} tips={list().tips} onDone={props.onRefunds} />}
      </Show>
      <Facts receipt={props.receipt} />
      <Pauses receipt={props.receipt} />
      <ProbesCard probes={props.receipt.probes} isOpen={props.receipt.mySide === 'operator'} />
      <SumsCard receipt={props.receipt} refundedMinor={props.refunds?.refundedMinor ?? 0} />
      <Agreement receipt={props.receipt} />
      <FilesCard callId={props.receipt.callId} />
      <RefundDialog
        open={props.isRefunding}
        receipt={props.receipt}
        refundable={props.refunds?.refundableUnits ?? []}
        onClose={props.onCloseRefund}
        onDone={(next) => {
          props.onCloseRefund();
          props.onRefunds(next);
        }}
      />
    </div>
  );
}

const peerOf = (one: Receipt) => (one.mySide === 'client' ? one.model : one.client);

const SUMMARY_TEXTS = { client: 'ended.paid', model: 'ended.earned', operator: 'ended.charged' } as const;

/** With whom, when, how long, how much: what most people open a receipt for. */
function Summary(props: { receipt: Receipt; refundedMinor: number }) {
  const money = useMoney();
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
        <span class="block text-sm">{t(SUMMARY_TEXTS[one().mySide])}</span>
        <span class="figures block font-display text-4xl">{money(amount())}</span>
      </p>
    </section>
  );
}

function Facts(props: { receipt: Receipt }) {
  const money = useMoney();
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
