import type { PersonRow } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm } from '~/state';
import { Button, Field, FormError, RadioCards, toast } from '~/ui';
import { PersonDialog } from './person-dialog.tsx';

type Whose = 'studio' | 'own';
const PERCENT_MAX = 100;

/** What a model receives of what is charged: the studio's share, or one of her own. */
export function ShareDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  return (
    <PersonDialog
      person={props.person}
      onClose={props.onClose}
      title="operator.shareTitle"
      lead={() => t('operator.shareLead')}
    >
      {(person) => <ShareForm person={person()} onDone={props.onDone} />}
    </PersonDialog>
  );
}

function ShareForm(props: { person: PersonRow; onDone: () => void }) {
  // What is typed is never overwritten by an update of the person.
  const before = props.person.sharePercent;
  const [whose, setWhose] = createSignal<Whose>(before === null ? 'studio' : 'own');
  const [percent, setPercent] = createSignal(before === null ? '' : String(before));
  const percentWrong = () =>
    whose() === 'studio' || (/^\d{1,3}$/.test(percent().trim()) && Number(percent()) <= PERCENT_MAX)
      ? undefined
      : t('operator.shareWrong');
  const form = createForm(
    () => !percentWrong(),
    async () => {
      const sharePercent = whose() === 'studio' ? null : Number(percent());
      await api.setShare(props.person.personId, { sharePercent });
      toast(t('operator.shareDone', { name: props.person.displayName }));
      props.onDone();
    },
  );
  return (
    <form onSubmit={form.submit} class="grid gap-4" novalidate>
      <RadioCards
        label={t('operator.shareWhose')}
        value={whose()}
        onChange={setWhose}
        options={[
          { value: 'studio', label: t('operator.shareStudio'), why: t('operator.shareStudioWhy') },
          { value: 'own', label: t('operator.shareOwn'), why: t('operator.shareOwnWhy') },
        ]}
      />
      <Show when={whose() === 'own'}>
        <Field
          label={t('operator.sharePercent')}
          inputmode="numeric"
          suffix="%"
          value={percent()}
          onInput={(event) => setPercent(event.currentTarget.value)}
          error={form.isTried() ? percentWrong() : undefined}
        />
      </Show>
      <FormError text={form.problem()} />
      <Button type="submit" size="lg" wide busy={form.isBusy()}>
        {t('operator.shareSave')}
      </Button>
    </form>
  );
}
