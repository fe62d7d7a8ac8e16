import type { ProbeEvidence as Probe } from '@contract/connection.ts';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatTimeExact } from '~/money';

/** The bursts that began and ended a pause for a slow link, with their numbers. */
export function ProbeEvidence(props: { probes: readonly Probe[] }) {
  const mbps = (kbps: number) => (kbps / 1_000).toFixed(1);
  return (
    <Show when={props.probes.length > 0}>
      <details class="basis-full text-sm text-ink-soft">
        <summary class="cursor-pointer">{t('connection.evidence', props.probes.length)}</summary>
        <ul class="figures mt-1 grid gap-1">
          <For each={props.probes}>
            {(probe) => (
              <li>
                {formatTimeExact(probe.at, locale)}:{' '}
                {t('connection.probe', {
                  mbps: mbps(probe.kbps),
                  limit: mbps(probe.thresholdKbps),
                  ms: probe.measuredMs,
                  loss: probe.lossPct,
                })}
                <Show when={probe.queueMs !== null}> {t('connection.queue', { ms: probe.queueMs ?? 0 })}</Show>{' '}
                <strong class="font-medium">{t(`connection.verdict.${probe.verdict}`)}</strong>
              </li>
            )}
          </For>
        </ul>
      </details>
    </Show>
  );
}
