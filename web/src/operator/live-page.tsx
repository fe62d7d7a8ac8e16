import type { Studio } from '@contract/api.ts';
import { A } from '@solidjs/router';
import Activity from 'lucide-solid/icons/activity';
import Database from 'lucide-solid/icons/database';
import Flag from 'lucide-solid/icons/flag';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import UsersRound from 'lucide-solid/icons/users-round';
import { createSignal, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useHub } from '~/hub';
import { errorText, t } from '~/i18n';
import { useMoney } from '~/state';
import { Badge, Card, EmptyState, Notice, PageHead, SkeletonCards, Tile } from '~/ui';
import { Alarms } from './alarms.tsx';
import { CallsNow } from './calls-now.tsx';
import { FirstSteps } from './first-steps.tsx';
import { LedgerCard } from './ledger-card.tsx';

const POLL_MS = 2_000;

/** The state of the appliance: at once when money moves, and every two seconds for meters and health. */
export default function LivePage() {
  const hub = useHub();
  const [studio, setStudio] = createSignal<Studio | null>(null);
  const [problem, setProblem] = createSignal<string | null>(null);
  let isReading = false;

  async function read() {
    if (isReading || document.visibilityState === 'hidden') return;
    isReading = true;
    try {
      setStudio(await api.studio());
      setProblem(null);
    } catch (thrown) {
      setProblem(errorText(toUserFacing(thrown)));
    } finally {
      isReading = false;
    }
  }
  onMount(() => {
    void read();
    const timer = setInterval(read, POLL_MS);
    const stop = hub.listen((message) => message.type === 'money' && void read());
    onCleanup(() => {
      clearInterval(timer);
      stop();
    });
  });

  return (
    <>
      <PageHead title={t('operator.liveTitle')} />
      <div class="mb-5 grid gap-3 empty:hidden">
        <Show when={problem()}>
          {(words) => (
            <Notice tone="warn" icon={<TriangleAlert size={22} />} title={studio() ? t('operator.stale') : words()} />
          )}
        </Show>
      </div>
      <Show when={(studio()?.openReportCount ?? 0) > 0}>
        <div class="mb-5">
          <Notice tone="warn" icon={<Flag size={22} />} title={t('disputes.waiting', studio()?.openReportCount ?? 0)}>
            <A href="/operator/disputes" class="inline-block min-h-6 font-semibold underline underline-offset-4">
              {t('disputes.read')}
            </A>
          </Notice>
        </div>
      </Show>
      <Show when={studio()} fallback={<SkeletonCards count={4} class="grid gap-4 sm:grid-cols-2 xl:grid-cols-4" />}>
        {(one) => <Board studio={one()} />}
      </Show>
    </>
  );
}

function Board(props: { studio: Studio }) {
  const money = useMoney();
  return (
    <div class="grid gap-5">
      <Alarms studio={props.studio} />
      <FirstSteps studio={props.studio} />
      <Balances studio={props.studio} />
      <div class="grid items-start gap-5 xl:grid-cols-[2fr_1fr]">
        <div class="grid gap-5">
          <Card
            title={t('operator.callsNow')}
            aside={
              <Show when={props.studio.calls.length > 0}>
                <p class="figures text-ink-soft">
                  {t('operator.perMinute', { amount: money(perMinuteMinor(props.studio)) })}
                </p>
              </Show>
            }
            flush
          >
            <Show
              when={props.studio.calls.length > 0}
              fallback={
                <EmptyState
                  icon={<Activity size={28} />}
                  title={t('operator.noCalls')}
                  why={t('operator.noCallsWhy')}
                />
              }
            >
              <CallsNow calls={props.studio.calls} />
            </Show>
          </Card>
        </div>
        <div class="grid gap-5">
          <HealthCard studio={props.studio} />
          <LedgerCard ledger={props.studio.ledger} />
        </div>
      </div>
    </div>
  );
}

function Balances(props: { studio: Studio }) {
  const money = useMoney();
  return (
    <dl class="grid grid-cols-[repeat(auto-fit,minmax(min(100%,8rem),1fr))] gap-3 sm:grid-cols-2 sm:gap-5 xl:grid-cols-4">
      <Tile label={t('operator.revenue')}>{money(props.studio.revenueMinor)}</Tile>
      <Tile label={t('operator.credit')}>{money(props.studio.creditMinor)}</Tile>
      <Tile label={t('operator.earnings')}>{money(props.studio.earningsMinor)}</Tile>
      <Tile label={t('operator.payoutsDue')}>
        <A
          href="/operator/money/payouts"
          class="rounded underline decoration-line-strong decoration-2 underline-offset-6 hover:text-brand"
        >
          {money(props.studio.payoutsDueMinor)}
        </A>
      </Tile>
    </dl>
  );
}

function HealthCard(props: { studio: Studio }) {
  const isDatabaseGood = () => props.studio.database.isUp && props.studio.database.isWritable;
  return (
    <Card title={t('operator.health')}>
      <ul class="grid gap-4">
        <Health icon={<Activity size={20} />} label={t('operator.media')} isGood={props.studio.media.isUp}>
          {t(props.studio.media.isUp ? 'operator.mediaUp' : 'operator.mediaDown')},{' '}
          {t('operator.restarts', props.studio.media.restartCount)}
        </Health>
        <Health icon={<Database size={20} />} label={t('operator.database')} isGood={isDatabaseGood()}>
          {t(isDatabaseGood() ? 'operator.up' : props.studio.database.isUp ? 'operator.readOnly' : 'operator.down')}
        </Health>
        <li class="flex items-center gap-3">
          <UsersRound size={20} aria-hidden="true" class="text-ink-soft" />
          <span class="flex-1">{t('operator.pages')}</span>
          <span class="figures font-semibold">{props.studio.socketCount}</span>
        </li>
      </ul>
    </Card>
  );
}

/** What the meters that run now take in a minute. */
const perMinuteMinor = (studio: Studio) =>
  studio.calls.reduce((sum, call) => sum + (call.meterState === 'charging' ? call.rateMinor : 0), 0);

function Health(props: { icon: JSX.Element; label: string; isGood: boolean; children: JSX.Element }) {
  return (
    <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span class="text-ink-soft" aria-hidden="true">
        {props.icon}
      </span>
      <span class="flex-1">{props.label}</span>
      <Badge tone={props.isGood ? 'good' : 'bad'}>{props.children}</Badge>
    </li>
  );
}
