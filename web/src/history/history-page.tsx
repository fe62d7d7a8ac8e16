import type { HistoryLine } from '@contract/money-api.ts';
import type { PersonRow } from '@contract/people.ts';
import { useSearchParams } from '@solidjs/router';
import Download from 'lucide-solid/icons/download';
import UserX from 'lucide-solid/icons/user-x';
import { createMemo, createResource, Match, Show, Switch } from 'solid-js';
import { api, csvPath, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { dayOf } from '~/money';
import { createPaged, kept, useSession } from '~/state';
import { Card, DownloadLink, EmptyState, Failed, More, PageHead, SkeletonCards } from '~/ui';
import { CallList } from './call-list.tsx';
import { createCalls } from './calls.ts';
import { type FilterParams, filterParams, isWrongSpan, readFilter, spanOf, toQuery } from './history-filter.ts';
import { HistoryFilterBar } from './history-filter-bar.tsx';
import { MoneyList } from './money-list.tsx';

/** One's own calls and money, newest first. The operator sees a person's money with `?personId=`. */
export default function HistoryPage() {
  const session = useSession();
  const [params] = useSearchParams<{ personId: string }>();
  const personId = () => (session.me()?.role === 'operator' ? Number(params.personId) : null);
  return (
    <Show when={personId() === null} fallback={<PersonHistory personId={personId() ?? 0} />}>
      <PageHead title={t('history.title')} />
      <div class="grid items-start gap-5 2xl:grid-cols-2">
        <Calls />
        <Money person={null} />
      </div>
    </Show>
  );
}

/** Whoever it is among however many, gone from the studio or not; null when there is no such person. */
async function personOf(personId: number): Promise<PersonRow | null> {
  if (!Number.isSafeInteger(personId + 1) || personId < 1) return null;
  for (const state of [{}, { state: 'deleted' }] as const) {
    const [person] = (await api.people({ before: personId + 1, limit: 1, ...state })).people;
    if (person?.personId === personId) return person;
  }
  return null;
}

function PersonHistory(props: { personId: number }) {
  const [read, { refetch }] = createResource(
    () => ({ personId: props.personId }),
    ({ personId }) => personOf(personId),
  );
  const person = kept(read);
  return (
    <Switch fallback={<SkeletonCards count={2} />}>
      <Match when={read.error && person() === undefined}>
        <Failed text={errorText(toUserFacing(read.error))} onRetry={refetch} />
      </Match>
      <Match when={person()}>
        {(one) => (
          <div class="max-w-4xl">
            <PageHead title={t('history.of', { name: one().displayName })} lead={t(`role.${one().role}`)} />
            <Money person={one()} />
          </div>
        )}
      </Match>
      <Match when={person() === null}>
        <EmptyState isPage icon={<UserX size={28} />} title={t('history.lost')} why="" />
      </Match>
    </Switch>
  );
}

function Calls() {
  const calls = createCalls();
  return (
    <Card title={t('history.calls')} flush>
      <CallList calls={calls.lines()} problem={calls.lines() ? undefined : calls.problem()} onRetry={calls.more} />
      <More list={calls} />
    </Card>
  );
}

function Money(props: { person: PersonRow | null }) {
  const session = useSession();
  const [params, setParams] = useSearchParams<FilterParams>();
  const filter = createMemo(() => readFilter(params));
  const today = () => dayOf(new Date());
  const query = () => toQuery(filter(), today(), props.person?.personId ?? null);
  const isWrong = () => isWrongSpan(spanOf(filter(), today()));
  const isFiltered = () => filter().groups.length > 0 || filter().span !== 'all';
  const role = () => props.person?.role ?? session.me()?.role ?? 'client';
  const key = createMemo(() => JSON.stringify(query()));
  const lines = createPaged<HistoryLine>(
    (line) => line.transferId,
    async (page) => (isWrong() ? [] : (await api.history({ ...query(), ...page })).lines),
    { filter: key },
  );
  return (
    <Card
      title={t('history.money')}
      flush
      aside={
        <DownloadLink href={csvPath.history(query())} tone="quiet" size="sm" icon={<Download size={16} />}>
          {t('common.csv')}
        </DownloadLink>
      }
    >
      {/* Where there has never been anything, there is nothing to choose. */}
      <Show when={isFiltered() || lines.lines()?.length !== 0}>
        <div class="pt-3">
          <HistoryFilterBar
            role={role()}
            filter={filter()}
            onChange={(next) => setParams(filterParams(next), { replace: true, scroll: false })}
          />
        </div>
      </Show>
      <MoneyList
        list={lines}
        role={role()}
        isFiltered={isFiltered()}
        onClear={() => setParams(filterParams({ groups: [], span: 'all', days: {} }), { replace: true, scroll: false })}
      />
    </Card>
  );
}
