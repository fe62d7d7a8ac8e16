import { useParams } from '@solidjs/router';
import Wallet from 'lucide-solid/icons/wallet';
import { t } from '~/i18n';
import { Card, LinkButton, PageHead } from '~/ui';
import { PaymentProgress } from './payment-progress.tsx';

/** Where the browser comes back to from a checkout: one payment, live. */
export default function PaymentPage() {
  const params = useParams<{ paymentId: string }>();
  return (
    <div class="max-w-xl">
      <PageHead title={t('wallet.paymentTitle')} />
      <div class="grid gap-5">
        <Card>
          <PaymentProgress paymentId={Number(params.paymentId)} />
        </Card>
        <div class="flex flex-wrap gap-3">
          <LinkButton href="/wallet" tone="quiet" icon={<Wallet size={18} />}>
            {t('wallet.back')}
          </LinkButton>
          <LinkButton href="/" tone="quiet">
            {t('wallet.home')}
          </LinkButton>
        </div>
      </div>
    </div>
  );
}
