import type { Earnings, Payout } from '@contract/money-api.ts';
import Banknote from 'lucide-solid/icons/banknote';
import { createResource, createSignal, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { CallList, createCalls } from '~/history';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime, zoneName } from '~/money';
import { PayoutSteps, payoutTone } from '~/payouts';
import { createPaged, keepFresh, kept, type Paged, useMoney, useSession } from '~/state';
import { Badge, Button, Card, EmptyState, Failed, Listed, More, PageHead, Rows, Skeleton, Tile, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';
import { PayoutDialog } from './payout-dialog.tsx';

/** What a model has earned, call by call, and the way to have it paid out. */
export default function EarningsPage() {
  const session = useSession();
  const lead = () => {
    const percent = session.me()?.sharePercent ?? null;
    return percent === null ? t('earnings.lead') : `${t('earnings.share', { percent })} ${t('earnings.lead')}`;
  };
  const [read, { refetch }] = createResource(() => api.earnings(zoneName()));
  const earnings = kept(read);
  keepFresh(async () => void (await refetch()));
  const payouts = createPaged<Payout>(
    (payout) => payout.payoutId,
    async (page) => (await api.payouts(page)).payouts,
  );
  const calls = createCalls();
  const [isAsking, setAsking] = createSignal(false);

  return (
    <>
      <PageHead title={t('earnings.title')} lead={lead()} />
      <div class="grid gap-5">
        <Show
          when={earnings() || !read.error}
          fallback={<Failed text={errorText(toUserFacing(read.error))} onRetry={refetch} />}
        >
          <Figures earnings={earnings()} onAsk={() => setAsking(true)} />
        </Show>
        <div class="grid items-start gap-5 xl:grid-cols-[3fr_2fr]">
          <Card title={t('earnings.perCall')} flush>
            <CallList
              calls={calls.lines()}
              problem={calls.lines() ? undefined : calls.problem()}
              onRetry={calls.more}
            />
            <More list={calls} />
          </Card>
          <Card title={t('earnings.payouts')} flush>
            <PayoutList list={payouts} />
          </Card>
        </div>
      </div>
      <Show when={earnings()}>
        {(one) => (
          <PayoutDialog
            open={isAsking()}
            earnings={one()}
            onClose={() => setAsking(false)}
            onAsked={() => {
              setAsking(false);
              void Promise.all([refetch(), payouts.refresh()]);
            }}
          />
        )}
      </Show>
    </>
  );
}

function Figures(props: { earnings: Earnings | undefined; onAsk: () => void }) {
  const money = useMoney();
  const figure = (minor: number | undefined) => (
    <Show when={minor !== undefined} fallback={<Skeleton class="h-8" />}>
      {money(minor ?? 0)}
    </Show>
  );
  const isEnough = () => props.earnings && props.earnings.balanceMinor >= Math.max(1, props.earnings.payoutMinMinor);
  return (
    <div class="grid gap-3 sm:gap-5 xl:grid-cols-[2fr_3fr]">
      <section class="flex flex-wrap items-end justify-between gap-x-6 gap-y-4 rounded-card bg-brand-soft p-5 text-on-brand-soft sm:p-7">
        <div class="min-w-0">
          <h2 class="font-medium">{t('earnings.available')}</h2>
          <p class="figures mt-1 font-display text-5xl break-words">{figure(props.earnings?.balanceMinor)}</p>
          <Show when={props.earnings?.inPayoutMinor}>
            {(minor) => (
              <p class="mt-2">
                {t('earnings.inPayout')}: <span class="figures font-semibold">{money(minor())}</span>
              </p>
            )}
          </Show>
        </div>
        <div>
          <Button icon={<Banknote size={20} />} disabled={!isEnough()} onClick={() => props.onAsk()}>
            {t('earnings.ask')}
          </Button>
          <Show when={props.earnings && !isEnough()}>
            <p class="mt-2 text-sm">{t('earnings.least', { min: money(props.earnings?.payoutMinMinor ?? 0) })}</p>
          </Show>
        </div>
      </section>
      <dl class="grid grid-cols-[repeat(auto-fit,minmax(min(100%,8rem),1fr))] gap-3 sm:gap-5 xl:grid-cols-2">
        <Tile small label={t('earnings.today')}>
          {figure(props.earnings?.todayMinor)}
        </Tile>
        <Tile small label={t('earnings.week')}>
          {figure(props.earnings?.weekMinor)}
        </Tile>
        <Tile small label={t('earnings.month')}>
          {figure(props.earnings?.monthMinor)}
        </Tile>
        <Tile small label={t('earnings.all')}>
          {figure(props.earnings?.allMinor)}
        </Tile>
      </dl>
    </div>
  );
}

function PayoutList(props: { list: Paged<Payout> }) {
  const money = useMoney();
  const [withdrawing, setWithdrawing] = createSignal<Payout | null>(null);
  async function withdraw(payout: Payout) {
    setWithdrawing(null);
    try {
      await api.stepPayout(payout.payoutId, 'withdraw');
      toast(t('earnings.withdrawn', { amount: money(payout.amountMinor) }));
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
    await props.list.refresh();
  }
  return (
    <>
      <Listed
        items={props.list.lines()}
        error={props.list.problem()}
        onRetry={props.list.more}
        empty={
          <EmptyState icon={<Banknote size={28} />} title={t('earnings.noPayouts')} why={t('earnings.noPayoutsWhy')} />
        }
      >
        {(payouts) => (
          <ul class="divide-y divide-line">
            <Rows each={payouts()} idOf={(payout) => payout.payoutId}>
              {(payout) => <PayoutLine payout={payout()} onWithdraw={() => setWithdrawing(payout())} />}
            </Rows>
          </ul>
        )}
      </Listed>
      <More list={props.list} error={props.list.problem()} />
      <Show when={withdrawing()}>
        {(payout) => (
          <Dialog
            open
            onClose={() => setWithdrawing(null)}
            title={t('earnings.withdrawTitle')}
            lead={t('earnings.withdrawLead', { amount: money(payout().amountMinor) })}
          >
            <Choice
              yes={t('earnings.withdraw')}
              no={t('earnings.keep')}
              onYes={() => withdraw(payout())}
              onNo={() => setWithdrawing(null)}
            />
          </Dialog>
        )}
      </Show>
    </>
  );
}

function PayoutLine(props: { payout: Payout; onWithdraw: () => void }) {
  const money = useMoney();
  const amount = () => money(props.payout.amountMinor);
  return (
    <li class="grid gap-3 px-5 py-4 sm:px-6">
      <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div class="min-w-0">
          <p class="figures text-lg font-semibold">{amount()}</p>
          <p class="text-sm text-ink-soft">{formatDateTime(props.payout.requestedAt, locale)}</p>
        </div>
        <Badge tone={payoutTone(props.payout.state)}>{t(`payout.state.${props.payout.state}`)}</Badge>
      </div>
      <p class="text-sm break-words text-ink-soft">{t('payout.to', { destination: props.payout.destination })}</p>
      <PayoutSteps payout={props.payout} />
      <Show when={props.payout.state === 'requested'}>
        <div>
          <Button
            tone="quiet"
            size="sm"
            aria-label={t('earnings.withdrawLabel', { amount: amount() })}
            onClick={() => props.onWithdraw()}
          >
            {t('earnings.withdraw')}
          </Button>
        </div>
      </Show>
    </li>
  );
}
