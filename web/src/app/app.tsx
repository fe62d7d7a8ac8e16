import { Route, Router, type RouteSectionProps } from '@solidjs/router';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import WifiOff from 'lucide-solid/icons/wifi-off';
import { ErrorBoundary, lazy, Match, Suspense, Switch } from 'solid-js';
import { t, withOperatorTexts } from '~/i18n';
import { useSession } from '~/state';
import { Announcer, Button, EmptyState, Toasts } from '~/ui';
import { Home, NotFound } from './home.tsx';
import { PagePlaceholder } from './page-placeholder.tsx';
import { Providers } from './providers.tsx';
import { Shell } from './shell.tsx';

const SetUpPage = lazy(() => import('~/account/set-up-page.tsx'));
const SignInPage = lazy(() => import('~/account/sign-in-page.tsx'));
const AccountPage = lazy(() => import('~/account/account-page.tsx'));
const ProfilePage = lazy(() => import('~/model/profile-page.tsx'));
const HistoryPage = lazy(() => import('~/history/history-page.tsx'));
const ReceiptPage = lazy(() => import('~/receipt/receipt-page.tsx'));
const WalletPage = lazy(() => import('~/wallet/wallet-page.tsx'));
const PaymentPage = lazy(() => import('~/wallet/payment-page.tsx'));
const MessagesPage = lazy(() => import('~/messages/messages-page.tsx'));
const ModelPage = lazy(() => import('~/client/model-page.tsx'));
const EarningsPage = lazy(() => import('~/model/earnings-page.tsx'));
const LivePage = lazy(() => withOperatorTexts(import('~/operator/live-page.tsx')));
const PeoplePage = lazy(() => withOperatorTexts(import('~/operator/people-page.tsx')));
const DisputesPage = lazy(() => withOperatorTexts(import('~/operator/disputes-page.tsx')));
const ReportsPage = lazy(() => withOperatorTexts(import('~/operator/money/reports-page.tsx')));
const VouchersPage = lazy(() => withOperatorTexts(import('~/operator/money/vouchers-page.tsx')));
const BatchPage = lazy(() => withOperatorTexts(import('~/operator/money/batch-page.tsx')));
const PayoutsPage = lazy(() => withOperatorTexts(import('~/operator/money/payouts-page.tsx')));
const PaymentsPage = lazy(() => withOperatorTexts(import('~/operator/money/payments-page.tsx')));

const SelfTestPage = lazy(() => withOperatorTexts(import('~/operator/appliance/self-test-page.tsx')));
const SettingsPage = lazy(() => withOperatorTexts(import('~/operator/appliance/settings-page.tsx')));
const AuditPage = lazy(() => withOperatorTexts(import('~/operator/appliance/audit-page.tsx')));
const DesignPage = lazy(() => withOperatorTexts(import('~/operator/appliance/design-page.tsx')));

export function App() {
  return (
    <Providers>
      <Router root={Root}>
        <Route path="/set-up" component={SetUpPage} />
        <Route path="/sign-in" component={SignInPage} />
        <Route component={Shell}>
          <Route path="/" component={Home} />
          <Route path="/profile" component={ProfilePage} />
          <Route path="/history" component={HistoryPage} />
          <Route path="/messages/:personId?" component={MessagesPage} />
          <Route path="/models/:personId" component={ModelPage} />
          <Route path="/wallet" component={WalletPage} />
          <Route path="/payments/:paymentId" component={PaymentPage} />
          <Route path="/earnings" component={EarningsPage} />
          <Route path="/calls/:callId" component={ReceiptPage} />
          <Route path="/account" component={AccountPage} />
          <Route path="/operator" component={LivePage} />
          <Route path="/operator/people" component={PeoplePage} />
          <Route path="/operator/disputes" component={DisputesPage} />
          <Route path="/operator/money" component={ReportsPage} />
          <Route path="/operator/money/vouchers" component={VouchersPage} />
          <Route path="/operator/money/vouchers/:batchId" component={BatchPage} />
          <Route path="/operator/money/payouts" component={PayoutsPage} />
          <Route path="/operator/money/payments" component={PaymentsPage} />
          <Route path="/operator/studio" component={SelfTestPage} />
          <Route path="/operator/studio/settings" component={SettingsPage} />
          <Route path="/operator/studio/audit" component={AuditPage} />
          <Route path="/operator/studio/design" component={DesignPage} />
          <Route path="*" component={NotFound} />
        </Route>
      </Router>
    </Providers>
  );
}

function Root(props: RouteSectionProps) {
  const session = useSession();
  return (
    <ErrorBoundary fallback={(error) => <Broken error={error} />}>
      <Switch fallback={<Suspense fallback={<PagePlaceholder />}>{props.children}</Suspense>}>
        <Match when={session.state() === 'unknown'}>
          <PagePlaceholder />
        </Match>
        <Match when={session.state() === 'unreachable'}>
          <main class="flex min-h-dvh items-center">
            <EmptyState isPage icon={<WifiOff size={28} />} title={t('app.unreachable')} why={t('app.unreachableWhy')}>
              <Button onClick={() => session.load()}>{t('common.tryAgain')}</Button>
            </EmptyState>
          </main>
        </Match>
      </Switch>
      <Toasts />
      <Announcer />
    </ErrorBoundary>
  );
}

function Broken(props: { error: unknown }) {
  console.error(props.error);
  return (
    <main class="flex min-h-dvh items-center">
      <EmptyState isPage icon={<TriangleAlert size={28} />} title={t('app.brokenPage')} why={t('app.brokenPageWhy')}>
        <Button onClick={() => location.reload()}>{t('app.reload')}</Button>
      </EmptyState>
    </main>
  );
}
