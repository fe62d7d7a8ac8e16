import { createSignal } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, useSession } from '~/state';
import { Button, Card, FormError, RadioCards, toast } from '~/ui';

type Choice = 'ask' | 'refuse';

/** Whether a client who has looked several times without connecting still reaches her. */
export function RingTermsCard() {
  const session = useSession();
  const [choice, setChoice] = createSignal<Choice>(session.me()?.refusesLooks ? 'refuse' : 'ask');
  const form = createForm(
    () => true,
    async () => {
      const me = await api.setRingTerms({ refusesLooks: choice() === 'refuse' });
      session.update({ refusesLooks: me.refusesLooks });
      toast(t('model.ringTermsSaved'));
    },
  );
  return (
    <Card title={t('model.ringTerms')}>
      <form onSubmit={form.submit} class="grid gap-4" novalidate>
        <p class="text-ink-soft">{t('model.ringTermsWhy')}</p>
        <RadioCards
          label={t('model.ringTermsQuestion')}
          value={choice()}
          onChange={setChoice}
          options={[
            { value: 'ask', label: t('model.looksAsk'), why: t('model.looksAskWhy') },
            { value: 'refuse', label: t('model.looksRefuse'), why: t('model.looksRefuseWhy') },
          ]}
        />
        <FormError text={form.problem()} />
        <div>
          <Button type="submit" busy={form.isBusy()}>
            {t('model.saveRingTerms')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
