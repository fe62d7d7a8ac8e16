import type { JSX } from 'solid-js';
import { t } from '~/i18n';
import { PageHead, Tabs } from '~/ui';

/** The head of every page about the house itself, with the way to the others. */
export function HouseFrame(props: { lead: string; aside?: JSX.Element; children: JSX.Element }) {
  return (
    <>
      <PageHead title={t('house.title')} lead={props.lead}>
        {props.aside}
      </PageHead>
      <Tabs
        label={t('house.title')}
        tabs={[
          { href: '/operator/house', words: t('house.tabs.selfTest'), end: true },
          { href: '/operator/house/settings', words: t('house.tabs.settings') },
          { href: '/operator/house/audit', words: t('house.tabs.audit') },
          { href: '/operator/house/design', words: t('house.tabs.design') },
        ]}
      />
      {props.children}
    </>
  );
}
