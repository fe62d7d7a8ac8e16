import type { Role } from '@contract/people.ts';
import { A, Navigate, type RouteSectionProps, useLocation, useNavigate } from '@solidjs/router';
import Activity from 'lucide-solid/icons/activity';
import Banknote from 'lucide-solid/icons/banknote';
import Building from 'lucide-solid/icons/building';
import ChartNoAxesColumn from 'lucide-solid/icons/chart-no-axes-column';
import Flag from 'lucide-solid/icons/flag';
import LogOut from 'lucide-solid/icons/log-out';
import MessagesSquare from 'lucide-solid/icons/messages-square';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import SlidersHorizontal from 'lucide-solid/icons/sliders-horizontal';
import UserRound from 'lucide-solid/icons/user-round';
import UsersRound from 'lucide-solid/icons/users-round';
import Video from 'lucide-solid/icons/video';
import Wallet from 'lucide-solid/icons/wallet';
import WifiOff from 'lucide-solid/icons/wifi-off';
import { type Component, createEffect, For, lazy, onCleanup, onMount, Show, Suspense } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { useCall } from '~/call';
import { useHub } from '~/hub';
import { t } from '~/i18n';
import { useUnread } from '~/messages';
import { AwayWarning } from '~/model';
import { keepPush } from '~/push';
import { useSession } from '~/state';
import { TrackerHost } from '~/tracker';
import { Avatar, Button, Wordmark } from '~/ui';
import { carryVoucher } from '~/wallet';
import { isOpenTo } from './access.ts';
import { NotAllowed } from './home.tsx';
import { PagePlaceholder } from './page-placeholder.tsx';

/** By then a page has what it shows, also on a slow network. */
const QUIET_MS = 1_500;

const CallOverlay = lazy(() => import('~/call-screens/call-overlay.tsx'));

type Item = {
  href: string;
  label: () => string;
  icon: Component<{ size?: number }>;
  end?: boolean;
  /** Shows how many lines are unread. */
  countsUnread?: boolean;
};
const messages: Item = { href: '/messages', label: () => t('nav.messages'), icon: MessagesSquare, countsUnread: true };
const account: Item = { href: '/account', label: () => t('nav.account'), icon: UserRound };
const history: Item = { href: '/history', label: () => t('nav.history'), icon: ReceiptText };
const ITEMS: Record<Role, Item[]> = {
  client: [
    { href: '/', label: () => t('nav.videoCalls'), icon: Video, end: true },
    messages,
    { href: '/wallet', label: () => t('nav.wallet'), icon: Wallet },
    history,
    account,
  ],
  model: [
    { href: '/', label: () => t('nav.calls'), icon: Video, end: true },
    messages,
    { href: '/earnings', label: () => t('nav.earnings'), icon: Banknote },
    history,
    { href: '/profile', label: () => t('nav.profile'), icon: SlidersHorizontal },
    account,
  ],
  operator: [
    { href: '/operator', label: () => t('nav.live'), icon: Activity, end: true },
    { href: '/operator/people', label: () => t('nav.people'), icon: UsersRound },
    { href: '/operator/disputes', label: () => t('nav.disputes'), icon: Flag },
    { href: '/operator/money', label: () => t('nav.money'), icon: ChartNoAxesColumn },
    { href: '/operator/studio', label: () => t('nav.studio'), icon: Building },
    account,
  ],
};

/** Around every page of a person who is signed in: navigation, the connection's state, the call over all. */
export function Shell(props: RouteSectionProps) {
  const session = useSession();
  return (
    <Show when={session.me()} fallback={<SignedOut />}>
      {(me) => <Frame role={me().role}>{props.children}</Frame>}
    </Show>
  );
}

function SignedOut() {
  const session = useSession();
  carryVoucher();
  return <Navigate href={session.appliance()?.needsSetUp ? '/set-up' : '/sign-in'} />;
}

function Frame(props: { role: Role; children: RouteSectionProps['children'] }) {
  const session = useSession();
  const call = useCall();
  const location = useLocation();
  const navigate = useNavigate();
  let main!: HTMLElement;
  onMount(() => onCleanup(keepPush(navigate)));
  // The call screen's code is there before the first ring is, and after the page that is looked at.
  createEffect(() => {
    if (props.role === 'operator') return;
    const timer = setTimeout(() => void CallOverlay.preload(), QUIET_MS);
    onCleanup(() => clearTimeout(timer));
  });
  createEffect((before: string | undefined) => {
    if (before !== undefined && before !== location.pathname) main.scrollIntoView?.({ block: 'start' });
    return location.pathname;
  });

  return (
    <>
      <div class="flex min-h-dvh flex-col lg:grid lg:grid-cols-[16rem_1fr] print:block" inert={call.isOnScreen()}>
        <a
          href="#main"
          class="fixed top-2 left-2 z-40 -translate-y-24 rounded-full bg-ink px-5 py-3 text-paper focus:translate-y-0"
        >
          {t('common.skip')}
        </a>
        <SideBar items={ITEMS[props.role]} />
        <div class="min-w-0 flex-1 pb-8 lg:pb-12">
          <header class="flex items-center justify-between gap-3 px-5 pt-4 lg:hidden">
            <Wordmark name={session.appliance()?.name ?? t('app.name')} />
          </header>
          <Reconnecting />
          <CallElsewhere />
          <main
            id="main"
            ref={main}
            tabindex="-1"
            class="mx-auto w-full max-w-[90rem] px-5 pt-6 outline-none sm:px-8 lg:pt-10"
          >
            <Show when={isOpenTo(props.role, location.pathname)} fallback={<NotAllowed />}>
              <Suspense fallback={<PagePlaceholder />}>{props.children}</Suspense>
            </Show>
          </main>
        </div>
        <BottomBar items={ITEMS[props.role]} />
      </div>
      <Show when={props.role === 'model'}>
        <AwayWarning />
      </Show>
      <Show when={props.role !== 'operator'}>
        <TrackerHost />
      </Show>
      <Show when={call.isOnScreen()}>
        <Suspense fallback={<div class="fixed inset-0 z-40 bg-stage" />}>
          <CallOverlay />
        </Suspense>
      </Show>
    </>
  );
}

