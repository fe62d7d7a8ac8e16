import type { Studio } from '@contract/api.ts';
import { A } from '@solidjs/router';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { For, Index, Show } from 'solid-js';
import { t } from '~/i18n';
import { Notice } from '~/ui';

/** Everything that an operator must look at, worst first. */
export function Alarms(props: { studio: Studio }) {
  return (
    <Show when={props.studio.alarms.length > 0 || props.studio.disagreements.length > 0}>
      <Notice tone="bad" icon={<TriangleAlert size={24} />} title={t('operator.alarmTitle')} alert>
        <ul class="mt-2 grid gap-2">
          {/* By place: read again every two seconds, a link stays under a finger, and nothing is said anew. */}
          <Index each={props.studio.alarms}>
            {(alarm) => (
              <li>
                <p class="font-semibold">{t(`operator.alarm.${alarm().code}`)}</p>
                <p class="break-words">{alarm().message}</p>
                <Show when={alarm().code === 'payment_needs_operator'}>
                  <A
                    href="/operator/money/payments"
                    class="inline-block min-h-6 font-semibold underline underline-offset-4"
                  >
                    {t('money.tabs.payments')}
                  </A>
                </Show>
              </li>
            )}
          </Index>
        </ul>
        <Show when={props.studio.disagreements.length > 0}>
          <p class="mt-2">
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
