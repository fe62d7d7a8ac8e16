import type { CallView } from '@contract/calls.ts';
import { Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatCountdown } from '~/money';
import { createClock } from '../clock.ts';

/** The red block of the last two minutes, at the top left for both sides (charging rules, "Low"). */
export function LowBlock(props: { view: CallView }) {
  const { call } = useServices();
  const now = createClock();
  return (
    <Show when={props.view.state === 'live' && props.view.meter?.isLow}>
      <div class="rounded-xl bg-alarm px-4 py-2 text-white shadow-float" role="timer" aria-label={t('call.lowLabel')}>
        <p class="figures text-xl font-bold">
          {t('call.low', { clock: formatCountdown(call.figures(now())?.timeLeftMs ?? 0) })}
        </p>
      </div>
    </Show>
  );
}
