import type { Studio } from '@contract/api.ts';
import { createResource, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { kept } from '~/state';
import { LinkButton, type Step, Steps } from '~/ui';

/** What a new operator does first; gone once there is a model, a client and credit. */
export function FirstSteps(props: { studio: Studio }) {
  const [found] = createResource(async () => {
    const [models, clients] = await Promise.all([
      api.people({ role: 'model', limit: 1 }),
      api.people({ role: 'client', limit: 1 }),
    ]);
    return { hasModel: models.people.length > 0, hasClient: clients.people.length > 0 };
  });
  const known = kept(found);
  const way = (href: string, words: string) => () => (
    <LinkButton href={href} size="sm">
      {words}
    </LinkButton>
  );
  const steps: Step[] = [
    {
      label: t('operator.startModel'),
      isDone: () => known()?.hasModel === true,
      go: way('/operator/people?add=model', t('operator.startGoModel')),
    },
    {
      label: t('operator.startClient'),
      isDone: () => known()?.hasClient === true,
      go: way('/operator/people?add=client', t('operator.startGoClient')),
    },
    {
      label: t('operator.startCredit'),
      isDone: () => props.studio.creditMinor > 0 || props.studio.revenueMinor > 0,
      go: way('/operator/people', t('operator.startGo')),
    },
  ];
  return (
    <Show when={known() && steps.some((step) => !step.isDone())}>
      <Steps title={t('operator.startTitle')} lead={t('operator.startLead')} steps={steps} />
    </Show>
  );
}
