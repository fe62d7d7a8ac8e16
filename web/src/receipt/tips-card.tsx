import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { CallRefunds, TipLine } from '@contract/money-api.ts';
import type { Receipt } from '@contract/receipt.ts';
import Undo2 from 'lucide-solid/icons/undo-2';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { createForm, useMoney } from '~/state';
import { Button, Card, Field, FormError, Rows, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';

/** What was given on top of the call's price, and what of it went back. */
export function TipsCard(props: { receipt: Receipt; tips: TipLine[]; onDone: (refunds: CallRefunds) => void }) {
  const [askedId, setAskedId] = createSignal<number | null>(null);
  const asked = () => props.tips.find(({ transferId }) => transferId === askedId());
  return (
    <Card title={t('tip.listTitle')}>
      <ul class="grid gap-3">
        <Rows each={props.tips} idOf={(tip) => tip.transferId}>
          {(tip) => <Tip tip={tip()} onAsk={() => setAskedId(tip().transferId)} />}
        </Rows>
      </ul>
      <Show when={asked()}>
        {(tip) => (
          <Dialog
            open
            onClose={() => setAskedId(null)}
            title={t('tip.backTitle')}
            lead={t('tip.backLead', { name: props.receipt.client.displayName })}
          >
            <BackForm
              callId={props.receipt.callId}
              name={props.receipt.client.displayName}
              tip={tip()}
              onClose={() => setAskedId(null)}
              onDone={(refunds) => {
                setAskedId(null);
                props.onDone(refunds);
              }}
            />
          </Dialog>
        )}
      </Show>
    </Card>
  );
}

function Tip(props: { tip: TipLine; onAsk: () => void }) {
  const money = useMoney();
  return (
    <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div class="min-w-0 flex-1 basis-40">
        <p class="font-medium">{formatDateTime(props.tip.at, locale)}</p>
        <Show when={props.tip.refund}>
          {(refund) => (
            <p class="text-sm break-words text-ink-soft">
              {t('tip.wentBack', { when: formatDateTime(refund().at, locale) })}
              <Show when={refund().byName}>{(name) => ` · ${t('refund.by', { name: name() })}`}</Show>
              {` · ${refund().reason}`}
            </p>
          )}
        </Show>
      </div>
      <p class="figures font-semibold" classList={{ 'line-through': props.tip.refund !== null }}>
        {money(props.tip.amountMinor)}
      </p>
      <Show when={props.tip.isRefundable}>
        <Button tone="quiet" size="sm" icon={<Undo2 size={16} aria-hidden="true" />} onClick={props.onAsk}>
          {t('tip.back')}
        </Button>
      </Show>
    </li>
  );
}

function BackForm(props: {
  callId: number;
  name: string;
  tip: TipLine;
  onClose: () => void;
  onDone: (refunds: CallRefunds) => void;
}) {
  const money = useMoney();
  const [reason, setReason] = createSignal('');
  const amount = () => money(props.tip.amountMinor);
  const form = createForm(
    () => reason().trim() !== '',
    async () => {
      const refunds = await api.refundTip(props.callId, props.tip.transferId, { reason: reason().trim() });
      toast(t('refund.done', { amount: amount(), name: props.name }));
      props.onDone(refunds);
    },
  );
  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <Field
        label={t('refund.reason')}
        maxlength={REASON_LENGTH_MAX}
        value={reason()}
        onInput={(event) => setReason(event.currentTarget.value)}
        hint={t('refund.reasonHint')}
        error={form.isTried() && reason().trim() === '' ? t('form.required') : undefined}
      />
      <FormError text={form.problem()} />
      <Choice
        yes={t('refund.yes', { amount: amount() })}
        no={t('refund.no')}
        busy={form.isBusy()}
        onNo={props.onClose}
      />
    </form>
  );
}
