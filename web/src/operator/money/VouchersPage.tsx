import type { VoucherBatch, VouchersMade } from '@contract/money-api.ts';
import { A, type BeforeLeaveEventArgs, useBeforeLeave } from '@solidjs/router';
import Ticket from 'lucide-solid/icons/ticket';
import { createSignal, onCleanup, Show } from 'solid-js';
import { api } from '~/api';
import { createPaged } from '~/app/pages.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Button, Card, EmptyState, Listed, More, Rows } from '~/ui';
import { Choice } from '~/ui/Choice.tsx';
import { Dialog } from '~/ui/Dialog.tsx';
import { BatchCounts } from './BatchCounts.tsx';
import { CodesCard } from './CodesCard.tsx';
import { MakeVouchersDialog } from './MakeVouchersDialog.tsx';
import { MoneyFrame } from './MoneyFrame.tsx';

/** Vouchers in batches. New codes are shown here once, and not let go of without a question. */
export default function VouchersPage() {
  const batches = createPaged<VoucherBatch>(
    (batch) => batch.batchId,
    async (page) => (await api.voucherBatches(page)).batches,
  );
  const [isMaking, setMaking] = createSignal(false);
  const [made, setMade] = createSignal<VouchersMade | null>(null);
  const [leave, setLeave] = createSignal<(() => void) | null>(null);
  guardLeaving(
    () => made() !== null,
    (go) => setLeave(() => go),
  );

  return (
    <MoneyFrame
      lead={t('vouchers.lead')}
      aside={
        <div class="print:hidden">
          <Button icon={<Ticket size={20} />} disabled={made() !== null} onClick={() => setMaking(true)}>
            {t('vouchers.make')}
          </Button>
        </div>
      }
    >
      <div class="grid gap-5">
        <Show when={made()}>
          {(one) => <CodesCard made={one()} onDone={() => setLeave(() => () => setMade(null))} />}
        </Show>
        <div class="print:hidden">
          <Card flush>
            <Listed
              items={batches.lines()}
              error={batches.problem()}
              onRetry={batches.more}
              empty={
                <EmptyState icon={<Ticket size={28} />} title={t('vouchers.none')} why={t('vouchers.noneWhy')}>
                  <Button onClick={() => setMaking(true)}>{t('vouchers.make')}</Button>
                </EmptyState>
              }
            >
              {(list) => (
                <ul class="divide-y divide-line">
                  <Rows each={list()} idOf={(batch) => batch.batchId}>
                    {(batch) => <BatchLine batch={batch()} />}
                  </Rows>
                </ul>
              )}
            </Listed>
            <More list={batches} error={batches.problem()} />
          </Card>
        </div>
      </div>
      <MakeVouchersDialog
        open={isMaking()}
        onClose={() => setMaking(false)}
        onMade={(one) => {
          setMaking(false);
          setMade(one);
          void batches.refresh();
          window.scrollTo({ top: 0 });
        }}
      />
      <Dialog
        open={leave() !== null}
        onClose={() => setLeave(null)}
        title={t('vouchers.leaveTitle')}
        lead={t('vouchers.leaveLead')}
      >
        <Choice
          yes={t('vouchers.leaveYes')}
          no={t('vouchers.leaveNo')}
          onYes={() => {
            const go = leave();
            setLeave(null);
            setMade(null);
            go?.();
          }}
          onNo={() => setLeave(null)}
        />
      </Dialog>
    </MoneyFrame>
  );
}

/** Asks before the page goes away: by a link through `ask`, by the browser in the browser's own words. */
function guardLeaving(isGuarded: () => boolean, ask: (go: () => void) => void) {
  useBeforeLeave((event: BeforeLeaveEventArgs) => {
    if (!isGuarded() || event.defaultPrevented) return;
    event.preventDefault();
    ask(() => event.retry(true));
  });
  const onUnload = (event: BeforeUnloadEvent) => {
    if (isGuarded()) event.preventDefault();
  };
  window.addEventListener('beforeunload', onUnload);
  onCleanup(() => window.removeEventListener('beforeunload', onUnload));
}

function BatchLine(props: { batch: VoucherBatch }) {
  const { money, locale } = useServices();
  const one = () => props.batch;
  return (
    <li class="flex flex-wrap items-center gap-x-6 gap-y-2 px-5 py-4 sm:px-6">
      <div class="min-w-0 flex-1 basis-60">
        <A
          href={`/operator/money/vouchers/${one().batchId}`}
          class="rounded font-semibold break-words underline underline-offset-4 hover:text-brand"
        >
          {one().label}
        </A>
        <p class="text-sm text-ink-soft">
          {t('vouchers.madeBy', { when: formatDateTime(one().madeAt, locale), name: one().madeBy })}
          {' · '}
          <Show when={one().expiresAt} fallback={t('vouchers.neverExpires')}>
            {(at) => t('vouchers.expires', { when: formatDateTime(at(), locale) })}
          </Show>
        </p>
      </div>
      <div class="flex flex-wrap gap-2">
        <BatchCounts batch={one()} />
      </div>
      <p class="figures ml-auto text-right font-semibold">
        {one().count} × {money(one().amountMinor)}
      </p>
    </li>
  );
}
