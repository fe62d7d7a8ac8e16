import { createResource, For, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { Card, LinkButton } from '~/ui';

/** What a new operator does first; gone once there is a model, a client and credit. */
export function FirstSteps() {
  const [people] = createResource(async () => {
    const some = await Promise.all([api.people({ role: 'model', limit: 1 }), api.people({ role: 'client' })]);
    return some.flatMap((found) => found.people);
  });
  const steps = () => {
    const list = people.error ? [] : (people() ?? []);
    return [
      { words: t('operator.startModel'), isDone: list.some((one) => one.role === 'model') },
      { words: t('operator.startClient'), isDone: list.some((one) => one.role === 'client') },
      {
        words: t('operator.startCredit'),
        isDone: list.some((one) => one.role === 'client' && (one.balanceMinor ?? 0) > 0),
      },
    ];
  };
  const isOpen = () =>
    people.state === 'ready' &&
    !steps()
      .slice(0, 2)
      .every((step) => step.isDone);
  return (
    <Show when={isOpen()}>
      <Card title={t('operator.startTitle')}>
        <p class="mb-4 text-ink-soft">{t('operator.startLead')}</p>
        <ol class="mb-5 grid gap-3">
          <For each={steps()}>
            {(step, index) => (
              <li class="flex items-center gap-3">
                <span
                  class={`flex size-8 shrink-0 items-center justify-center rounded-full font-semibold ${step.isDone ? 'bg-brand text-on-brand' : 'bg-brass-soft text-on-brass-soft'}`}
                >
                  {step.isDone ? '✓' : index() + 1}
                </span>
                <span classList={{ 'text-ink-soft': step.isDone }}>{step.words}</span>
              </li>
            )}
          </For>
        </ol>
        <LinkButton href="/operator/people">{t('operator.startGo')}</LinkButton>
      </Card>
    </Show>
  );
}
