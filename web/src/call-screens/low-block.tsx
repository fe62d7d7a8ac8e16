import type { CallView } from '@contract/calls.ts';
import { Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { createClock } from '~/meter';
import { formatCountdown } from '~/money';

/** The red block of the last two minutes, at the top left for both sides (charging rules, "Low"). */
export function LowBlock(props: { view: CallView; onAddCredit: () => void }) {
  const call = useCall();
  const now = createClock();
  return (
    <Show when={props.view.state === 'live' && props.view.meter?.isLow}>
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl bg-alarm px-4 py-2 text-white shadow-float">
        <p class="figures text-xl font-bold" role="timer" aria-label={t('call.lowLabel')}>
          {t('call.low', { clock: formatCountdown(call.figures(now())?.timeLeftMs ?? 0) })}
        </p>
        <Show when={props.view.mySide === 'client'}>
          <button
            type="button"
            onClick={() => props.onAddCredit()}
            class="min-h-9 rounded-full bg-white px-3.5 text-sm font-semibold text-[#8f1d17] hover:bg-white/90"
          >
            {t('call.addCreditNow')}
          </button>
        </Show>
      </div>
    </Show>
  );
}
