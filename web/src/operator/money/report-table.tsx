import type { Report, ReportFigures } from '@contract/money-api.ts';
import { A } from '@solidjs/router';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDay } from '~/money';
import { useMoney } from '~/state';
import { Rows } from '~/ui';
import { COLUMNS } from './report-filter.ts';

type Row = Report['rows'][number];

/** A day without anything says nothing: such rows are left out of the table. */
const isBusy = (row: Row) => COLUMNS.some((column) => row[column] !== 0);

export function ReportTable(props: { report: Report; label: string }) {
  const rows = () => {
    const busy = props.report.rows.filter(isBusy);
    return props.report.by === 'day' ? busy.toReversed() : busy;
  };
  const head = 'sticky left-0 z-1 bg-card text-left font-medium';
  return (
    <section class="overflow-x-auto rounded-card" aria-label={props.label} tabindex="0">
      <table class="figures w-full border-separate border-spacing-0 text-right whitespace-nowrap">
        <caption class="sr-only">{props.label}</caption>
        <thead>
          <tr class="text-sm text-ink-soft *:border-b *:border-line *:px-3 *:py-2 *:font-medium">
            <th scope="col" class={`${head} pl-5! sm:pl-6!`}>
              {t(props.report.by === 'day' ? 'money.day' : 'money.person')}
            </th>
            <For each={COLUMNS}>{(column) => <th scope="col">{t(`money.figures.${column}`)}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <Rows each={rows()} idOf={(row) => row.person?.personId ?? row.day ?? ''}>
            {(row) => (
              <tr class="*:border-b *:border-line *:px-3 *:py-2.5">
                <th scope="row" class={`${head} max-w-44 truncate pl-5! sm:max-w-none sm:pl-6!`}>
                  <Name row={row()} />
                </th>
                <Cells figures={row()} />
              </tr>
            )}
          </Rows>
        </tbody>
        <tfoot>
          <tr class="font-semibold *:px-3 *:py-3">
            <th scope="row" class={`${head} pl-5! font-semibold! sm:pl-6!`}>
              {t('money.total')}
            </th>
            <Cells figures={props.report.total} />
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function Name(props: { row: Row }) {
  return (
    <Show when={props.row.person} fallback={formatDay(props.row.day ?? '', locale)}>
      {(person) => (
        <A href={`/history?personId=${person().personId}`} class="rounded underline underline-offset-4">
          {person().displayName}
        </A>
      )}
    </Show>
  );
}

function Cells(props: { figures: ReportFigures }) {
  const money = useMoney();
  return (
    <For each={COLUMNS}>
      {(column) => {
        const value = () => props.figures[column];
        return <td classList={{ 'text-ink-soft': value() === 0 }}>{column === 'calls' ? value() : money(value())}</td>;
      }}
    </For>
  );
}
