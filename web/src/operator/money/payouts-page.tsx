import type { Payout, PayoutState } from '@contract/money-api.ts';
import { A } from '@solidjs/router';
import Banknote from 'lucide-solid/icons/banknote';
import Download from 'lucide-solid/icons/download';
import { createSignal, Show } from 'solid-js';
import { api, csvPath } from '~/api';
import { t } from '~/i18n';
import { PayoutSteps, payoutTone } from '~/payouts';
import { useMoney, useSession } from '~/state';
import { Avatar, Badge, Button, DownloadLink, EmptyState } from '~/ui';
import { MoneyFrame } from './money-frame.tsx';
import { type OperatorStep, PayoutStepDialog } from './payout-step-dialog.tsx';
import { createStateList, ListCard, StateFilter } from './state-list.tsx';

const STATES: PayoutState[] = ['requested', 'approved', 'paid', 'rejected', 'failed', 'withdrawn'];

const idOf = (payout: Payout) => payout.payoutId;
const inState = (state: PayoutState | null) => (state === null ? {} : { state });

/** What models have asked for, and each step until it is paid. */
export default function PayoutsPage() {
  const { list, state, show } = createStateList<Payout, PayoutState>(
    STATES,
    idOf,
    async (chosen, page) => (await api.payouts({ ...inState(chosen), ...page })).payouts,
  );
  const [step, setStep] = createSignal<{ payout: Payout; step: OperatorStep } | null>(null);

  return (
    <MoneyFrame>
      <div class="grid gap-5">
        <div class="flex flex-wrap items-start gap-3">
          <StateFilter
            label={t('payouts.filter')}
            all={t('payouts.all')}
            states={STATES}
            labelOf={(value) => t(`payout.state.${value}`)}
            state={state()}
            onShow={show}
          />
          <div class="ml-auto">
            <DownloadLink href={csvPath.payouts(inState(state()))} tone="quiet" icon={<Download size={16} />}>
              {t('common.csv')}
            </DownloadLink>
          </div>
        </div>
        <ListCard
          list={list}
          idOf={idOf}
          empty={<EmptyState icon={<Banknote size={28} />} title={t('payouts.none')} why={t('payouts.noneWhy')} />}
        >
          {(payout) => <PayoutLine payout={payout()} onStep={(next) => setStep({ payout: payout(), step: next })} />}
        </ListCard>
      </div>
      <PayoutStepDialog
        asked={step()}
        onClose={() => setStep(null)}
        onDone={() => {
          setStep(null);
          void list.refresh();
        }}
      />
    </MoneyFrame>
  );
}

function PayoutLine(props: { payout: Payout; onStep: (step: OperatorStep) => void }) {
  const money = useMoney();
  const one = () => props.payout;
  return (
    <li class="grid gap-x-8 gap-y-4 px-5 py-5 sm:px-6 lg:grid-cols-[5fr_4fr]">
      <div class="grid content-start gap-4">
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Avatar name={one().model.displayName} personId={one().model.personId} size="sm" />
          <div class="min-w-0 flex-1">
            <A
              href={`/history?personId=${one().model.personId}`}
              class="rounded font-semibold break-words underline-offset-4 hover:underline"
            >
              {one().model.displayName}
            </A>
            <p class="text-sm text-ink-soft">{t('payout.number', { id: one().payoutId })}</p>
          </div>
          <p class="figures text-xl font-semibold">{money(one().amountMinor)}</p>
        </div>
        <p class="break-words">{t('payout.to', { destination: one().destination })}</p>
        <Actions payout={one()} onStep={props.onStep} />
      </div>
      <div class="grid content-start gap-3">
        <div class="flex flex-wrap gap-2">
          <Badge tone={payoutTone(one().state)}>{t(`payout.state.${one().state}`)}</Badge>
          <Show when={one().state === 'requested' && one().approvalsNeeded > 1}>
            <Badge tone="quiet">
              {t('payout.needsMore', { done: one().approvedBy.length, needed: one().approvalsNeeded })}
            </Badge>
          </Show>
        </div>
        <PayoutSteps payout={one()} />
      </div>
    </li>
  );
}

function Actions(props: { payout: Payout; onStep: (step: OperatorStep) => void }) {
  const session = useSession();
  const money = useMoney();
  const hasApproved = () => props.payout.approvedBy.some((person) => person.personId === session.me()?.personId);
  const label = (step: OperatorStep) =>
    t(`payouts.${step}.label`, { amount: money(props.payout.amountMinor), name: props.payout.model.displayName });
  const press = (step: OperatorStep, tone: 'primary' | 'quiet') => (
    <Button tone={tone} size="sm" aria-label={label(step)} onClick={() => props.onStep(step)}>
      {t(`payouts.${step}.button`)}
    </Button>
  );
  return (
    <>
      <Show when={props.payout.state === 'requested'}>
        <div class="flex flex-wrap items-center gap-2">
          <Show when={!hasApproved()} fallback={<p class="text-sm text-ink-soft">{t('payouts.youApproved')}</p>}>
            {press('approve', 'primary')}
          </Show>
          {press('reject', 'quiet')}
        </div>
      </Show>
      <Show when={props.payout.state === 'approved'}>
        <div class="flex flex-wrap gap-2">
          {press('paid', 'primary')}
          {press('failed', 'quiet')}
        </div>
      </Show>
    </>
  );
}
