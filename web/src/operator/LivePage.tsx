import type { Studio } from '@contract/api.ts';
import { A } from '@solidjs/router';
import Activity from 'lucide-solid/icons/activity';
import Database from 'lucide-solid/icons/database';
import Scale from 'lucide-solid/icons/scale';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import UsersRound from 'lucide-solid/icons/users-round';
import { createResource, createSignal, For, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { Badge, Card, EmptyState, LinkButton, Notice, PageHead, SkeletonCards } from '~/ui';
import { CallsNow } from './CallsNow.tsx';

const POLL_MS = 2_000;

/** The state of the house, read every two seconds while the page is looked at. */
export default function LivePage() {
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
      setProblem(errorWords(toUserFacing(thrown)));
    } finally {
      isReading = false;
    }
  }
  onMount(() => {
    void read();
    const timer = setInterval(read, POLL_MS);
    onCleanup(() => clearInterval(timer));
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
      <Show when={studio()} fallback={<SkeletonCards count={4} class="grid gap-4 sm:grid-cols-2 xl:grid-cols-4" />}>
        {(one) => <Board studio={one()} />}
      </Show>
    </>
  );
}

function Board(props: { studio: Studio }) {
  const { money } = useServices();
  return (
    <div class="grid gap-5">
      <Alarms studio={props.studio} />
      <dl class="grid grid-cols-2 gap-3 sm:gap-5 xl:grid-cols-4">
        <Tile label={t('operator.callsNow')}>{props.studio.calls.length}</Tile>
        <Tile label={t('operator.revenue')}>{money(props.studio.revenueMinor)}</Tile>
        <Tile label={t('operator.credit')}>{money(props.studio.creditMinor)}</Tile>
        <Tile label={t('operator.earnings')}>{money(props.studio.earningsMinor)}</Tile>
      </dl>
      <div class="grid items-start gap-5 xl:grid-cols-[2fr_1fr]">
        <div class="grid gap-5">
          <Card title={t('operator.callsNow')} flush>
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
          <FirstSteps />
        </div>
        <Card title={t('operator.health')}>
          <ul class="grid gap-4">
            <Health icon={<Activity size={20} />} label={t('operator.media')} isGood={props.studio.media.isUp}>
              {t(props.studio.media.isUp ? 'operator.mediaUp' : 'operator.mediaDown')},{' '}
              {t('operator.restarts', props.studio.media.restartCount)}
            </Health>
            <Health icon={<Database size={20} />} label={t('operator.database')} isGood={props.studio.database.isUp}>
              {t(props.studio.database.isUp ? 'operator.up' : 'operator.down')}
            </Health>
            <Health icon={<Scale size={20} />} label={t('operator.ledger')} isGood={props.studio.ledgerBalanced}>
              {t(props.studio.ledgerBalanced ? 'operator.balanced' : 'operator.unbalanced')}
            </Health>
            <li class="flex items-center gap-3">
              <UsersRound size={20} aria-hidden="true" class="text-ink-soft" />
              <span class="flex-1">{t('operator.pages')}</span>
              <span class="figures font-semibold">{props.studio.socketCount}</span>
            </li>
          </ul>
        </Card>
      </div>
    </div>
  );
}

function Tile(props: { label: string; children: JSX.Element }) {
  return (
    <div class="min-w-0 rounded-card border border-line bg-card p-4 shadow-card sm:p-6">
      <dt class="text-sm text-ink-soft">{props.label}</dt>
      <dd class="figures mt-1 text-xl font-semibold break-words min-[24rem]:text-2xl sm:text-3xl">{props.children}</dd>
    </div>
  );
}

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

function Alarms(props: { studio: Studio }) {
  const isAlarmed = () => !props.studio.ledgerBalanced || props.studio.disagreements.length > 0;
  return (
    <Show when={isAlarmed()}>
      <Notice tone="bad" icon={<TriangleAlert size={24} />} title={t('operator.alarmTitle')} alert>
        <Show when={!props.studio.ledgerBalanced}>
          <p class="mt-1">{t('operator.alarmLedger')}</p>
        </Show>
        <Show when={props.studio.disagreements.length > 0}>
          <p class="mt-1">
            {t('operator.alarmCalls')}{' '}
            <For each={props.studio.disagreements}>
              {(callId) => (
                <A
                  href={`/calls/${callId}`}
                  class="mr-3 inline-block min-h-6 font-semibold underline underline-offset-4"
                >
                  {t('receipt.number', { id: callId })}
                </A>
              )}
            </For>
          </p>
        </Show>
      </Notice>
    </Show>
  );
}

/** What a new operator does first; gone once there is a model, a client and credit. */
function FirstSteps() {
  const [people] = createResource(async () => (await api.people()).people.filter((one) => one.role !== 'operator'));
  const steps = () => {
    const list = people.error ? [] : (people() ?? []);
    return [
      { words: t('operator.startModel'), isDone: list.some((one) => one.role === 'model') },
      { words: t('operator.startClient'), isDone: list.some((one) => one.role === 'client') },
      {
        words: t('operator.startCredit'),
        isDone: list.some((one) => one.role === 'client' && (one.balanceMinor ?? 0) > 0),
      },
    ];
  };
  const isOpen = () =>
    people.state === 'ready' &&
    !steps()
      .slice(0, 2)
      .every((step) => step.isDone);
  return (
    <Show when={isOpen()}>
      <Card title={t('operator.startTitle')}>
        <p class="mb-4 text-ink-soft">{t('operator.startLead')}</p>
        <ol class="mb-5 grid gap-3">
          <For each={steps()}>
            {(step, index) => (
              <li class="flex items-center gap-3">
                <span
                  class={`flex size-8 shrink-0 items-center justify-center rounded-full font-semibold ${step.isDone ? 'bg-brand text-on-brand' : 'bg-brass-soft text-on-brass-soft'}`}
                >
                  {step.isDone ? '✓' : index() + 1}
                </span>
                <span classList={{ 'text-ink-soft': step.isDone }}>{step.words}</span>
              </li>
            )}
          </For>
        </ol>
        <LinkButton href="/operator/people">{t('operator.startGo')}</LinkButton>
      </Card>
    </Show>
  );
}
