import { A } from '@solidjs/router';
import { For, type JSX } from 'solid-js';
import { t } from '~/i18n';
import { PageHead } from '~/ui';

const TABS = [
  { href: '/operator/money', words: () => t('money.tabs.reports'), end: true },
  { href: '/operator/money/payouts', words: () => t('money.tabs.payouts'), end: false },
  { href: '/operator/money/vouchers', words: () => t('money.tabs.vouchers'), end: false },
  { href: '/operator/money/payments', words: () => t('money.tabs.payments'), end: false },
];

/** The head of every page of the money section, with the way to the others. */
export function MoneyFrame(props: { title?: string; lead?: string; aside?: JSX.Element; children: JSX.Element }) {
  return (
    <>
      <PageHead title={props.title ?? t('money.title')} {...(props.lead ? { lead: props.lead } : {})}>
        {props.aside}
      </PageHead>
      <nav aria-label={t('money.tabs.label')} class="-mx-5 mb-6 overflow-x-auto px-5 sm:mx-0 sm:px-0 print:hidden">
        <ul class="flex w-max min-w-full gap-1 border-b border-line">
          <For each={TABS}>
            {(tab) => (
              <li>
                <A
                  href={tab.href}
                  end={tab.end}
                  class="-mb-px inline-flex min-h-11 items-center border-b-3 px-3.5 font-medium"
                  activeClass="border-brand text-brand"
                  inactiveClass="border-transparent text-ink-soft hover:text-ink"
                >
                  {tab.words()}
                </A>
              </li>
            )}
          </For>
        </ul>
      </nav>
      {props.children}
    </>
  );
}
