import { type JSX, Show } from 'solid-js';
import type { Tone } from './badge.tsx';

const TONES: Record<Tone, string> = {
  good: 'bg-brand-soft text-on-brand-soft',
  warn: 'bg-brass-soft text-on-brass-soft',
  bad: 'bg-danger-soft text-on-danger-soft',
  quiet: 'bg-sunken text-ink',
};

/** A block that asks for attention, with room for what to do about it. */
export function Notice(props: {
  tone: Tone;
  icon?: JSX.Element;
  title?: string;
  children?: JSX.Element;
  alert?: boolean;
}) {
  return (
    <div class={`flex gap-3 rounded-card px-5 py-4 ${TONES[props.tone]}`} role={props.alert ? 'alert' : undefined}>
      <Show when={props.icon}>
        <span class="mt-0.5 shrink-0" aria-hidden="true">
          {props.icon}
        </span>
      </Show>
      <div class="min-w-0">
        <Show when={props.title}>
          <p class="font-semibold">{props.title}</p>
        </Show>
        {props.children}
      </div>
    </div>
  );
}
