import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import uPlot from 'uplot';
import { locale } from '~/i18n';
import { formatDay } from '~/money';
import { onChange, useMoney } from '~/state';
import 'uplot/dist/uPlot.min.css';

type PlotSeries = { label: string; values: number[]; look: 'bars' | 'line' };

const HEIGHT_PX = 260;
/** Room for the first and the last bar. */
const HALF_DAY_S = 43_200;
/** Steps of the axis of money, in minor units: whole ones only. */
const STEPS = Array.from({ length: 14 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** Amounts over days. What it shows stands in the table beside it too; under the pointer it says one day. */
export default function Plot(props: { label: string; days: string[]; series: PlotSeries[] }) {
  const money = useMoney();
  const [index, setIndex] = createSignal<number | null>(null);
  let box!: HTMLDivElement;
  let plot: uPlot | undefined;

  function build() {
    plot?.destroy();
    plot = undefined;
    setIndex(null);
    if (props.days.length === 0) return;
    const x = props.days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000);
    plot = new uPlot(
      optionsOf({ width: box.clientWidth, series: props.series, money, locale, onIndex: setIndex }),
      [x, ...props.series.map((one) => one.values)],
      box,
    );
  }

  onMount(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const observer = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
    // Figures that are read again and are the same leave the plot, and the day under the pointer.
    onChange(() => JSON.stringify([props.days, props.series]), build);
    scheme.addEventListener('change', build);
    observer.observe(box);
    onCleanup(() => {
      scheme.removeEventListener('change', build);
      observer.disconnect();
      plot?.destroy();
    });
  });

  const readout = () => {
    const at = index();
    const day = at === null ? undefined : props.days[at];
    if (at === null || day === undefined) return null;
    return `${formatDay(day, locale)}: ${props.series.map((one) => `${one.label} ${money(one.values[at] ?? 0)}`).join(' · ')}`;
  };

  return (
    <figure aria-label={props.label} class="grid grid-cols-1 gap-2">
      <figcaption class="flex min-h-6 flex-wrap items-center gap-x-5 gap-y-1 text-sm text-ink-soft">
        <Show when={readout()} fallback={<Legend series={props.series} />}>
          {(words) => <span class="figures">{words()}</span>}
        </Show>
      </figcaption>
      <div ref={box} class="w-full" style={{ height: `${HEIGHT_PX}px` }} />
    </figure>
  );
}

function Legend(props: { series: PlotSeries[] }) {
  return (
    <>
      {props.series.map((one) => (
        <span class="inline-flex items-center gap-2">
          <span
            aria-hidden="true"
            class={one.look === 'bars' ? 'h-3 w-3 rounded-sm bg-brand/60' : 'h-0.5 w-4 rounded bg-brass'}
          />
          {one.label}
        </span>
      ))}
    </>
  );
}

type Look = {
  width: number;
  series: PlotSeries[];
  money: (minor: number) => string;
  locale: string;
  onIndex: (index: number | null) => void;
};

function optionsOf(look: Look): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const day = new Intl.DateTimeFormat(look.locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = {
    stroke: colour('--ink-soft'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  };
  const widest = Math.max(...look.series.flatMap((one) => one.values.map((value) => look.money(value).length)), 5);
  const draw = (one: PlotSeries): uPlot.Series =>
    one.look === 'bars'
      ? {
          label: one.label,
          fill: `color-mix(in srgb, ${colour('--brand')} 60%, transparent)`,
          paths: uPlot.paths.bars?.({ size: [0.72, 48], radius: 0.15 }) ?? (() => null),
          points: { show: false },
        }
      : {
          label: one.label,
          stroke: colour('--brass'),
          width: 2,
          points: { show: look.series[0]?.values.length === 1 },
        };
  return {
    width: look.width,
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: true, range: (_, min, max) => [min - HALF_DAY_S, max + HALF_DAY_S] },
      y: { range: (_, min, max) => [Math.min(0, min), Math.max(1, Math.ceil(max * 1.08))] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        space: 64,
        incrs: [1, 2, 3, 7, 14, 28, 56, 91, 182, 364].map((days) => days * 86_400),
        values: (_, splits) => splits.map((seconds) => day.format(new Date(seconds * 1000))),
      },
      {
        ...axis,
        size: 24 + widest * 7,
        incrs: STEPS,
        values: (_, splits) => splits.map((minor) => look.money(Math.round(minor))),
      },
    ],
    series: [{}, ...look.series.map(draw)],
    hooks: { setCursor: [(self) => look.onIndex(self.cursor.idx ?? null)] },
  };
}
