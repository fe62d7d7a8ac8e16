import type { ErrorCode } from '@contract/errors.ts';
import type { AuditAbout, AuditAction, AuditEntry, AuditQuery } from '@contract/studio.ts';
import Download from 'lucide-solid/icons/download';
import ScrollText from 'lucide-solid/icons/scroll-text';
import { createSignal, For, Show } from 'solid-js';
import { api, csvPath, UserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { createPaged, useMoney } from '~/state';
import { Card, DownloadLink, EmptyState, Listed, More, Select } from '~/ui';
import { ACTIONS } from './actions.ts';
import { ApplianceFrame } from './appliance-frame.tsx';

const ABOUT: readonly AuditAbout[] = ['deeds', 'access', 'all'];
type Shown = AuditAbout | AuditAction;
const isAbout = (shown: Shown): shown is AuditAbout => (ABOUT as readonly string[]).includes(shown);
const queryOf = (shown: Shown): AuditQuery => (isAbout(shown) ? { about: shown } : { action: shown });

/** Who did what, to whom, when, and how it ended. Nobody can change it. */
export default function AuditPage() {
  const [shown, setShown] = createSignal<Shown>('deeds');
  const entries = createPaged<AuditEntry>(
    (entry) => entry.entryId,
    async (page) => (await api.audit({ ...page, ...queryOf(shown()) })).entries,
    { filter: shown },
  );
  return (
    <ApplianceFrame lead={t('audit.lead')}>
      <div class="grid max-w-4xl gap-4">
        <div class="flex flex-wrap items-end justify-between gap-3">
          <div class="w-full max-w-sm">
            <Select<Shown>
              label={t('audit.show')}
              value={shown()}
              options={[
                ...ABOUT.map((value) => ({ value, label: t(`audit.about.${value}`) })),
                ...ACTIONS.map((value) => ({ value, label: t(`audit.action.${value}`) })),
              ]}
              onChange={setShown}
            />
          </div>
          <DownloadLink href={csvPath.audit(queryOf(shown()))} tone="quiet" icon={<Download size={16} />}>
            {t('common.csv')}
          </DownloadLink>
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
  /** Nothing to say of what was done as it was asked for. */
  const ending = (): string | null => {
    const { outcome } = props.entry;
    if (outcome === 'done') return null;
    if (outcome === null) return t('audit.unknown');
    return t('audit.refused', { why: errorText(new UserFacing(outcome as ErrorCode, outcome)) });
  };
  return (
    <li class="px-5 py-3.5 sm:px-6">
      <p class="break-words">
        <span class="font-semibold">{props.entry.actor?.displayName ?? t('audit.somebody')}</span>
        {' · '}
        {t(`audit.action.${props.entry.action}`)}
        <Show when={props.entry.person && props.entry.person.personId !== props.entry.actor?.personId}>
          {' · '}
          <span class="font-semibold">{props.entry.person?.displayName}</span>
        </Show>
      </p>
      <p class="text-sm break-words text-ink-soft">
        <time dateTime={props.entry.at}>{formatDateTime(props.entry.at, locale)}</time>
        <For each={details()}>{(words) => ` · ${words}`}</For>
      </p>
      <Show when={ending()}>{(words) => <p class="text-sm break-words text-danger">{words()}</p>}</Show>
    </li>
  );
}
