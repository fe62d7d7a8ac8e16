import type { Role } from '@contract/people.ts';
import { Show } from 'solid-js';
import { t } from '~/i18n';
import { Chips, Field, Segments } from '~/ui';
import { GROUPS_OF, type HistoryFilter, isWrongSpan, type KindGroup, SPANS } from './history-filter.ts';

/** Chooses kinds and time. */
export function HistoryFilterBar(props: {
  role: Role;
  filter: HistoryFilter;
  onChange: (filter: HistoryFilter) => void;
}) {
  const words = (group: KindGroup) =>
    group === 'calls'
      ? t(`history.groups.calls.${props.role === 'model' ? 'model' : 'client'}`)
      : t(`history.groups.${group}`);
  const setDay = (side: 'from' | 'to', day: string) =>
    props.onChange({ ...props.filter, days: { ...props.filter.days, [side]: day || undefined } });
  return (
    <div class="grid gap-3 px-5 pb-4 sm:px-6">
      <Chips
        label={t('history.filter')}
        options={GROUPS_OF[props.role].map((value) => ({ value, label: words(value) }))}
        chosen={props.filter.groups}
        onChange={(groups) => props.onChange({ ...props.filter, groups })}
      />
      <div>
        <Segments
          label={t('history.when')}
          options={SPANS.map((value) => ({ value, label: t(`history.span.${value}`) }))}
          value={props.filter.span}
          onChange={(span) => props.onChange({ ...props.filter, span })}
        />
      </div>
      <Show when={props.filter.span === 'custom'}>
        <div class="grid gap-3 min-[26rem]:grid-cols-2">
          <Field
            label={t('common.from')}
            type="date"
            value={props.filter.days.from ?? ''}
            onChange={(event) => setDay('from', event.currentTarget.value)}
            error={isWrongSpan(props.filter.days) ? t('history.wrongSpan') : undefined}
          />
          <Field
            label={t('common.to')}
            type="date"
            value={props.filter.days.to ?? ''}
            onChange={(event) => setDay('to', event.currentTarget.value)}
          />
        </div>
      </Show>
    </div>
  );
}
