import type { VoucherBatch, VouchersMade } from '@contract/money-api.ts';
import { A, type BeforeLeaveEventArgs, useBeforeLeave } from '@solidjs/router';
import Ticket from 'lucide-solid/icons/ticket';
import { createSignal, onCleanup, Show } from 'solid-js';
import { api } from '~/api';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { createPaged, useMoney } from '~/state';
import { Button, EmptyState } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';
import { BatchCounts } from './batch-counts.tsx';
import { CodesCard } from './codes-card.tsx';
import { MakeVouchersDialog } from './make-vouchers-dialog.tsx';
import { MoneyFrame } from './money-frame.tsx';
import { ListCard } from './state-list.tsx';

const idOf = (batch: VoucherBatch) => batch.batchId;

/** Vouchers in batches. New codes are shown here once, and not let go of without a question. */
export default function VouchersPage() {
  const batches = createPaged<VoucherBatch>(idOf, async (page) => (await api.voucherBatches(page)).batches);
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
          <ListCard
            list={batches}
            idOf={idOf}
            empty={
              <EmptyState icon={<Ticket size={28} />} title={t('vouchers.none')} why={t('vouchers.noneWhy')}>
                <Button onClick={() => setMaking(true)}>{t('vouchers.make')}</Button>
              </EmptyState>
            }
          >
            {(batch) => <BatchLine batch={batch()} />}
          </ListCard>
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
  const money = useMoney();
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
