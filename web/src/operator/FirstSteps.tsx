import type { Studio } from '@contract/api.ts';
import { createResource, For, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { Card, LinkButton } from '~/ui';

/** What a new operator does first; gone once there is a model, a client and credit. */
export function FirstSteps(props: { studio: Studio }) {
  const [found] = createResource(async () => {
    const [models, clients] = await Promise.all([
      api.people({ role: 'model', limit: 1 }),
      api.people({ role: 'client', limit: 1 }),
    ]);
    return { hasModel: models.people.length > 0, hasClient: clients.people.length > 0 };
  });
  const known = () => (found.error ? undefined : found.latest);
  const steps = () => [
    {
      words: t('operator.startModel'),
      isDone: known()?.hasModel,
      go: t('operator.startGoModel'),
      href: '/operator/people?add=model',
    },
    {
      words: t('operator.startClient'),
      isDone: known()?.hasClient,
      go: t('operator.startGoClient'),
      href: '/operator/people?add=client',
    },
    {
      words: t('operator.startCredit'),
      isDone: props.studio.creditMinor > 0 || props.studio.revenueMinor > 0,
      go: t('operator.startGo'),
      href: '/operator/people',
    },
  ];
  const nextStep = () => steps().findIndex((step) => !step.isDone);
  return (
    <Show when={known() && nextStep() >= 0}>
      <Card title={t('operator.startTitle')}>
        <p class="mb-4 text-ink-soft">{t('operator.startLead')}</p>
        <ol class="grid gap-3">
          <For each={steps()}>
            {(step, index) => (
              <li class="flex flex-wrap items-center gap-3">
                <span
                  class={`flex size-8 shrink-0 items-center justify-center rounded-full font-semibold ${step.isDone ? 'bg-brand text-on-brand' : 'bg-brass-soft text-on-brass-soft'}`}
                >
                  {step.isDone ? '✓' : index() + 1}
                </span>
                <span class="min-w-0 flex-1 basis-48" classList={{ 'text-ink-soft': step.isDone }}>
                  {step.words}
                </span>
                <Show when={index() === nextStep()}>
                  <LinkButton href={step.href} size="sm">
                    {step.go}
                  </LinkButton>
                </Show>
              </li>
            )}
          </For>
        </ol>
      </Card>
    </Show>
  );
}
