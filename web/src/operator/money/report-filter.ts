import type { ReportFigures, ReportQuery } from '@contract/money-api.ts';
import { addDays, dayOf, isDay, type Preset, presetSpan, type Span, spanInstants, zoneName } from '~/money';

type ReportBy = ReportQuery['by'];
type ReportSpan = Exclude<Preset, 'today' | 'week'> | 'custom';
export const BYS: ReportBy[] = ['day', 'model', 'client'];
export const SPANS: ReportSpan[] = ['last30', 'month', 'lastMonth', 'last90', 'year', 'custom'];
/** In the order of the table's columns. */
export const COLUMNS = [
  'calls',
  'turnoverMinor',
  'studioMinor',
  'modelMinor',
  'refundsMinor',
  'creditMinor',
  'bonusMinor',
  'adjustmentsMinor',
  'payoutsMinor',
] as const satisfies (keyof ReportFigures)[];

export type ReportParams = { by?: string; span?: string; from?: string; to?: string };
export type ReportFilter = { by: ReportBy; span: ReportSpan; days: Required<Span> };

/** What the page's address says; days that are missing are filled in. */
export function readReportFilter(params: ReportParams, now: Date): ReportFilter {
  const today = dayOf(now);
  const span = SPANS.find((one) => one === params.span) ?? 'last30';
  const by = BYS.find((one) => one === params.by) ?? 'day';
  if (span !== 'custom') return { by, span, days: presetSpan(span, today) };
  const to = isDay(params.to) ? params.to : today;
  return { by, span, days: { from: isDay(params.from) ? params.from : addDays(to, -29), to } };
}

export function toReportQuery(filter: ReportFilter): ReportQuery {
  return { by: filter.by, ...spanInstants(filter.days), zone: zoneName() };
}
