import type { ConnectionView } from '@contract/connection.ts';
import ChevronDown from 'lucide-solid/icons/chevron-down';
import { Index, Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { connectionFigures, type Quality, qualityOf } from './connection.ts';
import { ConnectionPlot } from './connection-plot.tsx';

/** Their own names, in every language. */
const WAYS = { webrtc: 'WebRTC', webtransport: 'WebTransport' } as const;
const TONES: Record<Quality, string> = { good: 'text-live', fair: 'text-lamp', poor: 'text-lamp' };

/** What both connections are like, in words; nothing before the appliance has told. */
export function ConnectionLine(props: { name: string; class?: string }) {
  const call = useCall();
  const sides = (): [string, ConnectionView][] => {
    const connections = call.connections();
    return [
      ...(connections?.me ? [[t('connection.mine'), connections.me] as [string, ConnectionView]] : []),
      ...(connections?.them
        ? [[t('connection.theirs', { name: props.name }), connections.them] as [string, ConnectionView]]
        : []),
    ];
  };
  return (
    <details class={`text-sm text-on-stage-soft ${props.class ?? ''}`}>
      <summary class="figures flex min-h-6 cursor-pointer list-none flex-wrap items-center gap-x-3 gap-y-0.5 rounded [&::-webkit-details-marker]:hidden">
        {/* There from the start, so that nothing moves when the first figures come. */}
        <Show when={sides().length > 0} fallback={<span>{t('connection.measuring')}</span>}>
          {/* By place, so that the line of each goes on. */}
          <Index each={sides()}>
            {(side) => (
              <span class="flex items-center gap-x-1.5">
                <span>{side()[0]}</span>
                <span class={`font-medium ${TONES[qualityOf(side()[1])]}`}>
                  {t(`connection.${qualityOf(side()[1])}`)}
                </span>
                <ConnectionPlot connection={side()[1]} />
              </span>
            )}
          </Index>
          <ChevronDown size={14} aria-hidden="true" class="shrink-0 in-open:rotate-180" />
        </Show>
      </summary>
      <ul aria-label={t('connection.title')} class="figures grid gap-0.5 pt-1 text-xs">
        <Index each={sides()}>
          {(side) => <li>{[side()[0], connectionFigures(side()[1]).join(' · ')].join(' ')}</li>}
        </Index>
        <Show when={call.connections()?.transport}>
          {(way) => <li>{t('connection.over', { way: WAYS[way()] })}</li>}
        </Show>
      </ul>
    </details>
  );
}
