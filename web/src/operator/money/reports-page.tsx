import type { Report } from '@contract/money-api.ts';
import { useSearchParams } from '@solidjs/router';
import ChartNoAxesColumn from 'lucide-solid/icons/chart-no-axes-column';
import Download from 'lucide-solid/icons/download';
import { createMemo, createResource, For, lazy, Match, Show, Suspense, Switch } from 'solid-js';
import { api, csvPath, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDay } from '~/money';
import { keepFresh, kept, useMoney } from '~/state';
import { Card, DownloadLink, EmptyState, Failed, Field, Segments, Skeleton, SkeletonCards, Tile } from '~/ui';
import { MoneyFrame } from './money-frame.tsx';
import {
  BYS,
  COLUMNS,
  type ReportFilter,
  type ReportParams,
  readReportFilter,
  SPANS,
  toReportQuery,
} from './report-filter.ts';
import { ReportTable } from './report-table.tsx';

/** A report adds up the whole time that it covers. */
const REPORT_MS_MIN = 3_000;

const Plot = lazy(() => import('./plot.tsx'));

/** What the studio turned over, earned and owes, by day, model or client. */
export default function ReportsPage() {
  const [params, setParams] = useSearchParams<ReportParams>();
  const filter = createMemo(() => readReportFilter(params, new Date()));
  const query = createMemo(() => toReportQuery(filter()), undefined, {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  const isWrong = () => filter().days.from > filter().days.to;
  const [read, { refetch }] = createResource(
    () => (isWrong() ? null : query()),
    (asked) => api.report(asked),
  );
  const report = kept(read);
  keepFresh(
    async () => void (await refetch()),
    () => false,
    REPORT_MS_MIN,
  );
  const set = (change: Record<string, string | null>) => setParams(change, { replace: true, scroll: false });

  return (
    <MoneyFrame>
      <div class="grid grid-cols-1 gap-5">
        <FilterBar filter={filter()} isWrong={isWrong()} onChange={set} csv={csvPath.report(query())} />
        <Switch fallback={<SkeletonCards count={3} />}>
          <Match when={read.error && !report()}>
            <Failed text={errorText(toUserFacing(read.error))} onRetry={refetch} />
          </Match>
          <Match when={report()}>{(found) => <Figures report={found()} filter={filter()} />}</Match>
        </Switch>
      </div>
    </MoneyFrame>
  );
}

function FilterBar(props: {
  filter: ReportFilter;
  isWrong: boolean;
  csv: string;
  onChange: (change: Record<string, string | null>) => void;
}) {
  return (
    <div class="flex flex-wrap items-start gap-3">
      <Segments
        label={t('money.by')}
        options={BYS.map((value) => ({
          value,
          label: t(`money.${value === 'day' ? 'byDay' : value === 'model' ? 'byModel' : 'byClient'}`),
        }))}
        value={props.filter.by}
        onChange={(by) => props.onChange({ by })}
      />
      <Segments
        label={t('money.span')}
        options={SPANS.map((value) => ({ value, label: t(`money.preset.${value}`) }))}
        value={props.filter.span}
        onChange={(span) =>
          props.onChange({ span, ...(span === 'custom' ? props.filter.days : { from: null, to: null }) })
        }
      />
      <div class="ml-auto">
        <DownloadLink href={props.csv} tone="quiet" icon={<Download size={16} />}>
          {t('common.csv')}
        </DownloadLink>
      </div>
      <Show when={props.filter.span === 'custom'}>
        <div class="grid w-full max-w-lg gap-3 min-[26rem]:grid-cols-2">
          <Field
            label={t('common.from')}
            type="date"
            value={props.filter.days.from}
            onChange={(event) => props.onChange({ from: event.currentTarget.value })}
            error={props.isWrong ? t('history.wrongSpan') : undefined}
          />
          <Field
            label={t('common.to')}
            type="date"
            value={props.filter.days.to}
            onChange={(event) => props.onChange({ to: event.currentTarget.value })}
          />
        </div>
      </Show>
    </div>
  );
}

function Figures(props: { report: Report; filter: ReportFilter }) {
  const span = () => ({
    from: formatDay(props.filter.days.from, locale),
    to: formatDay(props.filter.days.to, locale),
  });
  const isEmpty = () => COLUMNS.every((column) => props.report.total[column] === 0);
  const byDay = () => props.report.by === 'day' && props.report.rows.filter((row) => row.day !== null);
  const days = createMemo(() => (byDay() || []).map((row) => row.day ?? ''));
  const series = createMemo(() => [
    {
      label: t('money.figures.turnoverMinor'),
      look: 'bars' as const,
      values: (byDay() || []).map((row) => row.turnoverMinor as number),
    },
    {
      label: t('money.figures.studioMinor'),
      look: 'line' as const,
      values: (byDay() || []).map((row) => row.studioMinor as number),
    },
  ]);
  return (
    <>
      <Totals report={props.report} />
      <Show
        when={!isEmpty()}
        fallback={
          <Card>
            <EmptyState
              icon={<ChartNoAxesColumn size={28} />}
              title={t('money.noReport')}
              why={t('money.noReportWhy')}
            />
          </Card>
        }
      >
        <Show when={byDay()}>
          <Card title={t('money.plotTitle')}>
            <Suspense fallback={<Skeleton class="h-72" />}>
              <Plot label={t('money.plotLabel', span())} days={days()} series={series()} />
            </Suspense>
          </Card>
        </Show>
        <Card flush>
          <ReportTable report={props.report} label={t('money.tableLabel', span())} />
        </Card>
      </Show>
      <NowCard report={props.report} />
    </>
  );
}

function Totals(props: { report: Report }) {
  const money = useMoney();
  return (
    <dl class="grid grid-cols-[repeat(auto-fit,minmax(min(100%,8rem),1fr))] gap-3 sm:grid-cols-2 sm:gap-5 lg:grid-cols-4">
      <For each={['turnoverMinor', 'studioMinor', 'modelMinor', 'refundsMinor'] as const}>
        {(column) => (
          <Tile small label={t(`money.figures.${column}`)}>
            {money(props.report.total[column])}
          </Tile>
        )}
      </For>
    </dl>
  );
}

/** What stands open now, whatever time the report is of. */
function NowCard(props: { report: Report }) {
  const money = useMoney();
  return (
    <Card title={t('money.now')}>
      <dl class="grid gap-x-8 gap-y-3 sm:grid-cols-3">
        <For
          each={[
            [t('money.creditOutstanding'), props.report.creditOutstandingMinor],
            [t('money.earningsOwed'), props.report.earningsOwedMinor],
            [t('money.payoutsDue'), props.report.payoutsDueMinor],
          ]}
        >
          {([label, minor]) => (
            <div>
              <dt class="text-sm text-ink-soft">{label}</dt>
              <dd class="figures text-xl font-semibold">{money(minor as number)}</dd>
            </div>
          )}
        </For>
      </dl>
    </Card>
  );
}
