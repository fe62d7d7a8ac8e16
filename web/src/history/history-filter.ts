import type { HistoryQuery, TransferKind } from '@contract/money-api.ts';
import type { Role } from '@contract/people.ts';
import { isDay, type Preset, presetSpan, type Span, spanInstants } from '~/money';

export type KindGroup = 'calls' | 'refunds' | 'credit' | 'payouts' | 'corrections';

const GROUPS: Record<KindGroup, TransferKind[]> = {
  calls: ['charge', 'minimum', 'tip'],
  refunds: ['refund', 'release'],
  credit: ['top_up', 'voucher', 'payment', 'bonus'],
  payouts: ['payout', 'payout_returned'],
  corrections: ['adjustment'],
};

/** The groups of kinds that a role's history can hold. */
export const GROUPS_OF: Record<Role, KindGroup[]> = {
  client: ['calls', 'refunds', 'credit', 'corrections'],
  model: ['calls', 'refunds', 'payouts', 'corrections'],
  operator: ['calls', 'refunds', 'credit', 'payouts', 'corrections'],
};

type SpanName = 'today' | 'week' | 'month' | 'all' | 'custom';
export const SPANS: SpanName[] = ['all', 'today', 'week', 'month', 'custom'];

/** What is chosen; it stands in the page's address, so that the way back from a receipt finds it again. */
export type HistoryFilter = { groups: KindGroup[]; span: SpanName; days: Span };
export type FilterParams = { show?: string; span?: string; from?: string; to?: string };

export function readFilter(params: FilterParams): HistoryFilter {
  const groups = (params.show ?? '').split(',').filter((one): one is KindGroup => one in GROUPS);
  const span = SPANS.find((one) => one === params.span) ?? 'all';
  return {
    groups,
    span,
    days: { from: isDay(params.from) ? params.from : undefined, to: isDay(params.to) ? params.to : undefined },
  };
}

export function filterParams(filter: HistoryFilter): Record<keyof FilterParams, string | null> {
  const isCustom = filter.span === 'custom';
  return {
    show: filter.groups.join(',') || null,
    span: filter.span === 'all' ? null : filter.span,
    from: (isCustom && filter.days.from) || null,
    to: (isCustom && filter.days.to) || null,
  };
}

/** The days that are meant; `today` is YYYY-MM-DD. */
export function spanOf(filter: HistoryFilter, today: string): Span {
  if (filter.span === 'all') return {};
  return filter.span === 'custom' ? filter.days : presetSpan(filter.span satisfies Preset, today);
}

export const isWrongSpan = ({ from, to }: Span): boolean => from !== undefined && to !== undefined && from > to;

/** The filter as the API has it. */
export function toQuery(filter: HistoryFilter, today: string, personId: number | null): HistoryQuery {
  const kinds = filter.groups.flatMap((group) => GROUPS[group]);
  return {
    ...(kinds.length > 0 ? { kind: kinds.join(',') } : {}),
    ...spanInstants(spanOf(filter, today)),
    ...(personId === null ? {} : { personId }),
  };
}
