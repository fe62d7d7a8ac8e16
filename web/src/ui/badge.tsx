import type { JSX } from 'solid-js';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

const TONES: Record<Tone, string> = {
  good: 'bg-brand-soft text-on-brand-soft',
  warn: 'bg-brass-soft text-on-brass-soft',
  bad: 'bg-danger-soft text-on-danger-soft',
  quiet: 'bg-sunken text-ink-soft',
};

/** A state in words; the colour only repeats them. */
export function Badge(props: { tone: Tone; icon?: JSX.Element; children: JSX.Element }) {
  return (
    <span
      class={`inline-flex max-w-full items-center gap-1.5 rounded-[1.25rem] px-2.5 py-1 text-sm font-medium ${TONES[props.tone]}`}
    >
      {props.icon}
      {props.children}
    </span>
  );
}
