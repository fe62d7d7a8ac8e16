import type { Studio } from '@contract/api.ts';
import { For, Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatClock } from '~/money';
import { Badge, type Tone } from '~/ui';

type Row = Studio['calls'][number];

const STATE_TONES: Record<string, Tone> = { live: 'good', suspended: 'warn', ringing: 'quiet', confirming: 'quiet' };
const METER_TONES: Record<string, Tone> = { charging: 'good', not_charging: 'warn', suspended: 'warn' };

/** A word of the catalogue where there is one; the board shows a state that it does not know as it is. */
function known(group: 'state' | 'meter', value: string): string {
  const words: string | undefined = t(`operator.${group}.${value}` as 'operator.state.live');
  return words ?? value;
}

function reasonWords(reasons: string[]): string {
  return reasons
    .map((reason) => (t(`pause.${reason}` as 'pause.slow_link') as string | undefined) ?? reason)
    .join(', ');
}

export function CallsNow(props: { calls: Row[] }) {
  const { money } = useServices();
  return (
    <ul class="divide-y divide-line">
      <For each={props.calls}>
        {(call) => (
          <li class="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4 sm:px-6">
            <div class="min-w-0 flex-1 basis-48">
              <p class="truncate font-semibold">
                {t('operator.callLine', { client: call.clientName, model: call.modelName })}
              </p>
              <p class="text-sm text-ink-soft">{t('receipt.number', { id: call.callId })}</p>
            </div>
            <div class="flex basis-full flex-wrap items-center gap-x-3 gap-y-2 md:basis-auto">
              <Badge tone={STATE_TONES[call.state] ?? 'quiet'}>{known('state', call.state)}</Badge>
              <Show when={call.meterState}>
                {(meter) => (
                  <Badge tone={METER_TONES[meter()] ?? 'quiet'}>
                    {known('meter', meter())}
                    <Show when={call.reasons.length > 0}>{`: ${reasonWords(call.reasons)}`}</Show>
                  </Badge>
                )}
              </Show>
              <Show when={call.meterState}>
                <p class="figures ml-auto flex gap-3">
                  <span class="text-ink-soft md:min-w-16 md:text-right">{formatClock(call.billableMs)}</span>
                  <span class="font-semibold md:min-w-20 md:text-right">{money(call.chargedMinor)}</span>
                </p>
              </Show>
            </div>
          </li>
        )}
      </For>
    </ul>
  );
}
