import type { ProbeEvidence as Probe, ProbeVerdict } from '@contract/connection.ts';
import { For, Show } from 'solid-js';
import { t } from '~/i18n';
import { ProbeEvidence } from './probe-evidence.tsx';

const HEIGHT = 120;
/** The limit is seen as a line also where there are few bursts. */
const WIDTH_MIN = 240;
const BAR = { width: 14, gap: 6 };
const FILLS: Record<ProbeVerdict, string> = {
  pass: 'fill-brand',
  fail: 'fill-danger',
  inconclusive: 'fill-line-strong',
};

/** Every burst that measured the model's upload, against the limit under which nothing is charged. */
export function ProbesCard(props: { probes: readonly Probe[]; isOpen: boolean }) {
  const mbps = (kbps: number) => (kbps / 1_000).toFixed(1);
  const rates = () => props.probes.map((probe) => probe.kbps);
  const limitKbps = () => props.probes.at(-1)?.thresholdKbps ?? 0;
  const topKbps = () => Math.max(...rates(), limitKbps() * 1.25, 1);
  const yOf = (kbps: number) => HEIGHT - (kbps / topKbps()) * HEIGHT;
  const width = () => Math.max(WIDTH_MIN, props.probes.length * (BAR.width + BAR.gap));
  const label = () =>
    t('connection.plot', {
      least: mbps(Math.min(...rates())),
      most: mbps(Math.max(...rates())),
      limit: mbps(limitKbps()),
    });
  return (
    <Show when={props.probes.length > 0}>
      <details open={props.isOpen} class="rounded-card border border-line bg-card shadow-card">
        <summary class="min-h-6 cursor-pointer px-5 py-4 text-lg font-semibold sm:px-6">
          {t('connection.plotTitle')}
        </summary>
        <div class="px-5 pb-5 sm:px-6 sm:pb-6">
          <p class="mb-3 text-ink-soft">{t('connection.plotWhy')}</p>
          <figure>
            <section class="overflow-x-auto" aria-label={t('connection.plotTitle')} tabindex="0">
              <svg
                role="img"
                aria-label={label()}
                viewBox={`0 0 ${width()} ${HEIGHT}`}
                width={width()}
                height={HEIGHT}
                class="max-w-none"
              >
                <For each={props.probes}>
                  {(probe, index) => (
                    <rect
                      x={index() * (BAR.width + BAR.gap)}
                      y={Math.min(yOf(probe.kbps), HEIGHT - 2)}
                      width={BAR.width}
                      height={Math.max(2, HEIGHT - yOf(probe.kbps))}
                      rx="2"
                      class={FILLS[probe.verdict]}
                    />
                  )}
                </For>
                <line
                  x1="0"
                  x2={width()}
                  y1={yOf(limitKbps())}
                  y2={yOf(limitKbps())}
                  class="stroke-ink"
                  stroke-width="1.5"
                  stroke-dasharray="5 4"
                />
              </svg>
            </section>
            <figcaption class="mt-2 text-sm text-ink-soft">{label()}</figcaption>
          </figure>
          <div class="mt-3">
            <ProbeEvidence probes={props.probes} />
          </div>
        </div>
      </details>
    </Show>
  );
}
