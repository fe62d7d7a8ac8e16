import type { CallView } from '@contract/calls.ts';
import { For, Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { createClock, type MeterLabels, meterLabels } from '~/meter';
import { formatClock, formatCountdown } from '~/money';
import { useMoney } from '~/state';
import { ConnectionLine } from './connection-line.tsx';

const DOTS: Record<MeterLabels['kind'], string> = {
  connected: 'bg-white/70',
  charging: 'bg-live animate-breathe',
  not_charging: 'bg-lamp',
  suspended: 'bg-alarm',
};

/** State of the meter, what is charged, how long, how much longer. */
export function Tracker(props: { view: CallView }) {
  const call = useCall();
  const money = useMoney();
  const now = createClock();
  const words = () => meterLabels(props.view);
  const figures = () => call.figures(now());
  const timeLeft = () => {
    const leftMs = figures()?.timeLeftMs ?? null;
    return leftMs === null ? '–' : formatCountdown(leftMs);
  };
  const lines = (): [string, string][] => [
    [
      t(props.view.mySide === 'client' ? 'tracker.paid' : 'tracker.charged'),
      money(props.view.meter?.chargedMinor ?? 0),
    ],
    [t('tracker.time'), formatClock(figures()?.billableMs ?? 0)],
    [t('tracker.left'), timeLeft()],
  ];

  return (
    <section
      aria-label={t('tracker.title')}
      class="rounded-2xl bg-panel p-3 shadow-float backdrop-blur-sm short:w-80 sm:tall:w-72 sm:tall:p-4"
    >
      <p class="flex flex-wrap items-center gap-x-2 font-semibold">
        <span class={`size-2.5 rounded-full ${DOTS[words().kind]}`} aria-hidden="true" />
        <span classList={{ 'text-live': words().kind === 'charging', 'text-lamp': words().kind === 'not_charging' }}>
          {words().state}
        </span>
        <Show when={words().why}>
          <span class="text-sm font-normal text-on-stage-soft sm:tall:basis-full">{words().why}</span>
        </Show>
      </p>
      <dl class="mt-2 grid grid-cols-[repeat(auto-fit,minmax(min(100%,5rem),1fr))] gap-2 sm:tall:mt-3 sm:tall:grid-cols-1">
        <For each={[0, 1, 2] as const}>
          {(index) => (
            <div class="flex min-w-0 flex-col sm:tall:flex-row sm:tall:flex-wrap sm:tall:items-baseline sm:tall:justify-between sm:tall:gap-x-3">
              <dt class="text-xs text-on-stage-soft sm:tall:text-sm">{lines()[index]?.[0]}</dt>
              <dd class="figures text-lg font-semibold sm:tall:text-xl">{lines()[index]?.[1]}</dd>
            </div>
          )}
        </For>
      </dl>
      <ConnectionLine name={props.view.peer.displayName} class="mt-2 short:hidden max-sm:hidden" />
    </section>
  );
}
