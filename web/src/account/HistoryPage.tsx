import type { CallLine } from '@contract/calls.ts';
import type { HistoryLine } from '@contract/money-api.ts';
import { A } from '@solidjs/router';
import Coins from 'lucide-solid/icons/coins';
import { For, Match, Show, Switch } from 'solid-js';
import { api } from '~/api';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Button, Card, EmptyState, PageHead, Skeleton } from '~/ui';
import { CallList } from './CallList.tsx';
import { createPaged, type Paged } from './pages.ts';

/** One's own calls and money, newest first. */
export default function HistoryPage() {
  const calls = createPaged<CallLine>(
    (line) => line.callId,
    async (page) => (await api.calls(page)).calls,
  );
  const money = createPaged<HistoryLine>(
    (line) => line.transferId,
    async (page) => (await api.history(page)).lines,
  );
  return (
    <>
      <PageHead title={t('history.title')} />
      <div class="grid items-start gap-5 2xl:grid-cols-2">
        <Card title={t('history.calls')} flush>
          <CallList calls={calls.lines()} error={calls.lines() ? undefined : calls.error()} onRetry={calls.more} />
          <More list={calls} />
        </Card>
        <Card title={t('history.money')} flush>
          <MoneyList list={money} />
          <More list={money} />
        </Card>
      </div>
    </>
  );
}

function More(props: { list: Pick<Paged<unknown>, 'lines' | 'hasMore' | 'isBusy' | 'more'> }) {
  return (
    <Show when={props.list.hasMore() && props.list.lines()}>
      <div class="flex justify-center p-4">
        <Button tone="quiet" busy={props.list.isBusy()} onClick={() => props.list.more()}>
          {t('common.more')}
        </Button>
      </div>
    </Show>
  );
}

function MoneyList(props: { list: Paged<HistoryLine> }) {
  return (
    <Switch>
      <Match when={props.list.error() && !props.list.lines() && props.list.error()}>
        {(error) => (
          <div class="grid justify-items-center gap-3 p-6 text-center" role="alert">
            <p>{errorWords(error())}</p>
            <Button tone="quiet" onClick={() => props.list.more()}>
              {t('common.tryAgain')}
            </Button>
          </div>
        )}
      </Match>
      <Match when={props.list.lines()?.length === 0}>
        <EmptyState icon={<Coins size={28} />} title={t('history.noMoney')} why={t('history.noMoneyWhy')} />
      </Match>
      <Match when={props.list.lines()}>
        {(lines) => (
          <ul class="divide-y divide-line">
            <For each={lines()}>{(line) => <MoneyLine line={line} />}</For>
          </ul>
        )}
      </Match>
      <Match when={true}>
        <div class="grid gap-4 p-6" role="status" aria-label={t('common.loading')}>
          <Skeleton class="h-10" />
          <Skeleton class="h-10" />
        </div>
      </Match>
    </Switch>
  );
}

function MoneyLine(props: { line: HistoryLine }) {
  const { session, money, locale } = useServices();
  const words = () => {
    const table = session.me()?.role === 'model' ? 'earnLine' : 'line';
    return t(`history.${table}.${props.line.kind}`, { unit: props.line.unit ?? '' });
  };
  const isIn = () => props.line.amountMinor > 0;
  return (
    <li class="flex items-center gap-4 px-5 py-3.5 sm:px-6">
      <div class="min-w-0 flex-1">
        <p class="font-medium">{words()}</p>
        <p class="text-sm text-ink-soft">
          {formatDateTime(props.line.at, locale)}
          <Show when={props.line.callId}>
            {(callId) => (
              <>
                {' · '}
                <A href={`/calls/${callId()}`} class="rounded underline underline-offset-4 hover:text-ink">
                  {t('history.call', { id: callId() })}
                </A>
              </>
            )}
          </Show>
          <Show when={props.line.reason}>{(reason) => ` · ${reason()}`}</Show>
        </p>
      </div>
      <p class="figures font-semibold" classList={{ 'text-brand': isIn() }}>
        {isIn() ? '+' : ''}
        {money(props.line.amountMinor)}
      </p>
    </li>
  );
}
