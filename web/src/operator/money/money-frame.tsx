import type { JSX } from 'solid-js';
import { t } from '~/i18n';
import { PageHead, Tabs } from '~/ui';

/** The head of every page of the money section, with the way to the others. */
export function MoneyFrame(props: { title?: string; lead?: string; aside?: JSX.Element; children: JSX.Element }) {
  return (
    <>
      <PageHead title={props.title ?? t('money.title')} {...(props.lead ? { lead: props.lead } : {})}>
        {props.aside}
      </PageHead>
      <Tabs
        label={t('money.tabs.label')}
        tabs={[
          { href: '/operator/money', label: t('money.tabs.reports'), end: true },
          { href: '/operator/money/payouts', label: t('money.tabs.payouts') },
          { href: '/operator/money/vouchers', label: t('money.tabs.vouchers') },
          { href: '/operator/money/payments', label: t('money.tabs.payments') },
        ]}
      />
      {props.children}
    </>
  );
}
