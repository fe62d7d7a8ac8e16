import type { Voucher, VoucherBatch } from '@contract/money-api.ts';
import { A, useParams } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import { createSignal, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { createPaged, type Paged, useMoney } from '~/state';
import { Badge, Button, Failed, SkeletonCards, type Tone, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';
import { BatchCounts } from './batch-counts.tsx';
import { MoneyFrame } from './money-frame.tsx';
import { ListCard, StateFilter } from './state-list.tsx';
import { isExpired, openCount } from './vouchers.ts';

type State = Voucher['state'];
const STATES: State[] = ['open', 'redeemed', 'voided', 'expired'];
const TONES: Record<State, Tone> = { open: 'warn', redeemed: 'good', voided: 'quiet', expired: 'quiet' };

/** One batch, voucher by voucher. */
export default function BatchPage() {
  const params = useParams<{ batchId: string }>();
  const [shown, setShown] = createSignal<State | 'all'>('all');
  const [batch, setBatch] = createSignal<VoucherBatch>();
  const vouchers = createPaged<Voucher>(
    (voucher) => voucher.voucherId,
    async (page) => {
      const state = shown();
      const found = await api.voucherBatch(Number(params.batchId), { ...(state !== 'all' && { state }), ...page });
      setBatch(found.batch);
      return found.vouchers;
    },
    { filter: () => [params.batchId, shown()] },
  );
  return (
    <MoneyFrame title={batch() ? t('vouchers.batchTitle', { label: batch()?.label ?? '' }) : t('money.title')}>
      <Switch fallback={<SkeletonCards count={2} />}>
        <Match when={batch()}>
          {(one) => <Batch batch={one()} vouchers={vouchers} shown={shown()} onShow={setShown} />}
        </Match>
        <Match when={vouchers.problem()}>{(words) => <Failed text={words()} onRetry={vouchers.more} />}</Match>
      </Switch>
    </MoneyFrame>
  );
}

function Batch(props: {
  batch: VoucherBatch;
  vouchers: Paged<Voucher>;
  shown: State | 'all';
  onShow: (state: State | 'all') => void;
}) {
  /** What is about to be ended. */
  const [ending, setEnding] = createSignal<Voucher | 'all' | null>(null);
  const open = () => (isExpired(props.batch) ? 0 : openCount(props.batch));

  async function end() {
    const target = ending();
    setEnding(null);
    if (target === null) return;
    try {
      await (target === 'all' ? api.voidBatch(props.batch.batchId) : api.voidVoucher(target.voucherId));
      toast(t('vouchers.voidDone'));
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
    await props.vouchers.refresh();
  }
  const endTitle = () => {
    const target = ending();
    if (target === null || target === 'all') return t('vouchers.voidAllTitle', { n: open() });
    return t('vouchers.voidOneTitle', { ending: target.ending });
  };

  return (
    <div class="grid gap-5">
      <BatchHead batch={props.batch} openCount={open()} onEndAll={() => setEnding('all')} />
      <div>
        <StateFilter
          label={t('vouchers.show')}
          all={t('vouchers.all')}
          states={STATES}
          labelOf={(value) => t(`vouchers.state.${value}`)}
          state={props.shown === 'all' ? null : props.shown}
          onShow={props.onShow}
        />
      </div>
      <ListCard
        list={props.vouchers}
        idOf={(voucher) => voucher.voucherId}
        empty={<p class="p-6 text-center text-ink-soft">{t('vouchers.noneOfState')}</p>}
      >
        {(voucher) => <VoucherLine voucher={voucher()} onEnd={() => setEnding(voucher())} />}
      </ListCard>
      <Dialog open={ending() !== null} onClose={() => setEnding(null)} title={endTitle()} lead={t('vouchers.voidLead')}>
        <Choice yes={t('vouchers.voidYes')} no={t('vouchers.voidNo')} onYes={end} onNo={() => setEnding(null)} />
      </Dialog>
    </div>
  );
}

function BatchHead(props: { batch: VoucherBatch; openCount: number; onEndAll: () => void }) {
  const money = useMoney();
  return (
    <div class="flex flex-wrap items-center gap-x-5 gap-y-3">
      <A
        href="/operator/money/vouchers"
        class="inline-flex min-h-10 items-center gap-2 rounded font-medium underline-offset-4 hover:underline"
      >
        <ArrowLeft size={18} aria-hidden="true" />
        {t('vouchers.back')}
      </A>
      <p class="figures font-semibold">
        {props.batch.count} × {money(props.batch.amountMinor)}
      </p>
      <BatchCounts batch={props.batch} />
      <Show when={props.openCount > 0}>
        <div class="ml-auto">
          <Button tone="quiet" onClick={() => props.onEndAll()}>
            {t('vouchers.voidAll')}
          </Button>
        </div>
      </Show>
    </div>
  );
}

function VoucherLine(props: { voucher: Voucher; onEnd: () => void }) {
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
