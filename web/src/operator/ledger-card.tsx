import type { LedgerState } from '@contract/money-api.ts';
import ShieldCheck from 'lucide-solid/icons/shield-check';
import { createSignal, type JSX, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Badge, Button, Card, CopyField, toast } from '~/ui';

/** Whether the money agrees with itself, since when, and a check at once. */
export function LedgerCard(props: { ledger: LedgerState }) {
  const [isBusy, setBusy] = createSignal(false);
  const one = () => props.ledger;

  async function check() {
    setBusy(true);
    try {
      const found = await api.checkLedger();
      const isGood = found.isBalanced && found.isChainIntact;
      toast(t(isGood ? 'operator.ledgerOk' : 'operator.ledgerNotOk'), isGood ? 'good' : 'bad');
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card
      title={t('operator.ledgerTitle')}
      aside={
        <Button tone="quiet" size="sm" icon={<ShieldCheck size={16} />} busy={isBusy()} onClick={check}>
          {t('operator.ledgerCheck')}
        </Button>
      }
    >
      <dl class="grid gap-3">
        <Line label={t('operator.ledgerSums')}>
          <Verdict is={one().isBalanced} good={t('operator.ledgerSumsGood')} bad={t('operator.ledgerSumsBad')} />
        </Line>
        <Line label={t('operator.ledgerChain')}>
          <Verdict is={one().isChainIntact} good={t('operator.ledgerChainGood')} bad={t('operator.ledgerChainBad')} />
        </Line>
        <Line label={t('operator.ledgerTransfers')}>
          <span class="figures font-semibold">{one().transferCount.toLocaleString(locale)}</span>
        </Line>
        <Line label={t('operator.ledgerChecked')}>
          <Show when={one().checkedAt} fallback={t('operator.ledgerNever')}>
            {(at) => formatDateTime(at(), locale)}
          </Show>
        </Line>
      </dl>
      <Show when={one().firstBreak}>
        {(words) => <p class="mt-3 rounded-xl bg-danger-soft px-4 py-3 break-words text-on-danger-soft">{words()}</p>}
      </Show>
      <Show when={one().head}>
        {(head) => (
          <div class="mt-4 border-t border-line pt-4">
            <CopyField label={t('operator.ledgerHead')} value={head().hash} button={t('common.copyHash')} />
            <p class="mt-1.5 text-sm text-ink-soft">{t('operator.ledgerHeadWhy', { batch: head().batch })}</p>
          </div>
        )}
      </Show>
    </Card>
  );
}

/** What has not been checked is neither good nor bad. */
function Verdict(props: { is: boolean | null; good: string; bad: string }) {
  return (
    <Show when={props.is !== null} fallback={<Badge tone="quiet">{t('operator.ledgerUnknown')}</Badge>}>
      <Badge tone={props.is ? 'good' : 'bad'}>{props.is ? props.good : props.bad}</Badge>
    </Show>
  );
}

function Line(props: { label: string; children: JSX.Element }) {
  return (
    <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
