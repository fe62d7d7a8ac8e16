import type { PersonRow } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, useMoney } from '~/state';
import { Button, FormError, RadioCards, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { AmountAndReasonFields, createAmountAndReason } from './amount-form.tsx';
import { PersonDialog } from './person-dialog.tsx';

type Way = 'up' | 'down';

/** A correction of a balance: asked, asked again, made. */
export function CorrectDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  const money = useMoney();
  return (
    <PersonDialog
      person={props.person}
      onClose={props.onClose}
      title="operator.correctTitle"
      lead={(person) => t('operator.correctLead', { balance: money(person.balanceMinor ?? 0) })}
    >
      {(person) => <CorrectForm person={person()} onDone={props.onDone} />}
    </PersonDialog>
  );
}

function CorrectForm(props: { person: PersonRow; onDone: () => void }) {
  const money = useMoney();
  const [way, setWay] = createSignal<Way>('up');
  const fields = createAmountAndReason();
  /** Null until the form is filled in; its key makes the pressed button's second press harmless. */
  const [asked, setAsked] = createSignal<{ key: string; amountMinor: number } | null>(null);
  const form = createForm(fields.isValid, async () => {
    sent.setProblem(null);
    setAsked({ key: crypto.randomUUID(), amountMinor: fields.read().amountMinor });
  });
  const sent = createForm(
    () => true,
    async () => {
      const { key, amountMinor } = asked() ?? { key: '', amountMinor: 0 };
      const signed = way() === 'up' ? amountMinor : -amountMinor;
      const body = { key, amountMinor: signed, reason: fields.read().reason };
      const { balanceMinor } = await api.adjust(props.person.personId, body);
      toast(t('operator.creditDone', { name: props.person.displayName, balance: money(balanceMinor) }));
      props.onDone();
    },
  );

  return (
    <Show
      when={asked()}
      fallback={
        <form onSubmit={form.submit} class="grid gap-4" novalidate>
          <RadioCards
            label={t('operator.correctDirection')}
            value={way()}
            onChange={setWay}
            options={[
              { value: 'up', label: t('operator.correctUp'), why: t('operator.correctUpWhy') },
              { value: 'down', label: t('operator.correctDown'), why: t('operator.correctDownWhy') },
            ]}
          />
          <AmountAndReasonFields fields={fields} name={props.person.displayName} isTried={form.isTried()} />
          <Button type="submit" size="lg" wide>
            {t('operator.correctNext')}
          </Button>
        </form>
      }
    >
      {(one) => (
        <div class="grid gap-4">
          <div>
            <p class="text-lg font-semibold">
              {t(`operator.correctSure.${way()}`, {
                amount: money(one().amountMinor),
                name: props.person.displayName,
              })}
            </p>
            <p class="mt-1 text-ink-soft">{t('operator.correctSureWhy')}</p>
          </div>
          <FormError text={sent.problem()} />
          <Choice
            yes={t('operator.correctYes')}
            no={t('common.back')}
            busy={sent.isBusy()}
            onYes={() => sent.submit()}
            onNo={() => setAsked(null)}
          />
        </div>
      )}
    </Show>
  );
}
