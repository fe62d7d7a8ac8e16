import type { Voucher, VoucherBatchDetail } from '@contract/money-api.ts';
import { A, useParams } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import { createMemo, createResource, createSignal, For, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { keepFresh } from '~/app/fresh.ts';
import { kept } from '~/app/kept.ts';
import { mergeNewest } from '~/app/pages.ts';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Badge, Button, Card, Failed, Segments, SkeletonCards, type Tone, toast } from '~/ui';
import { Choice } from '~/ui/Choice.tsx';
import { Dialog } from '~/ui/Dialog.tsx';
import { BatchCounts } from './BatchCounts.tsx';
import { MoneyFrame } from './MoneyFrame.tsx';

type State = Voucher['state'];
const STATES: State[] = ['open', 'redeemed', 'voided', 'expired'];
const TONES: Record<State, Tone> = { open: 'warn', redeemed: 'good', voided: 'quiet', expired: 'quiet' };

/** One batch, voucher by voucher. */
export default function BatchPage() {
  const params = useParams<{ batchId: string }>();
  const [read, { refetch, mutate }] = createResource(
    () => Number(params.batchId),
    (batchId) => api.voucherBatch(batchId),
  );
  const detail = kept(read);
  keepFresh(
    async () => void (await refetch()),
    () => true,
  );
  return (
    <MoneyFrame title={detail() ? t('vouchers.batchTitle', { label: detail()?.batch.label ?? '' }) : t('money.title')}>
      <Switch fallback={<SkeletonCards count={2} />}>
        <Match when={detail()}>{(one) => <Batch detail={one()} onChange={mutate} />}</Match>
        <Match when={read.error}>
          <Failed words={errorWords(toUserFacing(read.error))} onRetry={refetch} />
        </Match>
      </Switch>
    </MoneyFrame>
  );
}

function Batch(props: { detail: VoucherBatchDetail; onChange: (detail: VoucherBatchDetail) => void }) {
  const { money } = useServices();
  const [shown, setShown] = createSignal<State | 'all'>('all');
  /** What is about to be ended. */
  const [ending, setEnding] = createSignal<Voucher | 'all' | null>(null);
  const vouchers = createMemo<Voucher[]>(
    (before) =>
      mergeNewest(before, props.detail.vouchers, (voucher) => voucher.voucherId, Number.POSITIVE_INFINITY).filter(
        (voucher) => shown() === 'all' || voucher.state === shown(),
      ),
    [],
  );
  const openCount = () => props.detail.vouchers.filter((voucher) => voucher.state === 'open').length;

  async function end() {
    const target = ending();
    setEnding(null);
    if (target === null) return;
    try {
      props.onChange(
        await (target === 'all' ? api.voidBatch(props.detail.batch.batchId) : api.voidVoucher(target.voucherId)),
      );
      toast(t('vouchers.voidDone'));
    } catch (thrown) {
      toast(errorWords(toUserFacing(thrown)), 'bad');
    }
  }
  const endTitle = () => {
    const target = ending();
    if (target === null || target === 'all') return t('vouchers.voidAllTitle', { n: openCount() });
    return t('vouchers.voidOneTitle', { ending: target.ending });
  };

  return (
    <div class="grid gap-5">
      <div class="flex flex-wrap items-center gap-x-5 gap-y-3">
        <A
          href="/operator/money/vouchers"
          class="inline-flex min-h-10 items-center gap-2 rounded font-medium underline-offset-4 hover:underline"
        >
          <ArrowLeft size={18} aria-hidden="true" />
          {t('vouchers.back')}
        </A>
        <p class="figures font-semibold">
          {props.detail.batch.count} × {money(props.detail.batch.amountMinor)}
        </p>
        <BatchCounts batch={props.detail.batch} />
        <Show when={openCount() > 0}>
          <div class="ml-auto">
            <Button tone="quiet" onClick={() => setEnding('all')}>
              {t('vouchers.voidAll')}
            </Button>
          </div>
        </Show>
      </div>
      <div>
        <Segments
          label={t('vouchers.show')}
          options={[
            { value: 'all' as const, words: t('vouchers.all') },
            ...STATES.map((value) => ({ value, words: t(`vouchers.state.${value}`) })),
          ]}
          value={shown()}
          onChange={setShown}
        />
      </div>
      <Card flush>
        <ul class="divide-y divide-line">
          <For each={vouchers()} fallback={<li class="p-6 text-center text-ink-soft">{t('vouchers.noneOfState')}</li>}>
            {(voucher) => <VoucherLine voucher={voucher} onEnd={() => setEnding(voucher)} />}
          </For>
        </ul>
      </Card>
      <Dialog open={ending() !== null} onClose={() => setEnding(null)} title={endTitle()} lead={t('vouchers.voidLead')}>
        <Choice yes={t('vouchers.voidYes')} no={t('vouchers.voidNo')} onYes={end} onNo={() => setEnding(null)} />
      </Dialog>
    </div>
  );
}

function VoucherLine(props: { voucher: Voucher; onEnd: () => void }) {
  const { locale } = useServices();
  return (
    <li class="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 px-5 py-2 sm:px-6">
      <p class="min-w-24 font-mono font-medium">{t('vouchers.ending', { ending: props.voucher.ending })}</p>
      <Badge tone={TONES[props.voucher.state]}>{t(`vouchers.state.${props.voucher.state}`)}</Badge>
      <Show when={props.voucher.redeemedBy}>
        {(person) => (
          <p class="min-w-0 text-sm text-ink-soft">
            <A href={`/history?personId=${person().personId}`} class="rounded underline underline-offset-4">
              {person().displayName}
            </A>
            <Show when={props.voucher.redeemedAt}>{(at) => `, ${formatDateTime(at(), locale)}`}</Show>
          </p>
        )}
      </Show>
      <Show when={props.voucher.state === 'open'}>
        <div class="ml-auto">
          <Button
            tone="quiet"
            size="sm"
            aria-label={t('vouchers.voidOneLabel', { ending: props.voucher.ending })}
            onClick={() => props.onEnd()}
          >
            {t('vouchers.voidOne')}
          </Button>
        </div>
      </Show>
    </li>
  );
}
