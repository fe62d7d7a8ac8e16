import { TOP_UP_MINOR_MAX } from '@contract/limits.ts';
import type { PersonRow } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api } from '~/api';
import { createForm } from '~/app/form.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { amountProblem, readAmount } from '~/money';
import { AmountField, Button, FormError, RadioCards, toast } from '~/ui';
import { Choice } from '~/ui/Choice.tsx';
import { PersonDialog, ReasonField } from './PersonDialog.tsx';

type Way = 'up' | 'down';

/** A correction of a balance: asked, asked again, made. */
export function CorrectDialog(props: { person: PersonRow | null; onClose: () => void; onDone: () => void }) {
  const { money } = useServices();
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
  const { session, money } = useServices();
  const currency = () => session.appliance()?.currency ?? { code: 'USD', minorDigits: 2 };
  const [way, setWay] = createSignal<Way>('up');
  const [amount, setAmount] = createSignal('');
  const [reason, setReason] = createSignal('');
  /** Null until the form is filled in; its key makes the pressed button's second press harmless. */
  const [asked, setAsked] = createSignal<{ key: string; amountMinor: number } | null>(null);
  const amountWrong = () => amountProblem(amount(), currency(), TOP_UP_MINOR_MAX);
  const reasonWrong = () => (reason().trim() === '' ? t('form.required') : undefined);
  const form = createForm(
    () => !amountWrong() && !reasonWrong(),
    async () => {
      const amountMinor = readAmount(amount(), currency(), TOP_UP_MINOR_MAX) ?? 0;
      sent.setProblem(null);
      setAsked({ key: crypto.randomUUID(), amountMinor });
    },
  );
  const sent = createForm(
    () => true,
    async () => {
      const { key, amountMinor } = asked() ?? { key: '', amountMinor: 0 };
      const signed = way() === 'up' ? amountMinor : -amountMinor;
      const body = { key, amountMinor: signed, reason: reason().trim() };
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
              { value: 'up', words: t('operator.correctUp'), why: t('operator.correctUpWhy') },
              { value: 'down', words: t('operator.correctDown'), why: t('operator.correctDownWhy') },
            ]}
          />
          <AmountField
            label={t('operator.amount')}
            code={currency().code}
            value={amount()}
            onValue={setAmount}
            error={form.isTried() ? amountWrong() : undefined}
          />
          <ReasonField
            value={reason()}
            onValue={setReason}
            hint={t('operator.reasonHint', { name: props.person.displayName })}
            error={form.isTried() ? reasonWrong() : undefined}
          />
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
          <FormError words={sent.problem()} />
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
