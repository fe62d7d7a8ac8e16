import { Navigate } from '@solidjs/router';
import Compass from 'lucide-solid/icons/compass';
import Lock from 'lucide-solid/icons/lock';
import { lazy, Match, Switch } from 'solid-js';
import { t } from '~/i18n';
import { HOME, roleBefore, useSession } from '~/state';
import { EmptyState, LinkButton } from '~/ui';

const ClientHome = lazy(() => import('~/client/video-calls-page.tsx'));
const ModelHome = lazy(() => import('~/model/dashboard-page.tsx'));

/** Loads the first page of whoever was here last, else of a client, beside the question who is here now. */
export function preloadHome(): void {
  if (location.pathname !== '/') return;
  const role = roleBefore();
  if (role === 'model') void ModelHome.preload();
  else if (role !== 'operator') void ClientHome.preload();
}

/** "/" is each role's own first page. */
export function Home() {
  const session = useSession();
  return (
    <Switch>
      <Match when={session.me()?.role === 'client'}>
        <ClientHome />
      </Match>
      <Match when={session.me()?.role === 'model'}>
        <ModelHome />
      </Match>
      <Match when={session.me()?.role === 'operator'}>
        <Navigate href={HOME.operator} />
      </Match>
    </Switch>
  );
}

/** For an address that belongs to another role. */
export function NotAllowed() {
  return (
    <EmptyState isPage icon={<Lock size={28} />} title={t('app.notAllowed')} why={t('app.notAllowedWhy')}>
      <LinkButton href="/">{t('app.home')}</LinkButton>
    </EmptyState>
  );
}

export function NotFound() {
  return (
    <EmptyState isPage icon={<Compass size={28} />} title={t('app.notFound')} why={t('app.notFoundWhy')}>
      <LinkButton href="/">{t('app.home')}</LinkButton>
    </EmptyState>
  );
}
