import { Route, Router, type RouteSectionProps } from '@solidjs/router';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import WifiOff from 'lucide-solid/icons/wifi-off';
import { ErrorBoundary, lazy, Match, Suspense, Switch } from 'solid-js';
import { t, withOperatorWords } from '~/i18n';
import { Announcer, Button, EmptyState, Toasts } from '~/ui';
import { Home, NotFound } from './Home.tsx';
import { PagePlaceholder } from './PagePlaceholder.tsx';
import { Shell } from './Shell.tsx';
import { ServicesProvider, useServices } from './services.tsx';

const SetUpPage = lazy(() => import('~/account/SetUpPage.tsx'));
const SignInPage = lazy(() => import('~/account/SignInPage.tsx'));
const AccountPage = lazy(() => import('~/account/AccountPage.tsx'));
const ProfilePage = lazy(() => import('~/model/ProfilePage.tsx'));
const HistoryPage = lazy(() => import('~/account/HistoryPage.tsx'));
const ReceiptPage = lazy(() => import('~/call/receipt/ReceiptPage.tsx'));
const WalletPage = lazy(() => import('~/wallet/WalletPage.tsx'));
const PaymentPage = lazy(() => import('~/wallet/PaymentPage.tsx'));
const MessagesPage = lazy(() => import('~/messages/MessagesPage.tsx'));
const ModelPage = lazy(() => import('~/client/ModelPage.tsx'));
const EarningsPage = lazy(() => import('~/model/EarningsPage.tsx'));
const LivePage = lazy(() => withOperatorWords(import('~/operator/LivePage.tsx')));
const PeoplePage = lazy(() => withOperatorWords(import('~/operator/PeoplePage.tsx')));
const DisputesPage = lazy(() => withOperatorWords(import('~/operator/DisputesPage.tsx')));
const ReportsPage = lazy(() => withOperatorWords(import('~/operator/money/ReportsPage.tsx')));
const VouchersPage = lazy(() => withOperatorWords(import('~/operator/money/VouchersPage.tsx')));
const BatchPage = lazy(() => withOperatorWords(import('~/operator/money/BatchPage.tsx')));
const PayoutsPage = lazy(() => withOperatorWords(import('~/operator/money/PayoutsPage.tsx')));
const PaymentsPage = lazy(() => withOperatorWords(import('~/operator/money/PaymentsPage.tsx')));

const SelfTestPage = lazy(() => withOperatorWords(import('~/operator/house/SelfTestPage.tsx')));
const SettingsPage = lazy(() => withOperatorWords(import('~/operator/house/SettingsPage.tsx')));
const AuditPage = lazy(() => withOperatorWords(import('~/operator/house/AuditPage.tsx')));
const DesignPage = lazy(() => withOperatorWords(import('~/operator/house/DesignPage.tsx')));

export function App() {
  return (
    <ServicesProvider>
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
          <Route path="/operator/house" component={SelfTestPage} />
          <Route path="/operator/house/settings" component={SettingsPage} />
          <Route path="/operator/house/audit" component={AuditPage} />
          <Route path="/operator/house/design" component={DesignPage} />
          <Route path="*" component={NotFound} />
        </Route>
      </Router>
    </ServicesProvider>
  );
}

function Root(props: RouteSectionProps) {
  const { session } = useServices();
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
