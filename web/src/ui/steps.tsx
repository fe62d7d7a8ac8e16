import { createMemo, For, type JSX, Show } from 'solid-js';
import { t } from '~/i18n';
import { Card } from './card.tsx';

/** The steps themselves stay; whether they are done changes. */
export type Step = {
  label: string;
  isDone: () => boolean;
  /** The way on, shown at the first step that is not done. */
  go: () => JSX.Element;
};

/** What somebody new does first, in order, with the way on at the next step. */
export function Steps(props: { title: string; lead: string; steps: readonly Step[] }) {
  const nextStep = createMemo(() => props.steps.findIndex((step) => !step.isDone()));
  return (
    <Card title={props.title}>
      <p class="mb-4 text-ink-soft">{props.lead}</p>
      <ol class="grid gap-3">
        <For each={props.steps}>
          {(step, index) => (
            <li class="flex flex-wrap items-center gap-3" aria-current={index() === nextStep() ? 'step' : undefined}>
              <span
                class={`flex size-8 shrink-0 items-center justify-center rounded-full font-semibold ${step.isDone() ? 'bg-brand text-on-brand' : 'bg-brass-soft text-on-brass-soft'}`}
                aria-hidden="true"
              >
                {step.isDone() ? '✓' : index() + 1}
              </span>
              <span class="min-w-0 flex-1 basis-48" classList={{ 'text-ink-soft': step.isDone() }}>
                {step.label}
                <Show when={step.isDone()}>
                  <span class="sr-only"> ({t('common.done')})</span>
                </Show>
              </span>
              <Show when={index() === nextStep()}>
                <div class="max-sm:ml-11">{step.go()}</div>
              </Show>
            </li>
          )}
        </For>
      </ol>
    </Card>
  );
}
