import type { HistoryLine } from '@contract/money-api.ts';
import type { Role } from '@contract/people.ts';
import { A } from '@solidjs/router';
import Coins from 'lucide-solid/icons/coins';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { type Paged, useMoney } from '~/state';
import { Button, EmptyState, Listed, More } from '~/ui';

/** Lines of money with the balance after each, newest first. */
export function MoneyList(props: {
  list: Paged<HistoryLine>;
  /** Whose money it is: the words of a charge differ. */
  role: Role;
  isFiltered: boolean;
  onClear: () => void;
}) {
  return (
    <div class="@container">
      <Listed
        items={props.list.lines()}
        error={props.list.problem()}
        onRetry={props.list.more}
        empty={
          <Show
            when={props.isFiltered}
            fallback={
              <EmptyState icon={<Coins size={28} />} title={t('history.noMoney')} why={t('history.noMoneyWhy')} />
            }
          >
            <EmptyState icon={<Coins size={28} />} title={t('history.noMatch')} why={t('history.noMatchWhy')}>
              <Button tone="quiet" onClick={() => props.onClear()}>
                {t('history.clear')}
              </Button>
            </EmptyState>
          </Show>
        }
      >
        {(lines) => (
          <>
            <p
              aria-hidden="true"
              class="hidden gap-4 border-b border-line px-5 pb-2 text-sm text-ink-soft sm:px-6 @lg:flex"
            >
              <span class="flex-1">{t('history.what')}</span>
              <span class="w-28 text-right">{t('history.amount')}</span>
              <span class="w-28 text-right">{t('history.balance')}</span>
            </p>
            <ul class="divide-y divide-line">
              <For each={lines()}>{(line) => <MoneyLine line={line} role={props.role} />}</For>
            </ul>
          </>
        )}
      </Listed>
      <More list={props.list} error={props.list.problem()} />
    </div>
  );
}

function MoneyLine(props: { line: HistoryLine; role: Role }) {
  const money = useMoney();
  const words = () => {
    const { kind, unit } = props.line;
    const isOfTip = kind === 'refund' && unit === null;
    return t(`history.${props.role === 'model' ? 'earnLine' : 'line'}.${isOfTip ? 'tip_refund' : kind}`, {
      unit: unit ?? '',
    });
  };
  const isIn = () => props.line.amountMinor > 0;
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 sm:px-6">
      <div class="min-w-0 flex-1 basis-32">
        <p class="font-medium">{words()}</p>
        <p class="text-sm break-words text-ink-soft">
          {formatDateTime(props.line.at, locale)}
          <Show when={props.line.callId}>
            {(callId) => (
              <>
                {' · '}
                <A
                  href={`/calls/${callId()}`}
                  class="inline-block min-h-6 rounded underline underline-offset-4 hover:text-ink"
                >
                  {t('history.call', { id: callId() })}
                </A>
              </>
            )}
          </Show>
          <Show when={props.line.reason}>{(reason) => ` · ${reason()}`}</Show>
        </p>
      </div>
      <div class="figures ml-auto text-right @lg:flex @lg:gap-4">
        <p class="font-semibold @lg:w-28" classList={{ 'text-brand': isIn() }}>
          {isIn() ? '+' : ''}
          {money(props.line.amountMinor)}
        </p>
        <p class="text-sm text-ink-soft @lg:w-28 @lg:text-base">
          <span class="sr-only">{t('history.balance')} </span>
          {money(props.line.balanceMinor)}
        </p>
      </div>
    </li>
  );
}
