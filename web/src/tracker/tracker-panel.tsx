import type { CallView } from '@contract/calls.ts';
import AppWindow from 'lucide-solid/icons/app-window';
import Phone from 'lucide-solid/icons/phone';
import PhoneOff from 'lucide-solid/icons/phone-off';
import Wallet from 'lucide-solid/icons/wallet';
import { createSignal, For, Show } from 'solid-js';
import { useCall } from '~/call';
import { useHub } from '~/hub';
import { locale, t } from '~/i18n';
import { createClock } from '~/meter';
import { formatClock, formatCountdown, formatTime } from '~/money';
import { useMoney, useSession } from '~/state';
import { Button } from '~/ui';
import { type TrackerState, trackerState } from './tracker-state.ts';

const DOTS: Record<TrackerState['tone'], string> = {
  quiet: 'bg-white/70',
  ring: 'bg-lamp animate-breathe',
  good: 'bg-live animate-breathe',
  warn: 'bg-lamp',
  bad: 'bg-[#ff8f83]',
};

/** State of call and meter, what is charged, how much longer; and who calls, with the answer. */
export default function TrackerPanel(props: { onShowPage?: () => void }) {
  const session = useSession();
  const hub = useHub();
  const call = useCall();
  const idle = (): TrackerState => {
    const me = session.me();
    if (me?.role !== 'model') return { tone: 'quiet', title: t('trackerWindow.noCall'), why: null };
    const until = me.availableUntil;
    return until !== null && Date.parse(until) > Date.now()
      ? {
          tone: 'good',
          title: t('trackerWindow.waiting'),
          why: t('model.onUntil', { time: formatTime(until, locale) }),
        }
      : { tone: 'quiet', title: t('model.off'), why: null };
  };
  const isLost = () => hub.state() === 'reconnecting' || hub.state() === 'connecting';
  const state = (): TrackerState =>
    isLost()
      ? { tone: 'warn', title: t('trackerWindow.lost'), why: t('trackerWindow.lostWhy') }
      : trackerState(call.view(), idle());
  const isRingingHer = () => call.view()?.state === 'ringing' && call.view()?.mySide === 'model';
  const hasFigures = () => ['live', 'suspended', 'ended'].includes(call.view()?.state ?? '');

  return (
    <div class="flex flex-1 flex-col gap-3">
      <div role="status">
        <p class="flex items-center gap-2.5 text-lg font-semibold">
          <span class={`size-3 shrink-0 rounded-full ${DOTS[state().tone]}`} aria-hidden="true" />
          <span
            class="min-w-0"
            classList={{ 'text-live': state().tone === 'good', 'text-lamp': state().tone === 'warn' }}
          >
            {state().title}
          </span>
        </p>
        <Show when={state().why}>
          <p class="mt-0.5 text-sm text-on-stage-soft">{state().why}</p>
        </Show>
      </div>
      <Show when={!isLost() && call.view()}>
        {(view) => (
          <>
            <Show when={isRingingHer()}>
              <Answer view={view()} onAnswered={() => props.onShowPage?.()} />
            </Show>
            <Show when={hasFigures()}>
              <Figures view={view()} />
            </Show>
          </>
        )}
      </Show>
      <Show when={props.onShowPage}>
        {(show) => (
          <div class="mt-auto">
            <Button tone="stage" size="sm" icon={<AppWindow size={16} aria-hidden="true" />} onClick={() => show()()}>
              {t('trackerWindow.showPage')}
            </Button>
          </div>
        )}
      </Show>
    </div>
  );
}

/** Who has credit and who has not, before she answers. */
function Answer(props: { view: CallView; onAnswered: () => void }) {
  const call = useCall();
  const now = createClock();
  const [isBusy, setBusy] = createSignal(false);
  async function answer(act: () => Promise<void>) {
    setBusy(true);
    await act();
    setBusy(false);
  }
  return (
    <div class="grid gap-3">
      <p
        class={`inline-flex w-fit items-center gap-2 rounded-full px-3 py-1 font-semibold ${props.view.isFunded ? 'bg-live/20 text-live' : 'bg-alarm text-white'}`}
      >
        <Wallet size={18} aria-hidden="true" />
        {props.view.isFunded
          ? t('ring.funded', { minutes: t('common.minutes', props.view.fundedMin) })
          : t('ring.notFunded')}
      </p>
      <Show when={props.view.caller?.looksWithYou}>
        {(looks) => (
          <p class="rounded-xl bg-alarm px-3 py-2 font-semibold text-white">
            {t('ring.looked', props.view.peer.displayName, looks())}
          </p>
        )}
      </Show>
      <div class="grid grid-cols-2 gap-2">
        <Button
          tone="stageGo"
          wide
          icon={<Phone size={18} aria-hidden="true" />}
          busy={isBusy()}
          onClick={() => {
            void answer(call.accept);
            props.onAnswered();
          }}
        >
          {t('ring.accept')}
        </Button>
        <Button
          tone="stageDanger"
          wide
          icon={<PhoneOff size={18} aria-hidden="true" />}
          disabled={isBusy()}
          onClick={() => void answer(() => call.reject())}
        >
          {t('ring.reject')}
        </Button>
      </div>
      <p class="figures text-sm text-on-stage-soft" role="timer">
        {t('ring.countdown', { clock: formatCountdown(call.msLeft(now()) ?? 0) })}
      </p>
    </div>
  );
}

/** What has been charged, for how long, and how much longer the credit lasts. */
function Figures(props: { view: CallView }) {
  const call = useCall();
  const money = useMoney();
  const now = createClock();
  const figures = () => call.figures(now());
  const meter = () => props.view.meter;
  const left = (): [string, string] => {
    if (props.view.state === 'suspended') return [t('suspended.left'), formatCountdown(figures()?.graceLeftMs ?? 0)];
    const leftMs = figures()?.timeLeftMs ?? null;
    return [t('tracker.left'), leftMs === null ? '–' : formatCountdown(leftMs)];
  };
  const lines = (): [string, string][] => [
    [t(props.view.mySide === 'client' ? 'tracker.paid' : 'tracker.charged'), money(meter()?.chargedMinor ?? 0)],
    [t('tracker.time'), formatClock(figures()?.billableMs ?? 0)],
    ...(props.view.state === 'ended' ? [] : [left()]),
  ];
  return (
    <Show when={meter()}>
      <p class="font-medium">{props.view.peer.displayName}</p>
      <dl class="grid gap-1">
        <For each={[0, 1, 2]}>
          {(index) => (
            <Show when={lines()[index]}>
              {(line) => (
                <div class="flex items-baseline justify-between gap-3">
                  <dt class="text-sm text-on-stage-soft">{line()[0]}</dt>
                  <dd class="figures text-xl font-semibold">{line()[1]}</dd>
                </div>
              )}
            </Show>
          )}
        </For>
      </dl>
      <Show when={props.view.state === 'live' && meter()?.isLow}>
        <p class="figures rounded-xl bg-alarm px-3 py-1.5 font-bold text-white" role="timer">
          {t('call.low', { clock: formatCountdown(figures()?.timeLeftMs ?? 0) })}
        </p>
      </Show>
    </Show>
  );
}
