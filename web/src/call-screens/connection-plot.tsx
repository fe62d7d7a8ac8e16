import type { ConnectionView } from '@contract/connection.ts';
import { createEffect, createSignal, Show } from 'solid-js';

const POINTS_MAX = 30;
const SIZE_PX = { width: 56, height: 14 };
/** At this round trip in ms the line stands at the top. */
const RTT_MS_MAX = 400;
/** A lost per cent weighs like so many ms: both are heard. */
const MS_PER_LOST_PCT = 40;

/** The last minute of a connection as a line: low is good. What it shows is said in words beside it. */
export function ConnectionPlot(props: { connection: ConnectionView }) {
  const [points, setPoints] = createSignal<number[]>([]);
  createEffect(() => {
    const { rttMs, lossPct } = props.connection;
    if (rttMs === null) return;
    const weight = Math.min(RTT_MS_MAX, rttMs + (lossPct ?? 0) * MS_PER_LOST_PCT);
    setPoints((before) => [...before, weight / RTT_MS_MAX].slice(-POINTS_MAX));
  });
  const line = () =>
    points()
      .map((value, index, all) => {
        const x = (index / Math.max(1, all.length - 1)) * SIZE_PX.width;
        return `${x.toFixed(1)},${((1 - value) * (SIZE_PX.height - 2) + 1).toFixed(1)}`;
      })
      .join(' ');
  return (
    <Show when={points().length > 1}>
      <svg {...SIZE_PX} viewBox={`0 0 ${SIZE_PX.width} ${SIZE_PX.height}`} class="shrink-0" aria-hidden="true">
        <polyline points={line()} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" />
      </svg>
    </Show>
  );
}
