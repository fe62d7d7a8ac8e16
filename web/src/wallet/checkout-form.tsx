import type { StartPayment } from '@contract/money-api.ts';
import { useNavigate } from '@solidjs/router';
import ExternalLink from 'lucide-solid/icons/external-link';
import { createSignal } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { amountProblem, readAmount } from '~/money';
import { createForm, useCurrency, useMoney } from '~/state';
import { AmountField, Button, FormError } from '~/ui';
import { isCheckoutUrl } from './payments.ts';
import { Way } from './way.tsx';

/** An amount, and the way to the provider. In a call the payment is only begun: its page opens in another tab. */
export function CheckoutForm(props: {
  provider: StartPayment['provider'];
  label: string;
  minMinor: number;
  maxMinor: number;
  isInCall: boolean;
  onStarted: (paymentId: number) => void;
}) {
  const money = useMoney();
  const navigate = useNavigate();
  const currency = useCurrency();
  const [text, setText] = createSignal('');
  const amountMinor = () => readAmount(text(), currency(), Number.MAX_SAFE_INTEGER);
  /** The key stands for this amount: pressing again after a lost answer begins no second payment. */
  let intention = { key: crypto.randomUUID() as string, amountMinor: 0 };

  const wrong = () => {
    const minor = amountMinor();
    if (minor === null) return amountProblem(text(), currency(), Number.MAX_SAFE_INTEGER);
    if (minor < props.minMinor) return t('wallet.payTooLittle', { min: money(props.minMinor) });
    return minor > props.maxMinor ? t('wallet.payTooMuch', { max: money(props.maxMinor) }) : undefined;
  };

  const form = createForm(
    () => wrong() === undefined,
    async () => {
      const wanted = amountMinor() ?? 0;
      if (wanted !== intention.amountMinor) intention = { key: crypto.randomUUID(), amountMinor: wanted };
      const payment = await api.startPayment({ ...intention, provider: props.provider });
      if (props.isInCall) return props.onStarted(payment.paymentId);
      if (isCheckoutUrl(payment.checkoutUrl)) location.assign(payment.checkoutUrl);
      else navigate(`/payments/${payment.paymentId}`);
    },
  );

  return (
    <Way title={t('wallet.payTitle', { provider: props.label })}>
      <form onSubmit={form.submit} class="grid gap-3" novalidate>
        <AmountField
          label={t('wallet.payAmount')}
          code={currency().code}
          value={text()}
          onValue={setText}
          hint={t('wallet.payHint', { min: money(props.minMinor), max: money(props.maxMinor) })}
          error={form.isTried() ? wrong() : undefined}
        />
        <p class="text-sm text-ink-soft">{t(props.isInCall ? 'wallet.payWhyInCall' : 'wallet.payWhy')}</p>
        <FormError text={form.problem()} />
        <div>
          <Button type="submit" icon={<ExternalLink size={18} />} busy={form.isBusy()}>
            {t('wallet.payButton')}
          </Button>
        </div>
      </form>
    </Way>
  );
}
