import type { AuditAction, AuditEntry } from '@contract/studio.ts';
import ScrollText from 'lucide-solid/icons/scroll-text';
import { createSignal, For, Show } from 'solid-js';
import { api } from '~/api';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { createPaged, useMoney } from '~/state';
import { Card, EmptyState, Listed, More, Select } from '~/ui';
import { ACTIONS } from './actions.ts';
import { ApplianceFrame } from './appliance-frame.tsx';

/** Who of the studio did what, to whom, and when. Nobody can change it. */
export default function AuditPage() {
  const [action, setAction] = createSignal<AuditAction | 'all'>('all');
  const entries = createPaged<AuditEntry>(
    (entry) => entry.entryId,
    async (page) => {
      const wanted = action();
      return (await api.audit({ ...page, ...(wanted !== 'all' && { action: wanted }) })).entries;
    },
    { filter: action },
  );
  return (
    <ApplianceFrame lead={t('audit.lead')}>
      <div class="grid max-w-4xl gap-4">
        <div class="max-w-xs">
          <Select<AuditAction | 'all'>
            label={t('audit.show')}
            value={action()}
            options={[
              { value: 'all', label: t('audit.all') },
              ...ACTIONS.map((value) => ({ value, label: t(`audit.action.${value}`) })),
            ]}
            onChange={setAction}
          />
        </div>
        <Card flush>
          <Listed
            items={entries.lines()}
            error={entries.problem()}
            onRetry={entries.more}
            empty={<EmptyState icon={<ScrollText size={28} />} title={t('audit.none')} why={t('audit.noneWhy')} />}
          >
            {(list) => (
              <ol class="divide-y divide-line">
                <For each={list()}>{(entry) => <Line entry={entry} />}</For>
              </ol>
            )}
          </Listed>
          <More list={entries} error={entries.problem()} />
        </Card>
      </div>
    </ApplianceFrame>
  );
}

/** Roles and kinds in the page's language; anything else as it was written. */
function spoken(key: string, value: string): string {
  if (key === 'role') return (t(`role.${value as 'client'}`) as string | undefined) ?? value;
  if (key === 'kind') return (t(`history.line.${value as 'bonus'}`) as string | undefined) ?? value;
  return value;
}

function Line(props: { entry: AuditEntry }) {
  const money = useMoney();
  const details = (): string[] =>
    Object.entries(props.entry.detail).map(([key, value]) => {
      const label = t(`audit.detail.${key}` as 'audit.detail.reason') as string | undefined;
      const words =
        key === 'amountMinor' && typeof value === 'number'
          ? money(value)
          : typeof value === 'boolean'
            ? t(value ? 'audit.yes' : 'audit.no')
            : spoken(key, String(value));
      return `${label ?? key}: ${words}`;
    });
  return (
    <li class="px-5 py-3.5 sm:px-6">
      <p class="break-words">
        <span class="font-semibold">{props.entry.actor.displayName}</span>
        {' · '}
        {t(`audit.action.${props.entry.action}`)}
        <Show when={props.entry.person && props.entry.person.personId !== props.entry.actor.personId}>
          {' · '}
          <span class="font-semibold">{props.entry.person?.displayName}</span>
        </Show>
      </p>
      <p class="text-sm break-words text-ink-soft">
        <time dateTime={props.entry.at}>{formatDateTime(props.entry.at, locale)}</time>
        <For each={details()}>{(words) => ` · ${words}`}</For>
      </p>
    </li>
  );
}