function Reconnecting() {
  const hub = useHub();
  return (
    <Show when={hub.state() === 'reconnecting'}>
      <p
        role="status"
        class="sticky top-0 z-20 mx-auto mt-3 flex w-fit items-center gap-2 rounded-full bg-brass-soft px-4 py-2 font-medium text-on-brass-soft shadow-card"
      >
        <WifiOff size={18} aria-hidden="true" />
        {t('app.reconnecting')}
      </p>
    </Show>
  );
}

/** A call that another page of this person has, and the way to take it here. */
function CallElsewhere() {
  const call = useCall();
  return (
    <Show when={call.attachment() === 'elsewhere' && call.view()}>
      {(view) => (
        <section
          aria-label={t('call.elsewhereOther')}
          class="mx-5 mt-4 flex flex-wrap items-center justify-between gap-3 rounded-card bg-brand-soft px-5 py-3 text-on-brand-soft sm:mx-8"
        >
          <p class="font-medium">
            {t('call.elsewhereOther')}: {view().peer.displayName}
          </p>
          <Button size="sm" onClick={() => call.attach()}>
            {t('call.takeBack')}
          </Button>
        </section>
      )}
    </Show>
  );
}

function SideBar(props: { items: Item[] }) {
  const session = useSession();
  return (
    <header class="sticky top-0 hidden h-dvh flex-col border-r border-line bg-sunken/60 px-4 py-6 lg:flex print:hidden">
      <div class="px-2">
        <Wordmark name={session.appliance()?.name ?? t('app.name')} />
      </div>
      <nav aria-label={t('app.navigation')} class="mt-9 grid gap-1">
        <For each={props.items}>
          {(item) => (
            <A
              href={item.href}
              end={item.end ?? false}
              class="flex min-h-12 items-center gap-3 rounded-2xl px-4 font-medium transition-colors"
              activeClass="bg-brand text-on-brand"
              inactiveClass="text-ink-soft hover:bg-card hover:text-ink"
            >
              <Dynamic component={item.icon} size={20} aria-hidden="true" />
              <span class="flex-1">{item.label()}</span>
              <Unread item={item} />
            </A>
          )}
        </For>
      </nav>
      <Show when={session.me()}>
        {(me) => (
          <div class="mt-auto flex items-center gap-3 rounded-2xl px-2 py-2">
            <Avatar name={me().displayName} personId={me().personId} pictureUrl={me().pictureUrl} size="sm" />
            <div class="min-w-0 flex-1">
              <p class="truncate font-medium">{me().displayName}</p>
              <p class="truncate text-sm text-ink-soft">{t(`role.${me().role}`)}</p>
            </div>
            <button
              type="button"
              aria-label={t('app.signOut')}
              title={t('app.signOut')}
              onClick={() => session.signOut()}
              class="flex size-11 items-center justify-center rounded-full text-ink-soft hover:bg-card hover:text-ink"
            >
              <LogOut size={20} aria-hidden="true" />
            </button>
          </div>
        )}
      </Show>
    </header>
  );
}

function Unread(props: { item: Item }) {
  const unread = useUnread();
  return (
    <Show when={props.item.countsUnread && unread.count() > 0}>
      <span class="figures inline-flex min-w-5.5 items-center justify-center rounded-full bg-danger px-1.5 text-xs leading-5.5 font-semibold text-on-danger">
        {unread.count()}
        <span class="sr-only"> {t('messages.unread')}</span>
      </span>
    </Show>
  );
}

function BottomBar(props: { items: Item[] }) {
  return (
    <nav
      aria-label={t('app.navigation')}
      class="safe-bottom sticky bottom-0 z-30 flex flex-wrap border-t border-line bg-card/95 px-1 pt-1.5 backdrop-blur sm:px-2 [--safe-min:0.375rem] lg:hidden print:hidden"
    >
      <For each={props.items}>
        {(item) => (
          <A
            href={item.href}
            end={item.end ?? false}
            class="group flex min-h-14 min-w-max flex-1 basis-0 flex-col items-center justify-center gap-0.5 px-0.5 text-[0.65rem] font-medium tracking-tight min-[22.5rem]:text-[0.7rem] min-[25rem]:text-xs"
            activeClass="is-active text-brand"
            inactiveClass="text-ink-soft"
          >
            <span class="relative flex h-7 w-full max-w-14 items-center justify-center rounded-full group-[.is-active]:bg-brand-soft">
              <Dynamic component={item.icon} size={21} aria-hidden="true" />
              <span class="absolute -top-1 right-1">
                <Unread item={item} />
              </span>
            </span>
            <span>{item.label()}</span>
          </A>
        )}
      </For>
    </nav>
  );
}
